// The database that a command works on: --db, else ECLUSA_DB, else the private PostgreSQL.
//
// Holds the private server for as long as the command runs (the last user out stops it).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/command.h"
#include "core/result.h"
#include "pg/connection.h"
#include "pg/private_server.h"

namespace CLI {
class App;
}

namespace eclusa {

struct Database {
  std::optional<PrivateServer> server;  // where neither --db nor ECLUSA_DB names one
  std::string conninfo;
  Connection connection;
};

// --db, --data-dir.
void AddDatabaseFlags(CLI::App& command, CommandContext& context);

// Where the private PostgreSQL of this user is.
Result<PrivateServerOptions> ServerOptions(const CommandContext& context);

// Opens the database and brings its schema `eclusa` up to date.
Result<Database> OpenDatabase(const CommandContext& context);
// Only opens it: for doctor, which tells what is wrong with the schema.
Result<Database> OpenBareDatabase(const CommandContext& context);

}  // namespace eclusa
