#include "pg/privileges.h"

#include <fmt/format.h>

#include "model/codes.h"
#include "pg/identifier.h"

namespace eclusa {

std::string MissingGrant(const TableDescription& table, const NeededPrivileges& needed,
                         const std::string& role) {
  std::string missing;
  const auto require = [&missing](bool wanted, bool granted, std::string_view privilege) {
    if (!wanted || granted) return;
    if (!missing.empty()) missing += ", ";
    missing += privilege;
  };
  require(needed.select, table.privileges.select, "SELECT");
  require(needed.insert, table.privileges.insert, "INSERT");
  require(needed.update, table.privileges.update, "UPDATE");
  require(needed.remove, table.privileges.remove, "DELETE");
  if (missing.empty()) return missing;
  return fmt::format("GRANT {} ON {} TO {};", missing, QuoteQualified(table.name),
                     QuoteIdentifier(role));
}

Status RequirePrivileges(Connection& connection, const TableDescription& table,
                         const NeededPrivileges& needed) {
  const std::string role = TRY(CurrentRole(connection));
  std::string statement = MissingGrant(table, needed, role);
  if (statement.empty()) return Ok();
  return Error(
      ErrorKind::kInvalid, code::table_no_privilege,
      {{"table", table.name.Display()}, {"role", role}, {"statement", std::move(statement)}});
}

Result<std::string> CurrentRole(Connection& connection) {
  const QueryResult rows = TRY(connection.Execute("SELECT current_user"));
  return std::string(rows.Text(0, 0));
}

}  // namespace eclusa
