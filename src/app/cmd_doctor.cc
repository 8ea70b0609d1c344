#include "app/cmd_doctor.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "app/database.h"
#include "app/doctor.h"
#include "pg/identifier.h"

namespace eclusa {
namespace {

struct DoctorFlags {
  std::string target;
  bool json = false;
};

// A database that cannot be opened is a finding too: the first one, and the only one.
Result<Diagnosis> Examine(const CommandContext& context, const std::optional<TableName>& target) {
  auto database = OpenBareDatabase(context);
  if (database.ok()) return Diagnose(database->connection, target);
  if (database.error().kind() == ErrorKind::kCancelled) return std::move(database).error();
  return Diagnosis{Error(ErrorKind::kInvalid, code::doctor_no_server),
                   {{Severity::kProblem, std::move(database).error()}}};
}

Result<int> RunDoctor(const CommandContext& context, const DoctorFlags& flags) {
  std::optional<TableName> target;
  if (!flags.target.empty()) target = TRY(ParseTableName(flags.target));
  const Diagnosis diagnosis = TRY(Examine(context, target));
  const std::string text = flags.json ? DiagnosisJson(diagnosis, context.language) + "\n"
                                      : DiagnosisText(diagnosis, context.language);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return diagnosis.HasProblems() ? kExitFailed : kExitGood;
}

}  // namespace

void AddDoctorCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand(
      "doctor", context.Say("what is wrong or missing in the database, each with the remedy",
                            "o que está errado ou falta no banco, cada item com a solução"));
  auto flags = std::make_shared<DoctorFlags>();
  AddDatabaseFlags(*command, context);
  command->add_option("--to", flags->target,
                      context.Say("also look at this table: [schema.]table",
                                  "examina também esta tabela: [esquema.]tabela"));
  command->add_flag("--json", flags->json,
                    context.Say("print one JSON object", "imprime um objeto JSON"));
  command->callback([&context, flags] {
    RunCommand(context, flags->json, [&] { return RunDoctor(context, *flags); });
  });
}

}  // namespace eclusa
