#include "contract/derive.h"

#include <gtest/gtest.h>

#include "contract/parse.h"
#include "contract/write.h"
#include "model/codes.h"

namespace eclusa {
namespace {

ColumnDescription Column(const std::string& name, const std::string& type, bool not_null = false) {
  ColumnDescription column;
  column.name = name;
  column.type = ParseTypeName(type).value();
  column.not_null = not_null;
  return column;
}

UniqueKey Key(std::vector<int> columns, bool primary) {
  UniqueKey key;
  key.name = "k";
  key.columns = std::move(columns);
  key.primary = primary;
  return key;
}

TableDescription Orders() {
  TableDescription table;
  table.name = {"shop", "Orders"};
  table.comment = "what was bought";
  table.columns = {Column("id", "bigint", true), Column("customer", "integer", true),
                   Column("note", "varchar(40)"), Column("total", "numeric(14,2)", true)};
  table.unique_keys = {Key({0}, true)};
  return table;
}

Contract Derived(const TableDescription& table, const std::vector<std::string>& key = {}) {
  auto contract = DeriveFromTable(table, key);
  EXPECT_TRUE(contract.ok());
  return contract.ok() ? *std::move(contract) : Contract{};
}

TEST(DeriveFromTable, TakesTypesLimitsAndComments) {
  TableDescription table = Orders();
  table.columns[2].comment = "free text";
  const Contract contract = Derived(table);
  EXPECT_TRUE(contract.derived);
  EXPECT_EQ(contract.target, table.name);
  EXPECT_EQ(contract.description, "what was bought");
  ASSERT_EQ(contract.properties.size(), 4);
  EXPECT_EQ(contract.KeyColumns(), std::vector<std::string>{"id"});
  const Property& note = contract.properties[2];
  EXPECT_EQ(note.description, "free text");
  EXPECT_EQ(note.rules.at(0).kind, Rule::Kind::kMaxLength);
  EXPECT_EQ(note.rules.at(0).text, "40");
  EXPECT_EQ(contract.properties[3].physical_type_name, "numeric(14,2)");
  EXPECT_EQ(contract.properties[3].logical_type, LogicalType::kNumber);
}

TEST(DeriveFromTable, RequiresWhatDoesNotFillItself) {
  TableDescription table = Orders();
  table.columns[0].identity = Identity::kByDefault;
  table.columns[3].has_default = true;
  const Contract contract = Derived(table);
  EXPECT_FALSE(contract.properties[0].required);
  EXPECT_TRUE(contract.properties[1].required);
  EXPECT_FALSE(contract.properties[2].required);
  EXPECT_FALSE(contract.properties[3].required);
}

TEST(DeriveFromTable, RequiresWhatItsDomainRequires) {
  TableDescription table = Orders();
  table.columns[2].type.domain = DomainConstraints{"\"public\".\"d\"", true, {}};
  EXPECT_TRUE(Derived(table).properties[2].required);
}

TEST(DeriveFromTable, LeavesOutWhatTheDatabaseWrites) {
  TableDescription table = Orders();
  table.columns[1].identity = Identity::kAlways;
  table.columns[3].generated = true;
  const Contract contract = Derived(table);
  ASSERT_EQ(contract.properties.size(), 2);
  EXPECT_EQ(contract.properties[0].name, "id");
  EXPECT_EQ(contract.properties[1].name, "note");
}

TEST(DeriveFromTable, KeepsAnIdentityThatTheKeyNeeds) {
  TableDescription table = Orders();
  table.columns[0].identity = Identity::kAlways;
  EXPECT_EQ(Derived(table).KeyColumns(), std::vector<std::string>{"id"});
}

TEST(DeriveFromTable, ListsTheLabelsOfAnEnum) {
  TableDescription table = Orders();
  PgType mood;
  mood.kind = TypeKind::kEnum;
  mood.name = "mood";
  mood.enum_labels = {"glad", "sad"};
  table.columns[2].type = mood;
  const Property property = Derived(table).properties[2];
  EXPECT_EQ(property.logical_type, LogicalType::kString);
  EXPECT_EQ(property.rules.at(0).kind, Rule::Kind::kInList);
  EXPECT_EQ(property.rules.at(0).list, mood.enum_labels);
}

TEST(DeriveFromTable, WritesForeignKeysAsRelationships) {
  TableDescription table = Orders();
  ForeignKey one;
  one.other = {"shop", "customers"};
  one.columns = {1};
  one.other_columns = {"id"};
  ForeignKey two = one;
  two.columns = {0, 1};
  two.other_columns = {"a", "b"};
  table.references = {one, two};
  const Contract contract = Derived(table);
  EXPECT_EQ(contract.properties[1].kept.at(0),
            (KeptWord{"relationships", "[{to: customers.id, type: foreignKey}]"}));
  EXPECT_EQ(
      contract.dataset_kept.at(0).yaml,
      "[{from: [Orders.id, Orders.customer], to: [customers.a, customers.b], type: foreignKey}]");
}

TEST(DeriveFromTable, TakesTheKeyThatIsAskedFor) {
  EXPECT_EQ(Derived(Orders(), {"total", "note"}).KeyColumns(),
            (std::vector<std::string>{"total", "note"}));
  const auto unknown = DeriveFromTable(Orders(), {"nothing"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code(), "contract.key_unknown");
}

TEST(DeriveFromTable, CanBeReadBack) {
  TableDescription table = Orders();
  table.columns.push_back(Column("tags", "text[]"));
  table.columns.push_back(Column("at", "timestamptz(3)"));
  const Contract contract = Derived(table);
  const ParsedContract parsed = ParseContract(WriteContract(contract));
  for (const Error& error : parsed.errors) ADD_FAILURE() << Text(error, Language::kEnglish);
  ASSERT_TRUE(parsed.contract.has_value());
  EXPECT_EQ(parsed.contract->digest, contract.digest);
  EXPECT_EQ(parsed.contract->target, table.name);
}

FileSample Sample() {
  FileSample sample;
  sample.file = "x.csv";
  sample.format = "csv";
  sample.dialect.delimiter = ';';
  sample.rows = 3;
  sample.columns.resize(4);
  sample.columns[0].name = "code";
  sample.columns[0].type = SampledType::kInteger;
  sample.columns[1].name = "when";
  sample.columns[1].type = SampledType::kDate;
  sample.columns[1].date_pattern = "dd/MM/yyyy";
  sample.columns[2].name = "empty";
  sample.columns[3].name = "list";
  sample.columns[3].type = SampledType::kNested;
  return sample;
}

std::vector<std::string> CodesOfNotes(const std::vector<Error>& notes) {
  std::vector<std::string> codes;
  for (const Error& note : notes) codes.push_back(note.code());
  return codes;
}

TEST(DeriveFromSample, TakesWhatWasSeenAndSaysWhatWasNot) {
  const auto sampled = DeriveFromSample(Sample(), "things");
  ASSERT_TRUE(sampled.ok());
  const Contract& contract = sampled->contract;
  EXPECT_EQ(contract.dataset, "things");
  EXPECT_EQ(contract.dialect.delimiter, ';');
  ASSERT_EQ(contract.properties.size(), 3);
  EXPECT_EQ(contract.properties[0].logical_type, LogicalType::kInteger);
  EXPECT_EQ(contract.properties[0].physical_type_name, "");
  EXPECT_FALSE(contract.properties[0].required);
  EXPECT_EQ(contract.properties[1].date_patterns, std::vector<std::string>{"dd/MM/yyyy"});
  EXPECT_EQ(contract.properties[2].logical_type, LogicalType::kString);
  EXPECT_TRUE(contract.KeyColumns().empty());
  EXPECT_EQ(CodesOfNotes(sampled->notes),
            (std::vector<std::string>{"contract.sample_rows", "contract.sample_nulls",
                                      "contract.sample_nested"}));
  EXPECT_TRUE(ParseContract(WriteContract(contract)).contract.has_value());
}

TEST(DeriveFromSample, TakesTypesThatTheFileDeclares) {
  FileSample sample = Sample();
  sample.columns[0].from_schema = true;
  sample.columns[0].bits = 32;
  sample.columns[1] = {};
  sample.columns[1].name = "price";
  sample.columns[1].type = SampledType::kNumber;
  sample.columns[1].from_schema = true;
  sample.columns[1].precision = 12;
  sample.columns[1].scale = 2;
  sample.columns[2].type = SampledType::kTimestamptz;
  const auto sampled = DeriveFromSample(sample, "things");
  ASSERT_TRUE(sampled.ok());
  EXPECT_EQ(sampled->contract.properties[0].physical_type_name, "integer");
  EXPECT_EQ(sampled->contract.properties[1].physical_type_name, "numeric(12,2)");
  EXPECT_EQ(sampled->contract.properties[2].physical_type_name, "timestamp with time zone");
}

TEST(DeriveFromSample, RefusesAKeyThatTheFileLacks) {
  EXPECT_TRUE(DeriveFromSample(Sample(), "things", {"code"}).ok());
  EXPECT_FALSE(DeriveFromSample(Sample(), "things", {"list"}).ok());
  EXPECT_FALSE(DeriveFromSample(Sample(), "things", {"none"}).ok());
}

// "name", "address.city", "contacts[].emails[].to": of text.
ColumnSample TextColumn(std::string path) {
  ColumnSample column;
  column.type = SampledType::kText;
  for (size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.')) {
    std::string step = path.substr(0, dot);
    const bool list = step.ends_with("[]");
    if (list) step.resize(step.size() - 2);
    column.inside.push_back({step, list});
    path.erase(0, dot + 1);
  }
  column.name = path;
  return column;
}

FileSample SampleOf(const std::vector<std::string>& paths) {
  FileSample sample;
  sample.file = "x.json";
  sample.format = "json";
  sample.whole = true;
  for (const std::string& path : paths) sample.columns.push_back(TextColumn(path));
  return sample;
}

TEST(DeriveFromSample, MakesTablesOfListsAndColumnsOfObjects) {
  const auto sampled = DeriveFromSample(
      SampleOf({"address.id", "address.at.id", "id", "contacts[].id", "contacts[].supplier_id",
                "contacts[].emails[].to", "contacts[].emails[].parts[].x", "more.notes[].n"}),
      "supplier", {"contacts.id", "id", "contacts.emails.to"});
  ASSERT_TRUE(sampled.ok());
  const Contract& contract = sampled->contract;
  EXPECT_EQ(contract.KeyColumns(), std::vector<std::string>{"id"});
  ASSERT_EQ(contract.properties.size(), 3);
  EXPECT_EQ(contract.properties[0].column, "address_id");
  EXPECT_EQ(contract.properties[1].column, "at_id");
  EXPECT_EQ(contract.properties[2].column, "id");
  ASSERT_EQ(contract.children.size(), 2);
  const ChildDataset& contacts = contract.children[0];
  EXPECT_EQ(contacts.name, "contacts");
  EXPECT_EQ(contacts.parent_columns, std::vector<std::string>{"supplier_id_"});
  EXPECT_EQ(contacts.dataset.KeyColumns(), std::vector<std::string>{"id"});
  ASSERT_EQ(contacts.dataset.children.size(), 1);
  EXPECT_EQ(contacts.dataset.children[0].parent_columns, std::vector<std::string>{"contacts_id"});
  EXPECT_TRUE(contacts.dataset.children[0].dataset.children.empty());
  EXPECT_EQ(contract.children[1].QualifiedName(), "more.notes");
  EXPECT_EQ(CodesOfNotes(sampled->notes),
            (std::vector<std::string>{"contract.sample_whole", "contract.sample_nested",
                                      "contract.sample_list", "contract.sample_list",
                                      "contract.sample_list"}));
  // What is still wrong with it is the key that nobody gave.
  const ParsedContract parsed = ParseContract(WriteContract(contract));
  EXPECT_EQ(CodesOfNotes(parsed.errors), std::vector<std::string>{"contract.list_key"});
}

TEST(DeriveFromSample, IsWholeWhereAllKeysAreGiven) {
  const auto sampled = DeriveFromSample(SampleOf({"id", "contacts[].n", "contacts[].name"}),
                                        "supplier", {"id", "contacts.n"});
  ASSERT_TRUE(sampled.ok());
  const ParsedContract parsed = ParseContract(WriteContract(sampled->contract));
  for (const Error& error : parsed.errors) ADD_FAILURE() << Text(error, Language::kEnglish);
  ASSERT_TRUE(parsed.contract.has_value());
  EXPECT_EQ(parsed.contract->digest, sampled->contract.digest);
  EXPECT_FALSE(DeriveFromSample(SampleOf({"id", "c[].n"}), "s", {"c.m"}).ok());
  EXPECT_FALSE(DeriveFromSample(SampleOf({"id", "c[].n"}), "s", {"n"}).ok());
}

}  // namespace
}  // namespace eclusa
