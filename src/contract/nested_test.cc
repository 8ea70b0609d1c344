// Contracts of nested documents: read, written back, compared with their tables. Their differences:
// nested_diff_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "contract/contract_fixture.h"
#include "contract/parse.h"
#include "contract/write.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr const char* kUp = "[{property: eclusa.parentColumns, value: up}]";

// A list between braces; `words` are further words of its items.
std::string FlowList(const std::string& name, const std::string& properties,
                     const std::string& custom = kUp, const std::string& words = "") {
  return "{name: " + name + ", logicalType: array, items: {logicalType: object, " + words +
         "customProperties: " + custom + ", properties: [" + properties + "]}}";
}

// The same as a property of the root, on one line.
std::string ListText(const std::string& name, const std::string& properties,
                     const std::string& custom = kUp, const std::string& words = "") {
  return "      - " + FlowList(name, properties, custom, words) + "\n";
}

std::vector<std::string> NamesOf(const Contract& table) {
  std::vector<std::string> names;
  for (const Property& property : table.properties) names.push_back(property.QualifiedName());
  return names;
}

std::vector<std::string> ListsOf(const Contract& table) {
  std::vector<std::string> names;
  for (const ChildDataset& child : table.children) names.push_back(child.QualifiedName());
  return names;
}

void ExpectSameTable(const Contract& left, const Contract& right) {
  EXPECT_EQ(left.dataset, right.dataset);
  EXPECT_EQ(left.description, right.description);
  EXPECT_EQ(left.target, right.target);
  EXPECT_EQ(left.dataset_kept, right.dataset_kept);
  EXPECT_EQ(NamesOf(left), NamesOf(right));
  ASSERT_EQ(left.objects.size(), right.objects.size());
  for (size_t i = 0; i < left.objects.size(); ++i) {
    EXPECT_EQ(left.objects[i].path, right.objects[i].path);
    EXPECT_EQ(left.objects[i].description, right.objects[i].description);
    EXPECT_EQ(left.objects[i].kept, right.objects[i].kept);
  }
  ASSERT_EQ(left.properties.size(), right.properties.size());
  for (size_t i = 0; i < left.properties.size(); ++i) {
    EXPECT_EQ(left.properties[i].column, right.properties[i].column);
    EXPECT_EQ(left.properties[i].inside, right.properties[i].inside);
    EXPECT_EQ(left.properties[i].from, right.properties[i].from);
    EXPECT_EQ(left.properties[i].kept, right.properties[i].kept);
    EXPECT_EQ(left.properties[i].order, right.properties[i].order);
    EXPECT_EQ(left.properties[i].key_position, right.properties[i].key_position);
  }
  ASSERT_EQ(left.set_rules.size(), right.set_rules.size());
  for (size_t i = 0; i < left.set_rules.size(); ++i) {
    EXPECT_EQ(left.set_rules[i].properties, right.set_rules[i].properties);
  }
  ASSERT_EQ(ListsOf(left), ListsOf(right));
  for (size_t i = 0; i < left.children.size(); ++i) {
    const ChildDataset& one = left.children[i];
    const ChildDataset& other = right.children[i];
    EXPECT_EQ(one.from, other.from);
    EXPECT_EQ(one.parent_columns, other.parent_columns);
    EXPECT_EQ(one.parent_key, other.parent_key);
    EXPECT_EQ(one.required, other.required);
    EXPECT_EQ(one.list, other.list);
    EXPECT_EQ(one.failure, other.failure);
    EXPECT_EQ(one.kept, other.kept);
    ExpectSameTable(one.dataset, other.dataset);
  }
}

void ExpectNestedRoundTrip(const std::string& text) {
  const Contract contract = Parsed(text);
  const std::string written = WriteContract(contract);
  const Contract again = Parsed(written);
  EXPECT_EQ(WriteContract(again), written);
  EXPECT_EQ(contract.digest, again.digest);
  ExpectSameTable(contract, again);
}

using Names = std::vector<std::string>;

