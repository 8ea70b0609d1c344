#include "pg/sql_state.h"

namespace eclusa {

ErrorKind KindOfSqlState(std::string_view sql_state) {
  if (sql_state.empty()) return ErrorKind::kUnavailable;
  if (sql_state == "57014") return ErrorKind::kCancelled;
  if (sql_state.starts_with("40") || sql_state == "55P03") return ErrorKind::kConflict;
  if (sql_state.starts_with("08") || sql_state.starts_with("53") || sql_state.starts_with("57")) {
    return ErrorKind::kUnavailable;
  }
  if (sql_state.starts_with("XX")) return ErrorKind::kInternal;
  return ErrorKind::kInvalid;
}

bool IsRowsFault(std::string_view sql_state) {
  if (sql_state.size() != 5) return false;
  if (sql_state == "55P03" || sql_state == "42501") return false;
  const std::string_view sql_class = sql_state.substr(0, 2);
  if (sql_class == "54") return sql_state == "54000";
  return sql_class != "08" && sql_class != "40" && sql_class != "53" && sql_class != "57" &&
         sql_class != "XX";
}

}  // namespace eclusa
