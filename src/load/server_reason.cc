#include "load/server_reason.h"

#include "model/codes.h"

namespace eclusa {

Reason ReasonOfServer(const ServerError& error) {
  Reason reason{.code = std::string(code::database_rejected),
                .column = error.column,
                .rule = error.constraint,
                .arguments = {{"sqlstate", error.sql_state}, {"detail", error.message}}};
  if (error.sql_state == "23505") reason.code = code::unique_in_target;
  if (error.sql_state == "23503") {
    // The one error for both ends of a reference; only its words tell them apart.
    const bool given_up = error.message.starts_with("update or delete");
    reason.code = given_up ? code::reference_in_use : code::reference_missing;
  }
  if (error.sql_state == "23514") {
    reason.code = error.constraint.empty() ? code::check_partition : code::check_violated;
  }
  if (error.sql_state == "23P01") reason.code = code::exclusion_violated;
  if (error.sql_state == "23502") reason.code = code::value_required;
  return reason;
}

}  // namespace eclusa
