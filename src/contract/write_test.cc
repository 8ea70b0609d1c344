#include "contract/write.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "contract/contract_fixture.h"
#include "contract/parse.h"
#include "model/codes.h"

namespace eclusa {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::filesystem::path Source() {
  const char* source = std::getenv("ECLUSA_SOURCE");
  return source == nullptr ? std::filesystem::path() : std::filesystem::path(source);
}

void ExpectSameRule(const Rule& left, const Rule& right) {
  EXPECT_EQ(left.kind, right.kind);
  EXPECT_EQ(left.text, right.text);
  EXPECT_EQ(left.list, right.list);
  EXPECT_EQ(left.format, right.format);
  EXPECT_EQ(left.on_violation, right.on_violation);
  EXPECT_EQ(left.flag_column, right.flag_column);
  EXPECT_EQ(left.counter, right.counter);
  EXPECT_EQ(left.kept, right.kept);
}

void ExpectSameProperty(const Property& left, const Property& right) {
  EXPECT_EQ(left.name, right.name);
  EXPECT_EQ(left.from, right.from);
  EXPECT_EQ(left.join, right.join);
  EXPECT_EQ(left.column, right.column);
  EXPECT_EQ(left.logical_type, right.logical_type);
  EXPECT_EQ(left.item_type, right.item_type);
  EXPECT_EQ(left.physical_type_name, right.physical_type_name);
  EXPECT_EQ(left.required, right.required);
  EXPECT_EQ(left.counter, right.counter);
  EXPECT_EQ(left.unique, right.unique);
  EXPECT_EQ(left.key_position, right.key_position);
  EXPECT_EQ(left.description, right.description);
  ASSERT_EQ(left.rules.size(), right.rules.size()) << left.name;
  for (size_t i = 0; i < left.rules.size(); ++i) ExpectSameRule(left.rules[i], right.rules[i]);
  EXPECT_EQ(left.date_patterns, right.date_patterns);
  EXPECT_EQ(left.trim, right.trim);
  EXPECT_EQ(left.upper, right.upper);
  EXPECT_EQ(left.unaccent, right.unaccent);
  EXPECT_EQ(left.empty_as_null, right.empty_as_null);
  EXPECT_EQ(left.round, right.round);
  EXPECT_EQ(left.truncate, right.truncate);
  EXPECT_EQ(left.pad_zeros, right.pad_zeros);
  EXPECT_EQ(left.accept_other_document, right.accept_other_document);
  EXPECT_EQ(left.refuse_placeholder, right.refuse_placeholder);
  EXPECT_EQ(left.zero_date_as_null, right.zero_date_as_null);
  EXPECT_EQ(left.pivot_year, right.pivot_year);
  EXPECT_EQ(left.no_update, right.no_update);
  EXPECT_EQ(left.time_zone, right.time_zone);
  EXPECT_EQ(left.default_value, right.default_value);
  EXPECT_EQ(left.constant, right.constant);
  EXPECT_EQ(left.kept, right.kept);
}

void ExpectSame(const Contract& left, const Contract& right) {
  EXPECT_EQ(left.id, right.id);
  EXPECT_EQ(left.name, right.name);
  EXPECT_EQ(left.version, right.version);
  EXPECT_EQ(left.status, right.status);
  EXPECT_EQ(left.dataset, right.dataset);
  EXPECT_EQ(left.description, right.description);
  EXPECT_EQ(left.path, right.path);
  EXPECT_EQ(left.digest, right.digest);
  EXPECT_EQ(left.target, right.target);
  ASSERT_EQ(left.properties.size(), right.properties.size());
  for (size_t i = 0; i < left.properties.size(); ++i) {
    ExpectSameProperty(left.properties[i], right.properties[i]);
  }
  ASSERT_EQ(left.set_rules.size(), right.set_rules.size());
  for (size_t i = 0; i < left.set_rules.size(); ++i) {
    EXPECT_EQ(left.set_rules[i].properties, right.set_rules[i].properties);
    EXPECT_EQ(left.set_rules[i].at_least, right.set_rules[i].at_least);
    EXPECT_EQ(left.set_rules[i].at_most, right.set_rules[i].at_most);
    EXPECT_EQ(left.set_rules[i].kept, right.set_rules[i].kept);
  }
  EXPECT_EQ(left.dialect.encoding, right.dialect.encoding);
  EXPECT_EQ(left.dialect.delimiter, right.dialect.delimiter);
  EXPECT_EQ(left.dialect.null_markers, right.dialect.null_markers);
  EXPECT_EQ(left.dialect.pivot_year, right.dialect.pivot_year);
  EXPECT_EQ(left.dialect.pointer, right.dialect.pointer);
  EXPECT_EQ(left.dialect.portuguese_booleans, right.dialect.portuguese_booleans);
  EXPECT_EQ(left.zero_date_as_null, right.zero_date_as_null);
  EXPECT_EQ(left.when_absent, right.when_absent);
  EXPECT_EQ(left.unknown_columns, right.unknown_columns);
  EXPECT_EQ(left.tenant_columns, right.tenant_columns);
  EXPECT_EQ(left.max_failures.rows, right.max_failures.rows);
  EXPECT_EQ(left.max_failures.percent, right.max_failures.percent);
  EXPECT_EQ(left.provenance_columns, right.provenance_columns);
  EXPECT_EQ(left.kept, right.kept);
  EXPECT_EQ(left.dataset_kept, right.dataset_kept);
}

void ExpectRoundTrip(const std::string& text) {
  const Contract contract = Parsed(text);
  const std::string written = WriteContract(contract);
  const Contract again = Parsed(written);
  EXPECT_EQ(WriteContract(again), written);
  ExpectSame(contract, again);
}

TEST(WriteContract, GivesTheExamplesBack) {
  const auto folder = Source() / "examples" / "contracts";
  ASSERT_TRUE(std::filesystem::is_directory(folder)) << folder << ": run by ctest";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path());
    ExpectRoundTrip(ReadFile(entry.path()));
  }
}

