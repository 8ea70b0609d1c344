#include "dispatch/outbox.h"

#include "dispatch/sql.h"

namespace eclusa {

Status WantMessages(Connection& connection) {
  TRY(connection.Execute(std::string(sql::kWantMessages)));
  return Ok();
}

Result<std::vector<DueHint>> ReadDue(Connection& connection, int most) {
  const QueryResult found = TRY(connection.QueryPrepared(sql::kSelectDue, {std::to_string(most)}));
  std::vector<DueHint> due;
  for (int row = 0; row < found.rows(); ++row) {
    DueHint& hint =
        due.emplace_back(DueHint{.id = found.Int(row, 0), .hint = {.job_id = found.Int(row, 1)}});
    if (!found.IsNull(row, 2)) hint.hint.part = static_cast<int32_t>(found.Int(row, 2));
  }
  return due;
}

Result<std::optional<std::chrono::milliseconds>> ReadNextDue(Connection& connection) {
  const QueryResult found = TRY(connection.QueryPrepared(sql::kSelectNextDue, {}));
  if (found.IsNull(0, 0)) return std::optional<std::chrono::milliseconds>();
  return std::optional(std::chrono::milliseconds(std::max<int64_t>(found.Int(0, 0), 0)));
}

Status DeleteSent(Connection& connection, const std::vector<DueHint>& sent) {
  std::string ids = "{";
  for (const DueHint& hint : sent) ids += (ids.size() > 1 ? "," : "") + std::to_string(hint.id);
  TRY(connection.QueryPrepared(sql::kDeleteSent, {ids + "}"}));
  return Ok();
}

Result<int64_t> DiscardLate(Connection& connection, std::chrono::milliseconds late) {
  const QueryResult done =
      TRY(connection.Query(std::string(sql::kDiscardLate), {std::to_string(late.count())}));
  return done.affected();
}

}  // namespace eclusa
