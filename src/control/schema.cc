#include "control/schema.h"

#include "control/advisory_lock.h"
#include "control/sql.h"
#include "core/log.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// Another process upgrades for seconds at most; longer means that somebody sits on a lock.
constexpr const char* kMigrationPatience = "SET LOCAL lock_timeout = '60s'";

// What select_schema_state.sql tells.
struct SchemaState {
  bool schema_exists = false;
  bool tables_exist = false;
  bool readable = false;
  bool owned = false;
  bool may_create = false;
  std::string role;      // quoted
  std::string database;  // quoted
  std::string owner;     // quoted; empty: no schema
};

Result<SchemaState> ReadSchemaState(Connection& connection) {
  const QueryResult found = TRY(connection.Execute(std::string(sql::kSelectSchemaState)));
  return SchemaState{.schema_exists = found.Bool(0, 0),
                     .tables_exist = found.Bool(0, 1),
                     .readable = found.Bool(0, 2),
                     .owned = found.Bool(0, 3),
                     .may_create = found.Bool(0, 4),
                     .role = std::string(found.Text(0, 5)),
                     .database = std::string(found.Text(0, 6)),
                     .owner = std::string(found.Text(0, 7))};
}

Error MayNotCreate(const SchemaState& state) {
  return Error(
      ErrorKind::kInvalid, code::schema_may_not_create,
      {{"role", state.role},
       {"database", state.database},
       {"statement", "CREATE SCHEMA eclusa AUTHORIZATION " + state.role +
                         "; CREATE SCHEMA eclusa_stage AUTHORIZATION " + state.role + ";"}});
}

Error MayNotUpgrade(const SchemaState& state) {
  return Error(ErrorKind::kInvalid, code::schema_may_not_upgrade,
               {{"role", state.role},
                {"owner", state.owner},
                {"statement", "GRANT " + state.owner + " TO " + state.role + ";"}});
}

Error NoAccess(const SchemaState& state) {
  return Error(ErrorKind::kInvalid, code::schema_no_access,
               {{"role", state.role}, {"owner", state.owner}});
}

Error Newer(int found, int known) {
  return Error(ErrorKind::kInvalid, code::schema_newer,
               {{"found", std::to_string(found)}, {"known", std::to_string(known)}});
}

// The version as this role can read it.
Result<int> VersionOf(Connection& connection, const SchemaState& state) {
  if (!state.tables_exist) return 0;
  if (!state.readable) return NoAccess(state);
  const QueryResult version = TRY(connection.Execute(std::string(sql::kSelectSchemaVersion)));
  return static_cast<int>(version.Int(0, 0));
}

// One migration, unless another process has applied it meanwhile. True: it was applied here.
Result<bool> ApplyOne(Connection& connection, const Migration& migration) {
  Transaction transaction = TRY(Transaction::Begin(connection));
  TRY(connection.Execute(kMigrationPatience));
  TRY(connection.Query("SELECT pg_advisory_xact_lock($1::bigint << 32)",
                       {std::to_string(kSchemaLockSpace)}));
  const SchemaState state = TRY(ReadSchemaState(connection));
  if (TRY(VersionOf(connection, state)) >= migration.number) {
    TRY(std::move(transaction).Rollback());
    return false;
  }
  const auto applied = connection.Execute(std::string(migration.sql));
  if (!applied.ok()) {
    if (applied.error().sql_state() != "42501") return applied.error();
    return state.tables_exist ? MayNotUpgrade(state) : MayNotCreate(state);
  }
  TRY(connection.Query(std::string(sql::kInsertMigration),
                       {std::to_string(migration.number), std::string(migration.name)}));
  // Not Transaction::Commit, which takes the stop token away from a session that goes on to load.
  TRY(connection.Execute("COMMIT"));
  LogInfo("migration_applied", {{"name", std::string(migration.name)}});
  return true;
}

}  // namespace

const std::vector<Migration>& Migrations() {
  static const std::vector<Migration> migrations = {
      {1, "0001_control_schema", sql::k0001ControlSchema},
      {2, "0002_ledger_tables", sql::k0002LedgerTables},
      {3, "0003_queue", sql::k0003Queue},
      {4, "0004_api", sql::k0004Api},
      {5, "0005_parts", sql::k0005Parts},
      {6, "0006_parts_written", sql::k0006PartsWritten},
      {7, "0007_outbox", sql::k0007Outbox},
      {8, "0008_token_limits", sql::k0008TokenLimits},
  };
  return migrations;
}

int SchemaVersion() { return Migrations().back().number; }

Result<int> ReadSchemaVersion(Connection& connection) {
  return VersionOf(connection, TRY(ReadSchemaState(connection)));
}

Result<int> EnsureSchema(Connection& connection) {
  return ApplyMigrations(connection, Migrations());
}

Result<int> ApplyMigrations(Connection& connection, const std::vector<Migration>& migrations) {
  CHECK(!connection.in_transaction());
  const SchemaState state = TRY(ReadSchemaState(connection));
  const int found = TRY(VersionOf(connection, state));
  const int known = migrations.back().number;
  if (found > known) return Newer(found, known);
  int applied = 0;
  for (const Migration& migration : migrations) {
    if (migration.number <= found) continue;
    if (state.tables_exist && !state.owned) return MayNotUpgrade(state);
    if (!state.schema_exists && !state.may_create) return MayNotCreate(state);
    if (TRY(ApplyOne(connection, migration))) ++applied;
  }
  return applied;
}

Result<std::vector<std::string>> GrantStatements(Connection& connection, const std::string& role) {
  const QueryResult found = TRY(connection.Query(std::string(sql::kSelectGrantStatements), {role}));
  if (found.rows() == 0) {
    return Error(ErrorKind::kNotFound, code::schema_no_role, {{"role", role}});
  }
  std::vector<std::string> statements;
  for (int row = 0; row < found.rows(); ++row) statements.emplace_back(found.Text(row, 0));
  return statements;
}

Status GrantLoading(Connection& connection, const std::string& role) {
  const std::vector<std::string> statements = TRY(GrantStatements(connection, role));
  Transaction transaction = TRY(Transaction::Begin(connection));
  for (const std::string& statement : statements) TRY(connection.Execute(statement));
  return std::move(transaction).Commit();
}

}  // namespace eclusa