TEST(WriteContract, GivesRulesBackWhereverTheyStood) {
  ExpectRoundTrip(PropertyText(
      "logicalType: string, logicalTypeOptions: {pattern: 'a: \"b\"', format: cpf}, quality: "
      "[{metric: invalidValues, mustBe: 0, arguments: {pattern: c, validValues: [x, 'true']}, "
      "description: why}, {metric: nullValues, mustBe: 0, severity: error, customProperties: "
      "[{property: eclusa.onViolation, value: flag}, {property: eclusa.counter, value: n}, "
      "{property: "
      "soda, value: 1}]}, {type: text, description: by hand}], customProperties: [{property: "
      "eclusa.onViolation, value: null}, {property: other, value: [1, {b: 2}]}]"));
}

TEST(WriteContract, GivesAPatternBackThatDoesOtherThanTheLimits) {
  // The pattern of the quality rule rejects, the one of the options flags.
  ExpectRoundTrip(PropertyText(
      "logicalType: string, logicalTypeOptions: {pattern: a}, quality: [{metric: invalidValues, "
      "mustBe: 0, arguments: {pattern: b}, customProperties: [{property: eclusa.onViolation, "
      "value: "
      "reject}]}], customProperties: [{property: eclusa.onViolation, value: flag}]"));
}

TEST(WriteContract, GivesEveryDatasetWordBack) {
  for (const auto& [word, value] : std::vector<std::pair<std::string, std::string>>{
           {"eclusa.path", "/a"},
           {"eclusa.mode", "replace"},
           {"eclusa.tenantColumns", "[a, 'b c']"},
           {"eclusa.versionColumn", "v"},
           {"eclusa.operationColumn", "op"},
           {"eclusa.strictOperations", "true"},
           {"eclusa.duplicates", "highest_version"},
           {"eclusa.maxFailures", "{total: 3, perFile: 0.5%, perCode: {row.columns: unlimited}}"},
           {"eclusa.whenAbsent", "null"},
           {"eclusa.unknownColumns", "ignore"},
           {"eclusa.cascade", "allowed"},
           {"eclusa.counter", "n"},
           {"eclusa.rowsPerPart", "7"},
           {"eclusa.maxFileBytes", "68719476736"},
           {"eclusa.provenanceColumns", "[load_id, row]"},
           {"eclusa.zeroDateAsNull", "true"},
           {"eclusa.dialect",
            "{datePatterns: dd/MM/yy, pivotYear: 1950, booleans: pt, pointer: /a~1b}"},
           {"eclusa.dialect",
            "{delimiter: \"\\t\", quote: \"\\\"\", header: false, nullMarkers: ['']}"}}) {
    SCOPED_TRACE(word);
    const std::string text = DatasetWordText(word, value);
    ExpectRoundTrip(text);
    EXPECT_NE(WriteContract(Parsed(text)).find(word), std::string::npos);
  }
}

