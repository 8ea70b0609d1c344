#include "contract/diff.h"

#include <gtest/gtest.h>

#include "contract/contract_fixture.h"
#include "contract/parse.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// "code" without "contract.diff_", with "!" where it breaks.
std::vector<std::string> DiffOf(const std::string& before, const std::string& after) {
  std::vector<std::string> out;
  for (const Difference& difference : DiffContracts(Parsed(before), Parsed(after))) {
    out.push_back(difference.item.code().substr(14) + (difference.breaking ? "!" : ""));
  }
  return out;
}

std::vector<std::string> DiffOfProperty(const std::string& before, const std::string& after) {
  return DiffOf(PropertyText(before), PropertyText(after));
}

std::vector<std::string> DiffOfOptions(const std::string& type, const std::string& before,
                                       const std::string& after) {
  const auto text = [&](const std::string& options) {
    return "logicalType: " + type + ", logicalTypeOptions: {" + options + "}";
  };
  return DiffOfProperty(text(before), text(after));
}

using Items = std::vector<std::string>;

TEST(DiffContracts, FindsNothingWhereOnlyTheLayoutDiffers) {
  EXPECT_EQ(
      DiffOfProperty("logicalType: string, required: true", "required: true, logicalType: string"),
      Items{});
  EXPECT_TRUE(Compatible({}));
}

TEST(DiffContracts, TellsNewAndRemovedProperties) {
  const std::string one = ContractText("      - {name: a, logicalType: string}\n");
  const auto two = [](const std::string& words) {
    return ContractText(
        "      - {name: a, logicalType: string}\n      - {name: b, logicalType: string, " + words +
        "}\n");
  };
  EXPECT_EQ(DiffOf(one, two("required: false")), Items{"added"});
  EXPECT_EQ(DiffOf(one, two("required: true")), Items{"added_required!"});
  EXPECT_EQ(
      DiffOf(one, two("required: true, customProperties: [{property: eclusa.default, value: x}]")),
      Items{"added"});
  EXPECT_EQ(DiffOf(two("required: true"), one), Items{"removed"});
}

TEST(DiffContracts, BreaksWhereARemovedColumnIsRefused) {
  const std::string refuse =
      "    customProperties:\n      - {property: eclusa.unknownColumns, value: refuse}\n";
  EXPECT_EQ(DiffOf(ContractText("      - {name: a, logicalType: string}\n"
                                "      - {name: b, logicalType: string}\n",
                                refuse),
                   ContractText("      - {name: a, logicalType: string}\n", refuse)),
            Items{"removed!"});
}

TEST(DiffContracts, FollowsARenamedPropertyThatAnswersToItsOldName) {
  EXPECT_EQ(DiffOf(ContractText("      - {name: a, logicalType: string}\n"),
                   ContractText("      - {name: b, logicalType: string, physicalName: a, "
                                "customProperties: [{property: eclusa.from, value: a}]}\n")),
            (Items{"word", "word"}));
}

TEST(DiffContracts, TellsRequired) {
  EXPECT_EQ(DiffOfProperty("logicalType: string", "logicalType: string, required: true"),
            Items{"required!"});
  EXPECT_EQ(DiffOfProperty("logicalType: string, required: true", "logicalType: string"),
            Items{"optional"});
  EXPECT_EQ(DiffOfProperty("logicalType: string", "logicalType: string, unique: true"),
            Items{"word!"});
}

TEST(DiffContracts, TellsWiderTypesFromNarrowerOnes) {
  const auto types = [](const std::string& before, const std::string& after) {
    return DiffOfProperty("physicalType: '" + before + "'", "physicalType: '" + after + "'");
  };
  EXPECT_EQ(types("integer", "bigint"), Items{"type"});
  EXPECT_EQ(types("bigint", "integer"), Items{"type!"});
  EXPECT_EQ(types("integer", "numeric(12,2)"), Items{"type"});
  EXPECT_EQ(types("integer", "numeric(11,2)"), Items{"type!"});
  EXPECT_EQ(types("numeric(12,2)", "numeric(14,2)"), Items{"type"});
  EXPECT_EQ(types("numeric(12,2)", "numeric(14,1)"), Items{"type!"});
  EXPECT_EQ(types("numeric(12,2)", "numeric"), Items{"type"});
  EXPECT_EQ(types("varchar(10)", "varchar(20)"), Items{"type"});
  EXPECT_EQ(types("varchar(20)", "varchar(10)"), Items{"type!"});
  EXPECT_EQ(types("varchar(10)", "text"), Items{"type"});
  EXPECT_EQ(types("text", "varchar(10)"), Items{"type!"});
  EXPECT_EQ(types("date", "integer"), Items{"type!"});
  EXPECT_EQ(types("timestamp(3)", "timestamp"), Items{"type"});
  EXPECT_EQ(DiffOfProperty("logicalType: integer", "logicalType: number"), Items{"type"});
  EXPECT_EQ(DiffOfProperty("logicalType: number", "logicalType: integer"), Items{"type!"});
  EXPECT_EQ(DiffOfProperty("logicalType: date", "logicalType: string"), Items{"type"});
}

