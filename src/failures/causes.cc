#include "failures/causes.h"

#include "failures/reason_json.h"
#include "failures/sql.h"

namespace eclusa {

Result<std::vector<Cause>> ReadCauses(Connection& connection, int64_t job_id, CausesOf which) {
  const QueryResult found =
      TRY(connection.Query(std::string(sql::kSelectCauses),
                           {std::to_string(job_id), which == CausesOf::kOpen ? "t" : "f"}));
  std::vector<Cause> causes;
  for (int row = 0; row < found.rows(); ++row) {
    causes.push_back(
        {.code = std::string(found.Text(row, 0)),
         .column = std::string(found.Text(row, 1)),
         .count = found.Int(row, 2),
         .sample = ReasonFromJson(found.Text(row, 3)),
         .sample_place = {.file = static_cast<int32_t>(found.Int(row, 4)),
                          .row = found.Int(row, 5),
                          .line = found.Int(row, 6),
                          .byte_offset = found.IsNull(row, 7) ? -1 : found.Int(row, 7)}});
  }
  return causes;
}

}  // namespace eclusa
