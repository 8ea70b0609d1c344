#include "pg/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/codes.h"
#include "pg/catalog_types.h"
#include "pg/identifier.h"
#include "pg/near_names.h"
#include "pg/sql.h"
#include "pg/text_array.h"

namespace eclusa {
namespace {

Result<QueryResult> Ask(Connection& connection, std::string_view sql,
                        const Parameters& parameters) {
  return connection.Query(std::string(sql), parameters);
}

Parameter OidParameter(uint32_t oid) { return std::to_string(oid); }

uint32_t Oid(const QueryResult& rows, int row, int column) {
  return static_cast<uint32_t>(rows.Int(row, column));
}

std::string NameForPeople(const TableName& name) {
  return name.schema.empty() ? name.name : name.Display();
}

Result<TableDescription> NotFound(Connection& connection, const TableName& name) {
  const QueryResult rows = TRY(Ask(connection, sql::kListTables, {name.name}));
  std::vector<TableName> tables;
  for (int i = 0; i < rows.rows(); ++i) {
    tables.push_back({std::string(rows.Text(i, 0)), std::string(rows.Text(i, 1))});
  }
  std::string near;
  for (const TableName& table : NearTables(name, tables)) {
    near += (near.empty() ? "" : ", ") + table.Display();
  }
  return Error(ErrorKind::kNotFound, code::table_not_found,
               {{"table", NameForPeople(name)}, {"near", near.empty() ? "-" : near}});
}

// The code that says why what has this relkind is no target; empty: it is one.
std::string_view RefusalOf(char relkind) {
  switch (relkind) {
    case 'r':
    case 'p':
      return {};
    case 'v':
      return code::table_view;
    case 'm':
      return code::table_materialized_view;
    case 'f':
      return code::table_foreign;
    case 'S':
      return code::table_sequence;
    case 'i':
    case 'I':
      return code::table_index;
    default:
      return code::table_not_a_table;
  }
}

// Columns of sql/find_table.sql.
enum FindTable {
  kOid,
  kSchema,
  kName,
  kRelkind,
  kInherited,
  kRules,
  kRowSecurity,
  kComment,
  kUsage,
  kSelect,
  kInsert,
  kUpdate,
  kDelete,
  kRole
};

Result<TableDescription> FindTableByName(Connection& connection, const TableName& name) {
  const QueryResult rows = TRY(Ask(connection, sql::kFindTable, {name.schema, name.name}));
  if (rows.rows() == 0) return NotFound(connection, name);
  TableDescription table;
  table.oid = Oid(rows, 0, kOid);
  table.name = {std::string(rows.Text(0, kSchema)), std::string(rows.Text(0, kName))};
  const ErrorArguments named = {{"table", table.name.Display()}};
  const char relkind = rows.Text(0, kRelkind)[0];
  if (const std::string_view refusal = RefusalOf(relkind); !refusal.empty()) {
    return Error(ErrorKind::kInvalid, refusal, named);
  }
  if (rows.Bool(0, kInherited)) return Error(ErrorKind::kInvalid, code::table_inherited, named);
  if (!rows.Bool(0, kUsage)) {
    return Error(ErrorKind::kInvalid, code::table_schema_usage,
                 {{"schema", table.name.schema},
                  {"role", std::string(rows.Text(0, kRole))},
                  {"statement", fmt::format("GRANT USAGE ON SCHEMA {} TO {};",
                                            QuoteIdentifier(table.name.schema),
                                            QuoteIdentifier(rows.Text(0, kRole)))}});
  }
  table.partitioned = relkind == 'p';
  table.has_rules = rows.Bool(0, kRules);
  table.has_row_security = rows.Bool(0, kRowSecurity);
  table.comment = rows.Text(0, kComment);
  table.privileges = {.select = rows.Bool(0, kSelect),
                      .insert = rows.Bool(0, kInsert),
                      .update = rows.Bool(0, kUpdate),
                      .remove = rows.Bool(0, kDelete)};
  return table;
}

Identity IdentityOf(std::string_view attidentity) {
  if (attidentity == "a") return Identity::kAlways;
  return attidentity == "d" ? Identity::kByDefault : Identity::kNone;
}

// Reads the parts of a description one after the other; each function is one statement.
class TableReader {
 public:
  TableReader(Connection& connection, TableDescription& table)
      : connection_(connection), table_(table) {}

