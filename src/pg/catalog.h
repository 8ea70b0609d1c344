// The catalog: what PostgreSQL knows of a table, read into a TableDescription.
//
// Reads only; nothing is locked and nothing created, so a table may change between DescribeTable
// and its use: the fingerprint is taken before anything else is read, and whoever has locked the
// table compares Fingerprint with it. Expressions are printed for the session's search_path and
// must be used under the same one.
//
// An expression counts as immutable when every function and operator in its stored tree is (the
// server's own test for index expressions, done over the text of pg_constraint.conbin): deparsed
// SQL would have to be parsed again, pg_depend has no rows for built-in functions, and trying it in
// an index needs the right to write. Where in doubt: not immutable, which leaves the row to the
// merge.
//
// Left out, and therefore found by the merge alone: invalid unique indexes, constraints that stand
// on a single partition only, temporal keys (they count as exclusions), constraints NOT ENFORCED.
// Threads: as the Connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/table.h"
#include "pg/connection.h"

namespace eclusa {

// An empty schema is looked up by search_path. Errors (kNotFound): table.not_found. Errors
// (kInvalid): table.view, .materialized_view, .foreign, .index, .sequence, .not_a_table for what is
// no target; .inherited for one with INHERITS children; .schema_usage for a schema this role may
// not use. Rights on the table itself are described, not demanded: see pg/privileges.h.
Result<TableDescription> DescribeTable(Connection& connection, const TableName& name);

// One statement over the catalog: a digest of everything that statements are built from. kConflict
// (table.changed) where the table is gone.
Result<std::string> Fingerprint(Connection& connection, uint32_t oid);

// A sequence that fills a column: serial, identity, or a default of nextval().
struct ColumnSequence {
  std::string column;
  std::string sequence;               // qualified and quoted
  std::optional<int64_t> last_value;  // nothing: never used, or not readable by this role
  bool readable = true;
  int64_t start = 1;
  int64_t increment = 1;
};
Result<std::vector<ColumnSequence>> SequencesOf(Connection& connection, uint32_t oid);

// A sequence whose next value is already taken, because rows came with values of their own.
struct SequenceBehind {
  ColumnSequence sequence;
  int64_t max_value = 0;  // of the column, in the table
  std::string statement;  // what puts it right: SELECT setval(...)
};
// Looks only at columns that lead a unique key, where max() costs nothing.
Result<std::vector<SequenceBehind>> SequencesBehind(Connection& connection,
                                                    const TableDescription& table);

}  // namespace eclusa
