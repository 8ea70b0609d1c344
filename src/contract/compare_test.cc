#include "contract/compare.h"

#include <gtest/gtest.h>

#include "contract/contract_fixture.h"
#include "contract/derive.h"
#include "contract/parse.h"
#include "model/codes.h"

namespace eclusa {
namespace {

TableDescription Table(const std::vector<std::pair<std::string, std::string>>& columns) {
  TableDescription table;
  table.name = {"public", "t"};
  for (const auto& [name, type] : columns) {
    ColumnDescription column;
    column.name = name;
    column.type = ParseTypeName(type).value();
    table.columns.push_back(std::move(column));
  }
  UniqueKey key;
  key.name = "t_pkey";
  key.columns = {0};
  key.primary = true;
  table.unique_keys = {key};
  return table;
}

// "code" or "code!" where it is fatal.
std::vector<std::string> DriftOf(const Contract& contract, const TableDescription& table,
                                 Mode mode = Mode::kUpsert) {
  std::vector<std::string> out;
  for (const Drift& drift : CompareWithTable(contract, table, mode)) {
    out.push_back(drift.error.code() + (drift.fatal ? "!" : ""));
  }
  return out;
}

std::vector<std::string> DriftOfType(const std::string& words, const std::string& type) {
  return DriftOf(Parsed(ContractText("      - {name: id, logicalType: integer, primaryKey: true}\n"
                                     "      - {name: a, " +
                                     words + "}\n")),
                 Table({{"id", "bigint"}, {"a", type}}));
}

using Codes = std::vector<std::string>;

TEST(CompareWithTable, FindsNoDriftInADerivedContract) {
  const TableDescription table =
      Table({{"id", "bigint"}, {"a", "varchar(3)"}, {"b", "timestamptz(3)"}, {"c", "integer[]"}});
  const auto contract = DeriveFromTable(table);
  ASSERT_TRUE(contract.ok());
  EXPECT_EQ(DriftOf(*contract, table), Codes{});
}

TEST(CompareWithTable, NamesColumnsThatAreNotThere) {
  const Contract contract = Parsed(
      ContractText("      - {name: id, logicalType: integer, primaryKey: true}\n"
                   "      - {name: a, logicalType: string, logicalTypeOptions: {maxLength: 3},\n"
                   "         customProperties: [{property: eclusa.onViolation, value: flag},\n"
                   "                            {property: eclusa.flagColumn, value: f}]}\n",
                   "    customProperties:\n"
                   "      - {property: eclusa.tenantColumns, value: [x]}\n"
                   "      - {property: eclusa.versionColumn, value: v}\n"
                   "      - {property: eclusa.provenanceColumns, value: [l, r]}\n"));
  EXPECT_EQ(DriftOf(contract, Table({{"id", "bigint"}})),
            (Codes{"contract.drift_column_missing!", "contract.drift_named_column!",
                   "contract.drift_named_column!", "contract.drift_named_column!",
                   "contract.drift_named_column!", "contract.drift_named_column!"}));
}

TEST(CompareWithTable, TellsProvenanceColumnsThatHoldNoNumbers) {
  const Contract contract =
      Parsed(ContractText("      - {name: id, logicalType: integer, primaryKey: true}\n",
                          "    customProperties:\n"
                          "      - {property: eclusa.provenanceColumns, value: [l, r]}\n"));
  EXPECT_EQ(DriftOf(contract, Table({{"id", "bigint"}, {"l", "bigint"}, {"r", "uuid"}})),
            Codes{"contract.drift_type!"});
}

TEST(CompareWithTable, TellsWiderLimits) {
  const Codes wider = {"contract.drift_wider"};
  EXPECT_EQ(
      DriftOfType("logicalType: string, logicalTypeOptions: {maxLength: 200}", "varchar(150)"),
      wider);
  EXPECT_EQ(
      DriftOfType("logicalType: string, logicalTypeOptions: {maxLength: 150}", "varchar(150)"),
      Codes{});
  EXPECT_EQ(DriftOfType("logicalType: string, logicalTypeOptions: {maxLength: 200}", "text"),
            Codes{});
  EXPECT_EQ(DriftOfType("physicalType: varchar(200)", "varchar(150)"), wider);
  EXPECT_EQ(DriftOfType("physicalType: 'numeric(14,2)'", "numeric(12,2)"), wider);
  EXPECT_EQ(DriftOfType("physicalType: 'numeric(14,4)'", "numeric(14,2)"), wider);
  EXPECT_EQ(DriftOfType("physicalType: numeric", "numeric(14,2)"), wider);
  EXPECT_EQ(DriftOfType("physicalType: 'numeric(14,2)'", "numeric"), Codes{});
  EXPECT_EQ(DriftOfType("physicalType: bigint", "integer"), wider);
  EXPECT_EQ(DriftOfType("physicalType: timestamptz", "timestamptz(3)"), wider);
}

TEST(CompareWithTable, TellsTypesThatDoNotFit) {
  EXPECT_EQ(DriftOfType("logicalType: date", "integer"), Codes{"contract.drift_type!"});
  EXPECT_EQ(DriftOfType("logicalType: integer", "date"), Codes{"contract.drift_type!"});
  EXPECT_EQ(DriftOfType("logicalType: array, items: {logicalType: string}", "text"),
            Codes{"contract.drift_type!"});
  EXPECT_EQ(DriftOfType("logicalType: array, items: {logicalType: date}", "integer[]"),
            Codes{"contract.drift_type!"});
  EXPECT_EQ(DriftOfType("logicalType: number", "integer"), Codes{"contract.drift_type"});
  EXPECT_EQ(DriftOfType("logicalType: string", "integer"), Codes{"contract.drift_type"});
  EXPECT_EQ(DriftOfType("logicalType: string, physicalType: uuid", "text"),
            Codes{"contract.drift_type"});
  EXPECT_EQ(DriftOfType("logicalType: boolean, physicalType: integer", "integer"), Codes{});
  EXPECT_EQ(DriftOfType("logicalType: date", "timestamptz"), Codes{});
}

TEST(CompareWithTable, TellsNullsThatTheTableRefuses) {
  TableDescription table = Table({{"id", "bigint"}, {"a", "text"}, {"b", "text"}});
  table.columns[1].not_null = true;
  table.columns[2].not_null = true;
  const Contract contract =
      Parsed(ContractText("      - {name: id, logicalType: integer, primaryKey: true}\n"
                          "      - {name: a, logicalType: string}\n"));
  EXPECT_EQ(DriftOf(contract, table),
            (Codes{"contract.drift_optional", "contract.drift_not_null"}));
  EXPECT_EQ(DriftOf(contract, table, Mode::kInsert),
            (Codes{"contract.drift_optional", "contract.drift_not_null!"}));
  EXPECT_EQ(DriftOf(contract, table, Mode::kDelete), Codes{});
  table.columns[2].has_default = true;
  EXPECT_EQ(DriftOf(contract, table), Codes{"contract.drift_optional"});
  table.columns[1].has_default = true;
  EXPECT_EQ(DriftOf(contract, table), Codes{});
}

TEST(CompareWithTable, WantsAKeyThatIsUnique) {
  TableDescription table = Table({{"id", "bigint"}, {"a", "text"}, {"b", "text"}});
  const auto with_key = [](const std::string& column, const std::string& dataset = "") {
    return Parsed(ContractText(
        "      - {name: " + column + ", logicalType: string, primaryKey: true}\n", dataset));
  };
  EXPECT_EQ(DriftOf(with_key("a"), table), Codes{"contract.drift_key!"});
  EXPECT_EQ(DriftOf(with_key("a"), table, Mode::kAppend), Codes{});
  UniqueKey unique;
  unique.name = "u";
  unique.columns = {1, 2};
  table.unique_keys.push_back(unique);
  EXPECT_EQ(DriftOf(with_key("a"), table), Codes{"contract.drift_key!"});
  // Tenant columns are part of the match.
  EXPECT_EQ(DriftOf(with_key("a",
                             "    customProperties:\n      - {property: eclusa.tenantColumns, "
                             "value: [b]}\n"),
                    table),
            Codes{});
  table.unique_keys[1].predicate = "a > 'x'";
  EXPECT_EQ(DriftOf(with_key("a",
                             "    customProperties:\n      - {property: eclusa.tenantColumns, "
                             "value: [b]}\n"),
                    table),
            Codes{"contract.drift_key!"});
}

TEST(CompareWithTable, WantsAKeyWhereNobodyNamesOne) {
  TableDescription table = Table({{"a", "text"}});
  const Contract contract = Parsed(PropertyText("logicalType: string"));
  EXPECT_EQ(DriftOf(contract, table), Codes{});
  table.unique_keys.clear();
  EXPECT_EQ(DriftOf(contract, table), Codes{"contract.drift_key_missing!"});
  EXPECT_EQ(DriftOf(contract, table, Mode::kAppend), Codes{});
}

TEST(CompareWithTable, RefusesColumnsThatTheDatabaseWrites) {
  TableDescription table = Table({{"id", "bigint"}, {"a", "text"}});
  const Contract contract =
      Parsed(ContractText("      - {name: id, logicalType: integer, primaryKey: true}\n"
                          "      - {name: a, logicalType: string}\n"));
  table.columns[1].generated = true;
  EXPECT_EQ(DriftOf(contract, table), Codes{"contract.drift_generated!"});
  table.columns[1].generated = false;
  table.columns[1].identity = Identity::kAlways;
  EXPECT_EQ(DriftOf(contract, table), Codes{"contract.drift_identity!"});
  table.columns[1].identity = Identity::kNone;
  table.columns[0].identity = Identity::kAlways;
  EXPECT_EQ(DriftOf(contract, table), Codes{"contract.drift_identity"});
  EXPECT_EQ(DriftOf(contract, table, Mode::kDelete), Codes{});
}

TEST(CompareWithTable, NamesValuesThatAnEnumLacks) {
  TableDescription table = Table({{"a", "text"}});
  table.columns[0].type.kind = TypeKind::kEnum;
  table.columns[0].type.enum_labels = {"x"};
  const Contract contract =
      Parsed(PropertyText("logicalType: string, quality: [{metric: invalidValues, mustBe: 0, "
                          "arguments: {validValues: [x, "
                          "y]}}]"));
  EXPECT_EQ(DriftOf(contract, table), Codes{"contract.drift_list"});
}

}  // namespace
}  // namespace eclusa