TEST(DiffContracts, TellsWhatBecomesOfDocumentsAndDates) {
  const auto document = [](const std::string& words) {
    return "logicalType: string, logicalTypeOptions: {format: cpf}, customProperties: [" + words +
           "]";
  };
  const std::string pad = "{property: eclusa.lostZeros, value: pad}";
  const std::string accept = "{property: eclusa.otherDocument, value: accept}";
  const std::string refuse = "{property: eclusa.placeholderCpf, value: reject}";
  for (const std::string& word : {pad, accept}) {
    EXPECT_EQ(DiffOfProperty(document(""), document(word)), Items{"word"}) << word;
    EXPECT_EQ(DiffOfProperty(document(word), document("")), Items{"word!"}) << word;
  }
  EXPECT_EQ(DiffOfProperty(document(""), document(refuse)), Items{"word!"});
  EXPECT_EQ(DiffOfProperty(document(refuse), document("")), Items{"word"});
  EXPECT_EQ(DiffOfOptions("string", "format: uf", "format: ibge"), Items{"rule_tightened!"});
  const auto dated = [](int pivot) {
    return "logicalType: date, logicalTypeOptions: {format: dd/MM/yy}, customProperties: "
           "[{property: eclusa.pivotYear, value: " +
           std::to_string(pivot) + "}]";
  };
  EXPECT_EQ(DiffOfProperty(dated(1930), dated(1950)), Items{"word!"});
  EXPECT_EQ(DiffOfProperty("logicalType: date",
                           "logicalType: date, customProperties: [{property: "
                           "eclusa.zeroDateAsNull, value: true}]"),
            Items{"word!"});
  const std::string plain = ContractText("      - {name: a, logicalType: string}\n");
  EXPECT_EQ(DiffOf(plain, DatasetWordText("eclusa.dialect", "{booleans: pt}")), Items{"word"});
  EXPECT_EQ(DiffOf(DatasetWordText("eclusa.dialect", "{booleans: pt}"), plain), Items{"word!"});
  EXPECT_EQ(DiffOf(plain, DatasetWordText("eclusa.zeroDateAsNull", "true")), Items{"word!"});
}

TEST(DiffContracts, TellsTighterRulesFromLooserOnes) {
  EXPECT_EQ(DiffOfOptions("string", "maxLength: 10", "maxLength: 9"), Items{"rule_tightened!"});
  EXPECT_EQ(DiffOfOptions("string", "maxLength: 9", "maxLength: 10"), Items{"rule_loosened"});
  EXPECT_EQ(DiffOfOptions("string", "", "maxLength: 9"), Items{"rule_added!"});
  EXPECT_EQ(DiffOfOptions("string", "maxLength: 9", ""), Items{"rule_removed"});
  EXPECT_EQ(DiffOfOptions("number", "minimum: 1.50", "minimum: 1.5"), Items{"rule_loosened"});
  EXPECT_EQ(DiffOfOptions("number", "minimum: -2", "minimum: -1"), Items{"rule_tightened!"});
  EXPECT_EQ(DiffOfOptions("date", "maximum: 2024-12-31", "maximum: 2025-12-31"),
            Items{"rule_loosened"});
  EXPECT_EQ(DiffOfOptions("string", "format: cpf", "format: cpf_or_cnpj"), Items{"rule_loosened"});
  EXPECT_EQ(DiffOfOptions("string", "format: cpf_or_cnpj", "format: cpf"),
            Items{"rule_tightened!"});
  EXPECT_EQ(DiffOfOptions("string", "pattern: a", "pattern: b"), Items{"rule_tightened!"});
}

TEST(DiffContracts, ComparesListsAsSets) {
  const auto lists = [](const std::string& before, const std::string& after) {
    const auto text = [](const std::string& list) {
      return "logicalType: string, quality: [{metric: invalidValues, mustBe: 0, arguments: "
             "{validValues: "
             "[" +
             list + "]}}]";
    };
    return DiffOfProperty(text(before), text(after));
  };
  EXPECT_EQ(lists("a, b", "a, b, c"), Items{"rule_loosened"});
  EXPECT_EQ(lists("a, b", "a, c"), Items{"rule_tightened!"});
}