TEST(WriteContract, GivesTheBrazilianWordsBack) {
  const auto text = [](const std::string& pad) {
    return ContractText(
        "      - {name: a, logicalType: string, logicalTypeOptions: {format: cpf}, "
        "customProperties: [" +
        pad +
        ", {property: eclusa.otherDocument, value: accept}, "
        "{property: eclusa.placeholderCpf, value: reject}]}\n"
        "      - {name: b, logicalType: date, logicalTypeOptions: {format: dd/MM/yy}, "
        "customProperties: [{property: eclusa.pivotYear, value: 1930}, "
        "{property: eclusa.zeroDateAsNull, value: false}]}\n"
        "      - {name: c, logicalType: string, logicalTypeOptions: {format: ibge}}\n");
  };
  const std::string lost = text("{property: eclusa.lostZeros, value: pad}");
  ExpectRoundTrip(lost);
  // Two spellings of one thing are one contract.
  EXPECT_EQ(Parsed(lost).digest, Parsed(text("{property: eclusa.padZeros, value: true}")).digest);
}

TEST(WriteContract, QuotesNamesThatNeedIt) {
  const std::string written = WriteContract(
      Parsed(ContractText("      - {name: 'a b', logicalType: string, physicalName: 'true'}\n",
                          "    physicalName: '\"S x\".T'\n")));
  EXPECT_NE(written.find("physicalName: \"\\\"S x\\\".t\""), std::string::npos) << written;
  EXPECT_NE(written.find("name: \"a b\""), std::string::npos);
  EXPECT_NE(written.find("physicalName: \"true\""), std::string::npos);
}

TEST(DigestOf, DoesNotDependOnLayout) {
  const Contract first =
      Parsed(ContractText("      - {name: a, logicalType: string, required: true, tags: [x]}\n"));
  const Contract second =
      Parsed(ContractText("      # a comment\n      - tags:\n          - \"x\"\n        required: "
                          "true\n        name: 'a'\n"
                          "        logicalType: \"string\"\n        primaryKey: false\n"));
  EXPECT_EQ(first.digest, second.digest);
}

TEST(DigestOf, ChangesWithEveryWord) {
  const Contract first = Parsed(PropertyText("logicalType: string"));
  EXPECT_NE(first.digest, Parsed(PropertyText("logicalType: string, required: true")).digest);
  EXPECT_NE(first.digest, Parsed(PropertyText("logicalType: string, tags: [x]")).digest);
  EXPECT_NE(first.digest, Parsed(PropertyText("logicalType: integer")).digest);
}

TEST(DigestOf, IsTheSha256OfTheText) {
  Contract contract;
  contract.id = "x";
  contract.version = "1";
  contract.dataset = "t";
  contract.target = {"", "t"};
  EXPECT_EQ(
      WriteContract(contract),
      "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: \"1\"\nstatus: active\nschema:\n"
      "  - name: t\n    logicalType: object\n    physicalName: t\n    properties: []\n");
  EXPECT_EQ(DigestOf(contract), "edc9b0b2173075b422d30e445a8c187381fe8a15ba456bab11fa5ac1133a19b3");
}

TEST(ContractCorpus, NeverBreaksAndRoundTrips) {
  const auto folder = Source() / "fuzz" / "corpus" / "contract";
  ASSERT_TRUE(std::filesystem::is_directory(folder)) << folder << ": run by ctest";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path());
    ++files;
    const ParsedContract parsed = ParseContract(ReadFile(entry.path()));
    EXPECT_EQ(parsed.contract.has_value(), parsed.errors.empty());
    if (!parsed.contract) continue;
    const std::string written = WriteContract(*parsed.contract);
    EXPECT_EQ(WriteContract(Parsed(written)), written);
  }
  EXPECT_GE(files, 20);
}

}  // namespace
}  // namespace eclusa
