#include "app/commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "api/endpoints.h"
#include "api/media_types.h"
#include "app/cmd_check_document.h"
#include "app/cmd_client.h"
#include "app/cmd_config.h"
#include "app/cmd_contract.h"
#include "app/cmd_convert.h"
#include "app/cmd_db.h"
#include "app/cmd_db_grant.h"
#include "app/cmd_doctor.h"
#include "app/cmd_explain.h"
#include "app/cmd_failures.h"
#include "app/cmd_jobs.h"
#include "app/cmd_load.h"
#include "app/cmd_serve.h"
#include "app/cmd_status.h"
#include "app/cmd_token.h"
#include "app/cmd_waive.h"
#include "app/cmd_worker.h"
#include "core/fault.h"
#include "judge/constraint_kinds.h"
#include "settings/settings.h"

namespace eclusa {
namespace {

void AddVersionCommand(CLI::App& app, const CommandContext& context) {
  CLI::App* command =
      app.add_subcommand("version", context.Say("what this program is", "que programa é este"));
  command->callback([] { fmt::print("eclusa {}\n", ECLUSA_VERSION); });
}

// For the kill driver: the points at which a test may end the process.
void AddFaultPointsCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("fault-points", "names of the fault points, one a line");
  command->group("");  // not in the help
  command->callback([] {
    for (const std::string& name : FaultPoints()) fmt::print("{}\n", name);
  });
}

}  // namespace

namespace {

// One a line: method, pattern, operation, media types of its answer. No database is asked.
void PrintRoutes() {
  api::ApiService service({}, nullptr);
  for (const http::Route& route : api::Routes(service)) {
    fmt::print("{} {} {} {}\n", route.method, route.pattern, route.operation,
               fmt::join(api::AnswerTypes(route.operation), ","));
  }
}

// Tables of docs/ and of tests that are made from the code.
void AddDocsCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("docs", "tables of the documentation");
  command->group("");  // not in the help
  command->add_subcommand("constraints", "what is judged where")->callback([] {
    fmt::print("{}", ConstraintKindsMarkdown());
  });
  command->add_subcommand("settings", "settings of serve and worker")->callback([] {
    fmt::print("{}", SettingsDocument());
  });
  command->add_subcommand("routes", "calls of the API")->callback(PrintRoutes);
  command->require_subcommand(1);
}

}  // namespace

Language ParseLanguage(std::string_view text) {
  return text.starts_with("pt") ? Language::kPortuguese : Language::kEnglish;
}

void AddCommands(CLI::App& app, CommandContext& context) {
  AddLoadCommand(app, context);
  AddJobsCommand(app, context);
  AddStatusCommand(app, context);
  AddFailuresCommand(app, context);
  AddResubmitCommand(app, context);
  AddWaiveCommand(app, context);
  AddServeCommand(app, context);
  AddWorkerCommand(app, context);
  AddTokenCommand(app, context);
  AddClientCommand(app, context);
  AddConfigCommand(app, context);
  AddCancelCommand(app, context);
  AddExplainCommand(app, context);
  AddCheckDocumentCommand(app, context);
  AddContractCommand(app, context);
  AddConvertCommand(app, context);
  AddDbCommand(app, context);
  AddDoctorCommand(app, context);
  AddVersionCommand(app, context);
  AddFaultPointsCommand(app);
  AddDocsCommand(app);
}

}  // namespace eclusa