TEST(DiffContracts, KnowsThatAFlagLetsThrough) {
  const auto text = [](const std::string& what) {
    return "logicalType: string, logicalTypeOptions: {maxLength: 5}, customProperties: [{property: "
           "eclusa.onViolation, value: " +
           what + "}]";
  };
  EXPECT_EQ(DiffOfProperty(text("reject"), text("flag")), Items{"rule_loosened"});
  EXPECT_EQ(DiffOfProperty(text("flag"), text("reject")), Items{"rule_tightened!"});
  EXPECT_EQ(DiffOfProperty("logicalType: string", text("flag")), Items{"rule_added"});
}

TEST(DiffContracts, TellsWhatIsDoneToValues) {
  const auto word = [](const std::string& name, const std::string& before,
                       const std::string& after) {
    return DiffOf(PropertyWordText(name, before), PropertyWordText(name, after));
  };
  EXPECT_EQ(word("eclusa.round", "true", "false"), Items{"word!"});
  EXPECT_EQ(word("eclusa.round", "false", "true"), Items{"word"});
  EXPECT_EQ(word("eclusa.upper", "false", "true"), Items{"word"});
  EXPECT_EQ(word("eclusa.from", "[b, c]", "[b]"), Items{"word!"});
  EXPECT_EQ(word("eclusa.from", "[b]", "[b, c]"), Items{"word"});
}

TEST(DiffContracts, TellsWordsOfTheDataset) {
  const auto word = [](const std::string& name, const std::string& before,
                       const std::string& after) {
    return DiffOf(DatasetWordText("eclusa." + name, before),
                  DatasetWordText("eclusa." + name, after));
  };
  EXPECT_EQ(word("unknownColumns", "list", "refuse"), Items{"word!"});
  EXPECT_EQ(word("unknownColumns", "refuse", "list"), Items{"word"});
  EXPECT_EQ(word("maxFailures", "10", "9"), Items{"word!"});
  EXPECT_EQ(word("maxFailures", "9", "unlimited"), Items{"word"});
  EXPECT_EQ(word("maxFailures", "10", "1%"), Items{"word!"});
  EXPECT_EQ(word("maxFailures", "{perCode: {row.columns: 5}}", "{perCode: {row.columns: 4}}"),
            Items{"word!"});
  EXPECT_EQ(word("dialect", "{delimiter: ;}", "{delimiter: \",\"}"), Items{"word!"});
  EXPECT_EQ(word("dialect", "{pointer: /a}", "{pointer: /b}"), Items{"word!"});
  EXPECT_EQ(
      word("dialect", "{datePatterns: dd/MM/yyyy}", "{datePatterns: [dd/MM/yyyy, yyyy-MM-dd]}"),
      Items{"word"});
  EXPECT_EQ(word("tenantColumns", "a", "b"), Items{"word!"});
  EXPECT_EQ(word("rowsPerPart", "1", "2"), Items{"word"});
  EXPECT_EQ(word("counter", "a", "b"), Items{"word"});
  EXPECT_EQ(word("maxFileBytes", "1", "2"), Items{"word"});
  EXPECT_EQ(word("maxFileBytes", "2", "1"), Items{"word!"});
}

TEST(DiffContracts, TellsRulesOfTheSet) {
  const auto rows = [](const std::string& before, const std::string& after) {
    const auto text = [](const std::string& rule) {
      return ContractText("      - {name: a, logicalType: string}\n",
                          "    quality: [" + rule + "]\n");
    };
    return DiffOf(text(before), text(after));
  };
  EXPECT_EQ(rows("", "{metric: rowCount, mustBeGreaterThan: 0}"), Items{"rule_added!"});
  EXPECT_EQ(rows("{metric: rowCount, mustBeGreaterThan: 0}", ""), Items{"rule_removed"});
  EXPECT_EQ(
      rows("{metric: rowCount, mustBeGreaterThan: 0}", "{metric: rowCount, mustBeGreaterThan: 9}"),
      Items{"word!"});
  EXPECT_EQ(
      rows("{metric: rowCount, mustBeGreaterThan: 9}", "{metric: rowCount, mustBeGreaterThan: 0}"),
      Items{"word"});
}

}  // namespace
}  // namespace eclusa