TEST(NestedContract, FlattensObjectsIntoColumnsOfTheSameTable) {
  const Contract contract = Parsed(ContractText(
      "      - {name: a, logicalType: string}\n"
      "      - name: endereco\n"
      "        logicalType: object\n"
      "        description: onde fica\n"
      "        tags: [x]\n"
      "        properties:\n"
      "          - {name: cidade, logicalType: string}\n"
      "          - name: mapa\n"
      "            logicalType: object\n"
      "            properties:\n"
      "              - {name: lat, logicalType: number, physicalName: latitude}\n"
      "          - {name: uf, logicalType: string, customProperties: [{property: eclusa.from, "
      "value: estado}]}\n"
      "      - {name: b, logicalType: string}\n"));
  EXPECT_EQ(NamesOf(contract),
            (Names{"a", "endereco.cidade", "endereco.mapa.lat", "endereco.uf", "b"}));
  const Property* latitude = contract.FindByName("endereco.mapa.lat");
  ASSERT_NE(latitude, nullptr);
  EXPECT_EQ(latitude->name, "lat");
  EXPECT_EQ(latitude->inside, (Names{"endereco", "mapa"}));
  EXPECT_EQ(latitude->column, "latitude");
  EXPECT_EQ(contract.properties[1].column, "cidade");
  EXPECT_EQ(contract.properties[3].from, Names{"estado"});
  EXPECT_EQ(contract.properties[4].order, 5);
  ASSERT_EQ(contract.objects.size(), 1);
  EXPECT_EQ(contract.objects[0].path, Names{"endereco"});
  EXPECT_EQ(contract.objects[0].description, "onde fica");
  EXPECT_EQ(contract.objects[0].kept, (std::vector<KeptWord>{{"tags", "[x]"}}));
  EXPECT_EQ(contract.FindByName("lat"), nullptr);
}

TEST(NestedContract, MakesATableOfAnArrayOfObjects) {
  const Contract contract = Parsed(ContractText(
      std::string(kRoot) +
      "      - name: contatos\n"
      "        logicalType: array\n"
      "        description: pessoas\n"
      "        required: true\n"
      "        customProperties: [{property: eclusa.from, value: [contacts]}]\n"
      "        items:\n"
      "          logicalType: object\n"
      "          physicalName: ns.contatos\n"
      "          customProperties:\n"
      "            - {property: eclusa.parentColumns, value: [id_pessoa]}\n"
      "            - {property: eclusa.children, value: replace}\n"
      "            - {property: eclusa.onChildFailure, value: itself}\n"
      "          quality:\n"
      "            - {metric: duplicateValues, mustBe: 0, arguments: {properties: [nome]}}\n"
      "          properties:\n"
      "            - {name: id, logicalType: string, physicalType: uuid, primaryKey: true}\n"
      "            - {name: nome, logicalType: string}\n"));
  EXPECT_EQ(NamesOf(contract), Names{"pk"});
  ASSERT_EQ(contract.children.size(), 1);
  const ChildDataset& child = contract.children[0];
  EXPECT_EQ(child.name, "contatos");
  EXPECT_EQ(child.from, Names{"contacts"});
  EXPECT_EQ(child.parent_columns, Names{"id_pessoa"});
  EXPECT_EQ(child.parent_key, Names{"pk"});
  EXPECT_TRUE(child.required);
  EXPECT_EQ(child.list, ListMeans::kReplaces);
  EXPECT_EQ(child.failure, ChildFailure::kItself);
  EXPECT_EQ(child.line, 10);
  EXPECT_EQ(child.dataset.dataset, "contatos");
  EXPECT_EQ(child.dataset.description, "pessoas");
  EXPECT_EQ(child.dataset.target, (TableName{"ns", "contatos"}));
  EXPECT_EQ(child.dataset.KeyColumns(), Names{"id"});
  EXPECT_EQ(child.dataset.set_rules.at(0).properties, Names{"nome"});
  EXPECT_EQ(child.dataset.status, "");
}

TEST(NestedContract, LeavesListsAloneUnlessItSaysOtherwise) {
  const Contract contract = Parsed(ContractText(kRoot + ListText("l", kKey)));
  ASSERT_EQ(contract.children.size(), 1);
  EXPECT_EQ(contract.children[0].list, ListMeans::kAdds);
  EXPECT_EQ(contract.children[0].failure, ChildFailure::kDocument);
  EXPECT_FALSE(contract.children[0].required);
  EXPECT_EQ(contract.children[0].dataset.target, (TableName{"", "l"}));
}

