#include "app/database.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "control/schema.h"

namespace eclusa {

void AddDatabaseFlags(CLI::App& command, CommandContext& context) {
  command.add_option("--db", context.database,
                     context.Say("target database: a libpq URI or keywords (else ECLUSA_DB, else "
                                 "the private PostgreSQL)",
                                 "banco de destino: URI ou palavras-chave da libpq (senão "
                                 "ECLUSA_DB, senão o PostgreSQL privado)"));
  command.add_option(
      "--data-dir", context.data_dir,
      context.Say("folder of the private PostgreSQL", "pasta do PostgreSQL privado"));
}

Result<PrivateServerOptions> ServerOptions(const CommandContext& context) {
  PrivateServerOptions options;
  options.data_dir = context.data_dir;
  if (options.data_dir.empty()) {
    options.data_dir = TRY(DefaultDataDir(context.environment, geteuid() == 0));
  }
  options.path = context.Variable("PATH");
  options.stop = context.stop;
  return options;
}

Result<Database> OpenBareDatabase(const CommandContext& context) {
  std::string conninfo =
      context.database.empty() ? context.Variable("ECLUSA_DB") : context.database;
  std::optional<PrivateServer> server;
  if (conninfo.empty()) {
    const PrivateServerOptions options = TRY(ServerOptions(context));
    server.emplace(TRY(PrivateServer::Use(options)));
    conninfo = server->conninfo();
  }
  Connection connection = TRY(Connection::Open(conninfo, context.stop));
  return Database{std::move(server), std::move(conninfo), std::move(connection)};
}

Result<Database> OpenDatabase(const CommandContext& context) {
  Database database = TRY(OpenBareDatabase(context));
  TRY(EnsureSchema(database.connection));
  return database;
}

}  // namespace eclusa
