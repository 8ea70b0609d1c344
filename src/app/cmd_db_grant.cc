#include "app/cmd_db_grant.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "app/database.h"
#include "control/schema.h"
#include "pg/catalog.h"
#include "pg/identifier.h"

namespace eclusa {
namespace {

struct GrantFlags {
  std::string role;
  std::string target;
  bool json = false;
};

// What the target's owner has to run: eclusa grants on its own schemas only. Without a target the
// words in capitals are for the reader to fill in.
Result<std::string> TargetStatement(Connection& connection, const GrantFlags& flags) {
  std::string schema = "SCHEMA_NAME";
  std::string table = "SCHEMA_NAME.TABLE_NAME";
  if (!flags.target.empty()) {
    const TableName name = TRY(ParseTableName(flags.target));
    const TableDescription target = TRY(DescribeTable(connection, name));
    schema = QuoteIdentifier(target.name.schema);
    table = QuoteQualified(target.name);
  }
  return fmt::format(
      "GRANT USAGE ON SCHEMA {0} TO {2}; GRANT SELECT, INSERT, UPDATE, DELETE ON {1} TO {2};",
      schema, table, QuoteIdentifier(flags.role));
}

Result<int> RunGrant(const CommandContext& context, const GrantFlags& flags) {
  Database database = TRY(OpenDatabase(context));
  const std::string statement = TRY(TargetStatement(database.connection, flags));
  TRY(GrantLoading(database.connection, flags.role));
  const Error done(ErrorKind::kInvalid, code::grant_done,
                   {{"role", flags.role}, {"statement", statement}});
  std::string text;
  if (flags.json) {
    text = boost::json::serialize(
               boost::json::object{{"role", flags.role}, {"target_statement", statement}}) +
           "\n";
  } else {
    text = Text(done, context.language) + "\n  " + Hint(done, context.language) + "\n";
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitGood;
}

}  // namespace

void AddDbGrantCommand(CLI::App& db, CommandContext& context) {
  CLI::App* command = db.add_subcommand(
      "grant",
      context.Say("let a role run loads: its rights on the schemas eclusa and eclusa_stage",
                  "permite que um usuário rode cargas: as permissões dele nos esquemas "
                  "eclusa e eclusa_stage"));
  auto flags = std::make_shared<GrantFlags>();
  AddDatabaseFlags(*command, context);
  command->add_option("role", flags->role, context.Say("the role's name", "nome do usuário"))
      ->required();
  command->add_option("--to", flags->target,
                      context.Say("print the statement for this target: [schema.]table",
                                  "mostra o comando para este destino: [esquema.]tabela"));
  command->add_flag("--json", flags->json,
                    context.Say("print one JSON object", "imprime um objeto JSON"));
  command->callback([&context, flags] {
    RunCommand(context, flags->json, [&] { return RunGrant(context, *flags); });
  });
}

}  // namespace eclusa