  Status Read() {
    TRY(ReadColumnsTypesAndChecks());
    TRY(ReadUniqueKeys());
    TRY(ReadForeignKeys());
    TRY(ReadTriggers());
    if (table_.partitioned) TRY(ReadLeaves());
    return Ok();
  }

 private:
  Status ReadColumnsTypesAndChecks() {
    const QueryResult columns = TRY(OfTable(sql::kReadColumns));
    CatalogTypes types(TRY(OfTable(sql::kReadTypes)));
    for (int i = 0; i < columns.rows(); ++i) numbers_.push_back(columns.Int(i, 0));
    TRY(ReadChecks(types));
    for (int i = 0; i < columns.rows(); ++i) {
      table_.columns.push_back(
          {.name = std::string(columns.Text(i, 1)),
           .type = types.Build(Oid(columns, i, 2), static_cast<int32_t>(columns.Int(i, 3))),
           .not_null = columns.Bool(i, 4),
           .has_default = columns.Bool(i, 5),
           .generated = columns.Bool(i, 6),
           .identity = IdentityOf(columns.Text(i, 7)),
           .deterministic_collation = columns.Bool(i, 8),
           .collation = std::string(columns.Text(i, 10)),
           .comment = std::string(columns.Text(i, 9))});
    }
    return Ok();
  }

  Status ReadChecks(CatalogTypes& types) {
    const std::vector<uint32_t> domains = types.Domains();
    const QueryResult rows =
        TRY(Ask(connection_, sql::kReadChecks,
                {OidParameter(table_.oid), fmt::format("{{{}}}", fmt::join(domains, ","))}));
    for (int i = 0; i < rows.rows(); ++i) {
      const uint32_t domain = Oid(rows, i, 0);
      std::string name(rows.Text(i, 1));
      std::string expression(rows.Text(i, 2));
      const bool immutable = rows.Bool(i, 4);
      if (domain != 0) {
        types.AddCheck(domain, {std::move(name), std::move(expression), immutable});
      } else {
        table_.checks.push_back(
            {std::move(name), std::move(expression), Positions(rows.Text(i, 3)), immutable});
      }
    }
    return Ok();
  }

  Status ReadUniqueKeys() {
    const QueryResult rows = TRY(OfTable(sql::kReadUniqueKeys));
    for (int i = 0; i < rows.rows(); ++i) {
      UniqueKey key{.name = std::string(rows.Text(i, 0)),
                    .columns = {},
                    .primary = rows.Bool(i, 1),
                    .deferrable = rows.Bool(i, 2),
                    .nulls_not_distinct = rows.Bool(i, 3),
                    .has_expressions = rows.Bool(i, 4),
                    .predicate = std::string(rows.Text(i, 5)),
                    .expressions = ParseTextArray(rows.Text(i, 7)),
                    // The server takes no other expression into an index.
                    .immutable = true,
                    .by_equality = rows.Bool(i, 9)};
      if (!key.has_expressions) key.columns = Positions(rows.Text(i, 6));
      key.reads = rows.IsNull(i, 8) ? key.columns : Positions(rows.Text(i, 8));
      table_.unique_keys.push_back(std::move(key));
    }
    return Ok();
  }

  Status ReadForeignKeys() {
    const QueryResult rows = TRY(OfTable(sql::kReadForeignKeys));
    for (int i = 0; i < rows.rows(); ++i) {
      ForeignKey key{.name = std::string(rows.Text(i, 1)),
                     .other = {std::string(rows.Text(i, 2)), std::string(rows.Text(i, 3))},
                     .self = rows.Bool(i, 4),
                     .match_full = rows.Bool(i, 5),
                     .deferrable = rows.Bool(i, 6),
                     .readable = rows.Bool(i, 7),
                     .columns = {},
                     .other_columns = ParseTextArray(rows.Text(i, 11)),
                     .on_delete = static_cast<ReferenceAction>(rows.Text(i, 8)[0]),
                     .on_update = static_cast<ReferenceAction>(rows.Text(i, 9)[0])};
      for (const std::string& column : ParseTextArray(rows.Text(i, 10))) {
        key.columns.push_back(table_.IndexOf(column));
      }
      (rows.Bool(i, 0) ? table_.references : table_.referenced_by).push_back(std::move(key));
    }
    return Ok();
  }

