// The control schema `eclusa`: made and upgraded by numbered migrations.
//
// Each migration is one transaction under an advisory lock, so that two processes may start at
// once. Refused (kInvalid) where the database is newer than this program (schema.newer), or where
// the role may not create or upgrade (schema.may_not_create, schema.may_not_upgrade: the error
// shows the statement to run). Stage tables live in the schema `eclusa_stage`. Does NOT drop or
// downgrade anything.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "pg/connection.h"

namespace eclusa {

struct Migration {
  int number = 0;
  std::string_view name;
  std::string_view sql;
};

// All that this program knows, in order, numbered from 1 without gaps.
const std::vector<Migration>& Migrations();
// The number of the last one.
int SchemaVersion();

// What the database has; 0: no control schema.
Result<int> ReadSchemaVersion(Connection& connection);

// Brings the control schema to SchemaVersion(). One cheap query where it is already there. Must not
// be called inside a transaction. Returns the number of migrations applied.
Result<int> EnsureSchema(Connection& connection);

// The same with another list: how tests upgrade step by step.
Result<int> ApplyMigrations(Connection& connection, const std::vector<Migration>& migrations);

// What a role that may only load needs on the control schema (not on the target). The statements
// for people to read or run, and running them in one transaction.
Result<std::vector<std::string>> GrantStatements(Connection& connection, const std::string& role);
Status GrantLoading(Connection& connection, const std::string& role);

}  // namespace eclusa
