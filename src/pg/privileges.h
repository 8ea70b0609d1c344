// Rights: whether this role may do what a load does, and the GRANT that is missing.
//
// Statements are returned as text for people; nothing here grants anything. Threads: as the
// Connection.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "model/table.h"
#include "pg/connection.h"

namespace eclusa {

// What a load needs on its target.
struct NeededPrivileges {
  bool select = true;
  bool insert = false;
  bool update = false;
  bool remove = false;
};

// The GRANT that `role` lacks on the table; empty: nothing is missing.
std::string MissingGrant(const TableDescription& table, const NeededPrivileges& needed,
                         const std::string& role);

// kInvalid (table.no_privilege) with the missing GRANT where a right is missing.
Status RequirePrivileges(Connection& connection, const TableDescription& table,
                         const NeededPrivileges& needed);

// The role that this session acts as.
Result<std::string> CurrentRole(Connection& connection);

}  // namespace eclusa