  Status ReadTriggers() {
    const QueryResult rows = TRY(OfTable(sql::kReadTriggers));
    table_.triggers = {.before_insert_row = rows.Bool(0, 0),
                       .before_update_row = rows.Bool(0, 1),
                       .before_delete_row = rows.Bool(0, 2),
                       .after_or_statement = rows.Bool(0, 3)};
    table_.exclusions = ParseTextArray(rows.Text(0, 4));
    table_.has_default_partition = rows.Bool(0, 5);
    return Ok();
  }

  Status ReadLeaves() {
    const QueryResult rows = TRY(OfTable(sql::kReadLeaves));
    for (int i = 0; i < rows.rows(); ++i) {
      TableName leaf{std::string(rows.Text(i, 1)), std::string(rows.Text(i, 2))};
      if (rows.Text(i, 3) == "f") {
        return Error(ErrorKind::kInvalid, code::table_foreign, {{"table", leaf.Display()}});
      }
      table_.leaf_oids.push_back(Oid(rows, i, 0));
      table_.leaves.push_back(std::move(leaf));
    }
    return Ok();
  }

  Result<QueryResult> OfTable(std::string_view sql) {
    return Ask(connection_, sql, {OidParameter(table_.oid)});
  }

  // An array of attribute numbers as indexes into the columns. Numbers have gaps where columns were
  // dropped.
  std::vector<int> Positions(std::string_view attribute_numbers) const {
    std::vector<int> positions;
    for (const std::string& number : ParseTextArray(attribute_numbers)) {
      const auto found = std::find(numbers_.begin(), numbers_.end(), std::stoll(number));
      if (found != numbers_.end()) positions.push_back(static_cast<int>(found - numbers_.begin()));
    }
    return positions;
  }

  Connection& connection_;
  TableDescription& table_;
  std::vector<int64_t> numbers_;  // attribute numbers of the columns, in order
};

}  // namespace

Result<TableDescription> DescribeTable(Connection& connection, const TableName& name) {
  TableDescription table = TRY(FindTableByName(connection, name));
  table.fingerprint = TRY(Fingerprint(connection, table.oid));
  TRY_WITH(TableReader(connection, table).Read(), table.name.Display());
  return table;
}

Result<std::string> Fingerprint(Connection& connection, uint32_t oid) {
  const QueryResult rows = TRY(Ask(connection, sql::kFingerprint, {OidParameter(oid)}));
  if (rows.IsNull(0, 0)) return Error(ErrorKind::kConflict, code::table_changed);
  return std::string(rows.Text(0, 0));
}

Result<std::vector<ColumnSequence>> SequencesOf(Connection& connection, uint32_t oid) {
  const QueryResult rows = TRY(Ask(connection, sql::kReadSequences, {OidParameter(oid)}));
  std::vector<ColumnSequence> sequences;
  for (int i = 0; i < rows.rows(); ++i) {
    ColumnSequence sequence{.column = std::string(rows.Text(i, 0)),
                            .sequence = std::string(rows.Text(i, 1)),
                            .last_value = std::nullopt,
                            .readable = rows.Bool(i, 4),
                            .start = rows.Int(i, 2),
                            .increment = rows.Int(i, 3)};
    if (!rows.IsNull(i, 5)) sequence.last_value = rows.Int(i, 5);
    sequences.push_back(std::move(sequence));
  }
  return sequences;
}

Result<std::vector<SequenceBehind>> SequencesBehind(Connection& connection,
                                                    const TableDescription& table) {
  std::vector<SequenceBehind> behind;
  for (ColumnSequence& sequence : TRY(SequencesOf(connection, table.oid))) {
    const int column = table.IndexOf(sequence.column);
    const bool leads =
        std::any_of(table.unique_keys.begin(), table.unique_keys.end(), [&](const UniqueKey& key) {
          return !key.columns.empty() && key.columns[0] == column && key.predicate.empty();
        });
    if (!leads || !sequence.readable || sequence.increment < 1) continue;
    const QueryResult rows = TRY(connection.Execute(fmt::format(
        "SELECT max({}) FROM {}", QuoteIdentifier(sequence.column), QuoteQualified(table.name))));
    if (rows.IsNull(0, 0)) continue;
    const int64_t max_value = rows.Int(0, 0);
    const int64_t next =
        sequence.last_value ? *sequence.last_value + sequence.increment : sequence.start;
    if (next > max_value) continue;
    std::string statement =
        fmt::format("SELECT setval({}, {});", QuoteLiteral(sequence.sequence), max_value);
    behind.push_back({std::move(sequence), max_value, std::move(statement)});
  }
  return behind;
}

}  // namespace eclusa
