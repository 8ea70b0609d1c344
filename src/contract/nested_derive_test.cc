// Documents derived from tables that refer to each other, and lists compared with their tables.
#include <gtest/gtest.h>

#include "contract/compare.h"
#include "contract/derive.h"
#include "contract/parse.h"
#include "contract/write.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using Names = std::vector<std::string>;

// The first `key` columns are the primary key.
TableDescription Table(const std::string& name, const Names& columns, int key = 1) {
  TableDescription table;
  table.name = {"erp", name};
  for (const std::string& column : columns) {
    table.columns.emplace_back();
    table.columns.back().name = column;
    table.columns.back().type = ParseTypeName("integer").value();
    table.columns.back().not_null = true;
  }
  if (key == 0) return table;
  table.unique_keys.emplace_back();
  table.unique_keys[0].primary = true;
  for (int column = 0; column < key; ++column) table.unique_keys[0].columns.push_back(column);
  return table;
}

// `other` refers to `columns` of the table by `other_columns`.
void Refer(TableDescription& table, TableDescription& other, const std::vector<int>& columns,
           const Names& other_columns) {
  ForeignKey key;
  key.name = other.name.name + "_" + other_columns[0] + "_fkey";
  key.self = table.name == other.name;
  key.other = other.name;
  key.columns = columns;
  key.other_columns = other_columns;
  table.referenced_by.push_back(key);
  ForeignKey back = key;
  back.other = table.name;
  back.columns.clear();
  back.other_columns.clear();
  for (const std::string& column : other_columns) back.columns.push_back(other.IndexOf(column));
  for (const int column : columns) {
    back.other_columns.push_back(table.columns[static_cast<size_t>(column)].name);
  }
  other.references.push_back(back);
}

DerivedDocument Derived(const TableDescription& table,
                        const std::vector<TableDescription>& others) {
  auto document = DeriveDocument(table, others);
  EXPECT_TRUE(document.ok());
  if (!document.ok()) return {};
  const ParsedContract parsed = ParseContract(WriteContract(document->contract));
  for (const Error& error : parsed.errors) ADD_FAILURE() << Text(error, Language::kEnglish);
  EXPECT_EQ(parsed.contract.value_or(Contract{}).digest, document->contract.digest);
  return *std::move(document);
}

Names ListNamesOf(const Contract& contract) {
  Names names;
  for (const ChildDataset& child : contract.children) names.push_back(child.name);
  return names;
}

Names ColumnsOf(const Contract& contract) {
  Names names;
  for (const Property& property : contract.properties) names.push_back(property.column);
  return names;
}

TEST(DeriveDocument, FollowsForeignKeysToThreeTables) {
  TableDescription root = Table("a", {"id"});
  TableDescription second = Table("b", {"id", "up", "x"});
  TableDescription third = Table("c", {"id", "up"});
  TableDescription fourth = Table("d", {"id", "up"});
  Refer(root, second, {0}, {"up"});
  Refer(second, third, {0}, {"up"});
  Refer(third, fourth, {0}, {"up"});
  Refer(root, root, {0}, {"id"});
  EXPECT_EQ(ReferringTables(root).size(), 1);
  const DerivedDocument document = Derived(root, {third, fourth, second});
  EXPECT_TRUE(document.notes.empty());
  ASSERT_EQ(ListNamesOf(document.contract), Names{"b"});
  const ChildDataset& list = document.contract.children[0];
  EXPECT_EQ(list.parent_columns, Names{"up"});
  EXPECT_EQ(list.parent_key, Names{"id"});
  EXPECT_EQ(list.list, ListMeans::kAdds);
  EXPECT_EQ(list.dataset.target, second.name);
  EXPECT_EQ(ColumnsOf(list.dataset), (Names{"id", "x"}));
  EXPECT_TRUE(list.dataset.dataset_kept.empty());
  EXPECT_EQ(ListNamesOf(list.dataset), Names{"c"});
  EXPECT_TRUE(list.dataset.children[0].dataset.children.empty());
}

TEST(DeriveDocument, KeepsThePartsOfAKeyThatAreNotTheParents) {
  TableDescription order = Table("orders", {"shop", "number"}, 2);
  TableDescription item = Table("items", {"shop", "number", "line", "x"}, 3);
  TableDescription lot = Table("lots", {"shop", "line", "number", "lot"}, 4);
  Refer(order, item, {1, 0}, {"number", "shop"});
  Refer(item, lot, {0, 1, 2}, {"shop", "number", "line"});
  const Contract contract = Derived(order, {item, lot}).contract;
  ASSERT_EQ(ListNamesOf(contract), Names{"items"});
  const ChildDataset& items = contract.children[0];
  EXPECT_EQ(items.parent_columns, (Names{"shop", "number"}));
  EXPECT_EQ(items.dataset.KeyColumns(), Names{"line"});
  ASSERT_EQ(ListNamesOf(items.dataset), Names{"lots"});
  const ChildDataset& lots = items.dataset.children[0];
  EXPECT_EQ(lots.parent_key, (Names{"shop", "number", "line"}));
  EXPECT_EQ(lots.parent_columns, (Names{"shop", "number", "line"}));
  EXPECT_EQ(lots.dataset.KeyColumns(), Names{"lot"});
}