TEST(NestedContract, KeepsObjectsWithoutPropertiesAsValues) {
  const Contract contract = Parsed(
      ContractText("      - {name: a, logicalType: object, physicalType: jsonb}\n"
                   "      - {name: b, logicalType: array, items: {logicalType: object}}\n"
                   "      - {name: c, logicalType: array, items: {logicalType: string, tags: [x],\n"
                   "         customProperties: [{property: other, value: 1}]}}\n"));
  EXPECT_EQ(contract.properties.at(0).logical_type, LogicalType::kObject);
  EXPECT_EQ(contract.properties.at(1).item_type, LogicalType::kObject);
  EXPECT_TRUE(contract.children.empty());
  ExpectNestedRoundTrip(WriteContract(contract));
  EXPECT_NE(WriteContract(contract).find("[{property: other, value: 1}]"), std::string::npos);
}

TEST(NestedContract, ReadsThreeTablesInsideEachOther) {
  const std::string emails = FlowList("emails", kKey);
  const Contract contract =
      Parsed(ContractText(kRoot + ListText("contatos", std::string(kKey) + ", " + emails)));
  const ChildDataset& child = contract.children.at(0);
  const ChildDataset& grandchild = child.dataset.children.at(0);
  EXPECT_EQ(grandchild.name, "emails");
  EXPECT_EQ(grandchild.parent_key, Names{"id"});
  const std::string deeper = ListText(
      "contatos", std::string(kKey) + ", " + FlowList("emails", std::string(kKey) + ", " + emails));
  EXPECT_EQ(CodesOf(ContractText(kRoot + deeper)), Names{"contract.too_many_tables"});
}

TEST(NestedContract, FindsListsInsideObjects) {
  const std::string list = FlowList("l", kKey);
  const std::string other = FlowList("m", kKey);
  const Contract contract = Parsed(ContractText(
      std::string(kRoot) + "      - {name: only, logicalType: object, properties: [" + list +
      "]}\n"
      "      - {name: both, logicalType: object, properties: [" +
      other + ", {name: x, logicalType: string}]}\n"));
  EXPECT_EQ(ListsOf(contract), (Names{"both.m", "only.l"}));
  EXPECT_EQ(contract.children[1].inside, Names{"only"});
  EXPECT_EQ(NamesOf(contract), (Names{"pk", "both.x"}));
  ExpectNestedRoundTrip(WriteContract(contract));
}

TEST(NestedContract, LetsTheGrandchildHoldTheWholeKeyOfItsParent) {
  const auto text = [](const std::string& columns) {
    return ContractText(kRoot +
                        ListText("items", std::string(kKey) + ", " +
                                              FlowList("lots", kKey,
                                                       "[{property: eclusa.parentColumns, value: " +
                                                           columns + "}]")));
  };
  const auto key = [&](const std::string& columns) {
    return Parsed(text(columns)).children.at(0).dataset.children.at(0).parent_key;
  };
  EXPECT_EQ(key("[item]"), Names{"id"});
  EXPECT_EQ(key("[order, item]"), (Names{"up", "id"}));
  EXPECT_EQ(CodesOf(text("[a, b, c]")), Names{"contract.parent_columns"});
}

TEST(NestedContract, SaysWithLineAndColumnWhatALogicalTypeNeeds) {
  const auto errors = [](const std::string& words) {
    return ErrorsOf(ContractText(std::string(kRoot) + "      - {name: a, " + words + "}\n"));
  };
  EXPECT_EQ(errors("logicalType: string, properties: [{name: b, logicalType: string}]"),
            Names{"10:52 contract.word_needs"});
  EXPECT_EQ(errors("properties: [{name: b, logicalType: string}]"),
            Names{"10:9 contract.word_missing"});
  EXPECT_EQ(errors("logicalType: object, properties: []"), Names{"10:52 contract.value"});
  EXPECT_EQ(errors("logicalType: array, items: {logicalType: array}"),
            Names{"10:46 contract.list_of_lists"});
  EXPECT_EQ(errors("logicalType: array, items: {logicalType: string, physicalName: x}"),
            Names{"10:82 contract.word_needs"});
  EXPECT_EQ(errors("logicalType: array, items: {logicalType: string, customProperties: [{property: "
                   "eclusa.children, value: merge}]}"),
            Names{"10:122 contract.word_needs"});
}

TEST(NestedContract, RefusesWordsOfAColumnOnAnObject) {
  const auto codes = [](const std::string& words) {
    return CodesOf(ContractText("      - {name: a, logicalType: object, " + words +
                                ", properties: [{name: b, logicalType: string}]}\n"));
  };
  EXPECT_EQ(codes("description: x"), Names{});
  EXPECT_EQ(codes("required: false, physicalType: STRUCT"), Names{});
  for (const char* words : {"required: true", "unique: true", "primaryKey: true", "physicalName: x",
                            "quality: [{metric: nullValues, mustBe: 0}]",
                            "logicalTypeOptions: {maxLength: 3}", "items: {logicalType: string}",
                            "customProperties: [{property: eclusa.trim, value: true}]"}) {
    EXPECT_EQ(codes(words), Names{"contract.word_conflict"}) << words;
  }
}

