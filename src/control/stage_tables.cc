#include "control/stage_tables.h"

#include "control/sql.h"
#include "model/codes.h"

namespace eclusa {

namespace {

std::string TableOf(char letter, int64_t job_id, int table) {
  const std::string name = std::string("eclusa_stage.") + letter + "_" + std::to_string(job_id);
  return table == 0 ? name : name + "_" + std::to_string(table);
}

}  // namespace

std::string StageTable(int64_t job_id, int table) { return TableOf('s', job_id, table); }

std::string VerdictTable(int64_t job_id, int table) { return TableOf('v', job_id, table); }

Status DropLeftovers(Connection& connection, int64_t job_id) {
  const QueryResult tables =
      TRY(connection.Query(std::string(sql::kSelectJobTables), {std::to_string(job_id)}));
  std::string not_owned;
  for (int row = 0; row < tables.rows(); ++row) {
    const std::string table(tables.Text(row, 0));
    if (tables.Bool(row, 1)) {
      TRY(connection.Execute("DROP TABLE IF EXISTS " + table));
    } else {
      not_owned = table;
    }
  }
  if (not_owned.empty()) return Ok();
  return Error(ErrorKind::kInvalid, code::job_stage_not_owned, {{"table", not_owned}});
}

}  // namespace eclusa