TEST(DeriveDocument, LeavesOutWhatIsNoPartAndSaysWhy) {
  TableDescription root = Table("a", {"id", "code"});
  TableDescription twice = Table("twice", {"id", "first", "second"});
  TableDescription keyless = Table("keyless", {"up"}, 0);
  TableDescription same = Table("same", {"id"});
  TableDescription code = Table("code", {"id", "up"});
  Refer(root, twice, {0}, {"first"});
  Refer(root, twice, {0}, {"second"});
  Refer(root, keyless, {0}, {"up"});
  Refer(root, same, {0}, {"id"});
  Refer(root, code, {1}, {"up"});  // not by the key
  const DerivedDocument document = Derived(root, {twice, keyless, same, code});
  EXPECT_TRUE(document.contract.children.empty());
  Names codes;
  for (const Error& note : document.notes) codes.push_back(note.code());
  EXPECT_EQ(codes, (Names{"contract.derived_ambiguous", "contract.derived_without_key",
                          "contract.derived_without_key"}));
  auto by_code = DeriveDocument(root, {twice, code}, {"code"});
  ASSERT_TRUE(by_code.ok());
  EXPECT_EQ(ListNamesOf(by_code->contract), Names{"erp_code"});
}

TEST(DeriveDocument, TakesATableOnceAsNearToTheRootAsItCan) {
  TableDescription root = Table("a", {"id"});
  TableDescription second = Table("b", {"id", "up"});
  TableDescription both = Table("c", {"id", "a", "b"});
  Refer(root, second, {0}, {"up"});
  Refer(second, both, {0}, {"b"});
  Refer(root, both, {0}, {"a"});
  const Contract contract = Derived(root, {second, both}).contract;
  EXPECT_EQ(ListNamesOf(contract), (Names{"b", "c"}));
  EXPECT_TRUE(contract.children[0].dataset.children.empty());
  // The other reference stays a column with its relationship.
  EXPECT_EQ(contract.children[1].dataset.FindByColumn("b")->kept.at(0).yaml,
            "[{to: b.id, type: foreignKey}]");
}

// "code" or "code!" where it is fatal.
Names DriftOf(const Contract& document, const TableDescription& parent,
              const TableDescription& table) {
  Names out;
  for (const Drift& drift :
       CompareChildWithTable(document.children.at(0), document, parent, table, Mode::kUpsert)) {
    EXPECT_EQ(Text(drift.error, Language::kEnglish).find("{"), std::string::npos);
    out.push_back(drift.error.code() + (drift.fatal ? "!" : ""));
  }
  return out;
}

class ChildDrift : public testing::Test {
 protected:
  ChildDrift() {
    Refer(root_, list_, {0}, {"up"});
    contract_ = Derived(root_, {list_}).contract;
  }
  void Retype(const std::string& column, const std::string& type) {
    list_.columns[static_cast<size_t>(list_.IndexOf(column))].type = ParseTypeName(type).value();
  }
  Names Drifts() const { return DriftOf(contract_, root_, list_); }

  TableDescription root_ = Table("a", {"id", "tenant"});
  TableDescription list_ = Table("b", {"id", "up"});
  Contract contract_;
};

TEST_F(ChildDrift, IsNothingForADerivedDocument) { EXPECT_EQ(Drifts(), Names{}); }

TEST_F(ChildDrift, TellsParentColumnsThatCannotHoldTheKey) {
  Retype("up", "uuid");
  EXPECT_EQ(Drifts(), Names{"contract.drift_parent_type!"});
  Retype("up", "bigint");
  EXPECT_EQ(Drifts(), Names{});
  Retype("up", "numeric");
  EXPECT_EQ(Drifts(), Names{});
  Retype("up", "smallint");
  EXPECT_EQ(Drifts(), Names{"contract.drift_parent_type"});
  list_.columns[1].generated = true;
  Retype("up", "integer");
  EXPECT_EQ(Drifts(), Names{"contract.drift_generated!"});
  list_.columns.pop_back();
  EXPECT_EQ(Drifts(), Names{"contract.drift_named_column!"});
}

TEST_F(ChildDrift, CountsWhatIsFilledFromAboveAsPartOfTheKey) {
  list_.unique_keys[0].columns = {1, 0};
  EXPECT_EQ(Drifts(), Names{});
  list_.columns.push_back(list_.columns[0]);
  list_.columns.back().name = "tenant";
  list_.unique_keys[0].columns = {2, 0};
  EXPECT_EQ(Drifts(), (Names{"contract.drift_not_null", "contract.drift_key!"}));
  contract_.tenant_columns = {"tenant"};
  EXPECT_EQ(Drifts(), Names{});
}

TEST_F(ChildDrift, ComparesTheListsOwnColumnsToo) {
  Retype("id", "date");
  EXPECT_EQ(Drifts(), Names{"contract.drift_type!"});
}

}  // namespace
}  // namespace eclusa