TEST(NestedContract, RefusesWordsOfAColumnOnAList) {
  const auto codes = [](const std::string& words) {
    std::string text = ListText("l", kKey);
    text.insert(text.find("items:"), words + ", ");
    return CodesOf(ContractText(kRoot + text));
  };
  EXPECT_EQ(codes("required: true, physicalType: LIST"), Names{});
  EXPECT_EQ(codes("unique: true"), Names{"contract.word_conflict"});
  EXPECT_EQ(codes("physicalName: x"), Names{"contract.word_misplaced"});
  EXPECT_EQ(codes("logicalTypeOptions: {minItems: 1}"), Names{"contract.word_refused"});
  EXPECT_EQ(codes("customProperties: [{property: eclusa.trim, value: true}]"),
            Names{"contract.word_conflict"});
  EXPECT_EQ(codes("customProperties: [{property: eclusa.children, value: replace}]"),
            Names{"contract.word_misplaced"});
}

TEST(NestedContract, NeedsTheKeysThatTieTablesTogether) {
  const std::string no_key = "{name: id, logicalType: integer}";
  EXPECT_EQ(CodesOf(ContractText(kRoot + ListText("l", no_key))), Names{"contract.list_key"});
  EXPECT_EQ(
      CodesOf(ContractText("      - {name: a, logicalType: integer}\n" + ListText("l", kKey))),
      Names{"contract.parent_key"});
  EXPECT_EQ(CodesOf(ContractText(kRoot + ListText("l", kKey, "[]"))),
            Names{"contract.word_missing"});
  EXPECT_EQ(CodesOf(ContractText(
                kRoot + ListText("l", kKey, "[{property: eclusa.parentColumns, value: [a, b]}]"))),
            Names{"contract.parent_columns"});
  EXPECT_EQ(CodesOf(ContractText(
                kRoot + ListText("l", kKey, "[{property: eclusa.parentColumns, value: [a, a]}]"))),
            Names{"contract.word_twice"});
  EXPECT_EQ(CodesOf(ContractText(
                kRoot + ListText("l", kKey, "[{property: eclusa.parentColumns, value: id}]"))),
            Names{"contract.word_conflict"});
}

TEST(NestedContract, TakesEachNameColumnAndTableOnce) {
  const std::string object =
      "      - {name: o, logicalType: object, properties: [{name: pk, logicalType: string}]}\n";
  const ParsedContract clash = ParseContract(ContractText(kRoot + object));
  ASSERT_EQ(clash.errors.size(), 1);
  EXPECT_EQ(Text(clash.errors[0], Language::kEnglish),
            "line 10, column 53: o.pk goes into the column pk, as another property of the same "
            "table does");
  EXPECT_EQ(CodesOf(ContractText(kRoot + ListText("pk", kKey))), Names{"contract.property_twice"});
  EXPECT_EQ(CodesOf(ContractText(kRoot + ListText("t", kKey))), Names{"contract.table_twice"});
  EXPECT_EQ(CodesOf(ContractText(kRoot + ListText("l", kKey, kUp, "physicalName: x, ") +
                                 ListText("m", kKey, kUp, "physicalName: x, "))),
            Names{"contract.table_twice"});
  // A child may have columns of the same names as its parent.
  EXPECT_EQ(CodesOf(ContractText(
                kRoot + ListText("l", "{name: pk, logicalType: integer, primaryKey: true}"))),
            Names{});
}

TEST(NestedContract, KnowsThePropertiesOfSetRulesByTheirWholeName) {
  const std::string object =
      "      - {name: o, logicalType: object, properties: [{name: x, logicalType: string, quality: "
      "[{metric: duplicateValues, mustBe: 0}]}]}\n";
  const auto rule = [](const std::string& name) {
    return "    quality: [{metric: duplicateValues, mustBe: 0, arguments: {properties: [" + name +
           "]}}]\n";
  };
  const Contract contract = Parsed(ContractText(kRoot + object, rule("o.x")));
  ASSERT_EQ(contract.set_rules.size(), 2);
  EXPECT_EQ(contract.set_rules[0].properties, Names{"o.x"});
  EXPECT_EQ(CodesOf(ContractText(kRoot + object, rule("x"))), Names{"contract.property_unknown"});
}

TEST(NestedContract, IsWrittenAsItWasRead) {
  ExpectNestedRoundTrip(ContractText(
      kRoot +
      ListText("l",
               std::string(kKey) + ", {name: o, logicalType: object, properties: [{name: x, "
                                   "logicalType: string}]}",
               "[{property: eclusa.parentColumns, value: up}, {property: eclusa.children, value: "
               "replace}, {property: eclusa.onChildFailure, value: itself}, {property: other, "
               "value: 1}]",
               "physicalName: '\"S x\".y', description: each, tags: [a], quality: [{metric: "
               "rowCount, mustBeGreaterThan: 0}, {type: text, description: by hand}], ") +
      "      - name: o\n        logicalType: object\n        physicalType: STRUCT\n"
      "        customProperties: [{property: other, value: {b: 1, a: 2}}]\n        properties:\n"
      "          - {name: p, logicalType: object, description: only lists, properties: [" +
      FlowList("m", kKey) +
      "]}\n          - {name: x, logicalType: string}\n"
      "      - {name: z, logicalType: string}\n"
      "      - {name: n, logicalType: array, required: true, description: many, tags: [b],\n"
      "         customProperties: [{property: eclusa.from, value: [n1, n2]}, {property: other, "
      "value: 2}],\n         items: {logicalType: object, customProperties: [{property: "
      "eclusa.parentColumns, value: up}], properties: [" +
      kKey + "]}}\n"));
}

// `inner` inside of so many objects.
std::string InObjects(int count, const std::string& inner) {
  std::string text = inner;
  for (int i = 0; i < count; ++i) {
    text = "{name: o" + std::to_string(i) + ", logicalType: object, properties: [" + text + "]}";
  }
  return text;
}

TEST(NestedContract, IsReadAgainAtItsDeepest) {
  const auto deepest = [](int objects) {
    const std::string leaf =
        "{name: leaf, logicalType: string, quality: [{metric: missingValues, mustBe: 0, arguments: "
        "{missingValues: [x]}}], customProperties: [{property: eclusa.from, value: y}]}";
    const std::string last =
        FlowList("third", std::string(kKey) + ", " + InObjects(objects, leaf), kUp);
    const std::string second =
        FlowList("second", std::string(kKey) + ", " + InObjects(kContractObjectsDeep, last), kUp);
    return ContractText(std::string(kRoot) + "      - " + InObjects(kContractObjectsDeep, second) +
                        "\n");
  };
  ExpectNestedRoundTrip(deepest(kContractObjectsDeep));
  EXPECT_EQ(CodesOf(deepest(kContractObjectsDeep + 1)), Names{"contract.too_deep"});
}

TEST(NestedContract, HasADigestThatCoversItsLists) {
  const auto digest = [](const std::string& custom) {
    return Parsed(ContractText(kRoot + ListText("l", kKey,
                                                "[{property: eclusa.parentColumns, value: up}" +
                                                    custom + "]")))
        .digest;
  };
  EXPECT_EQ(digest(""), digest(", {property: eclusa.children, value: merge}"));
  EXPECT_NE(digest(""), digest(", {property: eclusa.children, value: replace}"));
  EXPECT_NE(digest(""), digest(", {property: eclusa.onChildFailure, value: itself}"));
}

TEST(NestedContract, ReadsTheExampleOfSuppliers) {
  const char* source = std::getenv("ECLUSA_SOURCE");
  ASSERT_NE(source, nullptr) << "run by ctest";
  std::ifstream file(std::string(source) + "/examples/contracts/fornecedores-documentos.yaml");
  std::stringstream text;
  text << file.rdbuf();
  const Contract contract = Parsed(text.str());
  EXPECT_EQ(ListsOf(contract), (Names{"contatos", "enderecos"}));
  EXPECT_NE(contract.FindByName("pagamento.prazo"), nullptr);
  const Contract& contacts = contract.children.at(0).dataset;
  EXPECT_EQ(ListsOf(contacts), Names{"emails"});
  EXPECT_EQ(contract.children.at(1).dataset.KeyColumns(), Names{"id"});
  EXPECT_EQ(contract.children.at(1).dataset.FindByName("endereco")->column, "id");
  ExpectNestedRoundTrip(text.str());
}

}  // namespace
}  // namespace eclusa
