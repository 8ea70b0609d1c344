#include "app/cmd_waive.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/database.h"
#include "app/report_text.h"
#include "control/read_jobs.h"
#include "failures/waive.h"

namespace eclusa {
namespace {

std::string WaivedText(int64_t job_id, const WaiveResult& result, const CommandContext& context) {
  const auto number = [&](int64_t count) { return Thousands(count, context.language); };
  std::string text = fmt::format("{} {}\n", number(result.waived),
                                 context.Say("failures waived", "falhas dispensadas"));
  if (result.left_for_other_reasons > 0) {
    text += fmt::format("{} {}\n", number(result.left_for_other_reasons),
                        context.Say("rows have other reasons too and stay open",
                                    "linhas têm também outros motivos e continuam abertas"));
  }
  return text + fmt::format("{} {}: {}\n",
                            context.Say("open failures of job", "falhas abertas do job"), job_id,
                            number(result.open_failures));
}

std::string WaivedJson(int64_t job_id, const WaiveResult& result) {
  return boost::json::serialize(
             boost::json::object{{"job_id", job_id},
                                 {"waived", result.waived},
                                 {"left_for_other_reasons", result.left_for_other_reasons},
                                 {"open_failures", result.open_failures}}) +
         "\n";
}

}  // namespace

Result<int> RunWaive(Connection& connection, const WaiveOptions& options,
                     const CommandContext& context, std::ostream& out) {
  const int64_t job_id = TRY(ParseJobNumber(options.job));
  WaiveRequest request{
      .job_id = job_id, .row = {}, .file = {}, .code = options.code, .reason = options.reason};
  if (options.row > 0) request.row = options.row;
  if (options.file > 0) request.file = options.file - 1;
  const WaiveResult result = TRY(WaiveFailures(connection, request));
  out << (options.json ? WaivedJson(job_id, result) : WaivedText(job_id, result, context));
  return kExitGood;
}

void AddWaiveCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<WaiveOptions>();
  CLI::App* command = app.add_subcommand(
      "waive", context.Say("close failures that need not be fixed, with a reason",
                           "dispensa falhas que não precisam de correção, com justificativa"));
  command->add_option("JOB", options->job, context.Say("its number", "o número do job"))
      ->required();
  AddDatabaseFlags(*command, context);
  command
      ->add_option("--row", options->row,
                   context.Say("one row, by its number in the file",
                               "uma linha, pelo número dela no arquivo"))
      ->check(CLI::PositiveNumber);
  command
      ->add_option(
          "--file", options->file,
          context.Say("the row's file; 1 is the first", "o arquivo da linha; 1 é o primeiro"))
      ->check(CLI::PositiveNumber);
  command->add_option("--code", options->code,
                      context.Say("rows all of whose reasons have this code",
                                  "linhas cujos motivos têm todos este código"));
  command->add_option(
      "--reason", options->reason,
      context.Say("why; kept with the failure", "por quê; fica guardado com a falha"));
  command->add_flag("--json", options->json,
                    context.Say("print one JSON object", "imprime um objeto JSON"));
  command->footer("\n  eclusa waive 12 --row 7 --reason \"customer closed in 2019\"");
  command->callback([options, &context] {
    RunCommand(context, options->json, [&]() -> Result<int> {
      Database database = TRY(OpenDatabase(context));
      return RunWaive(database.connection, *options, context, std::cout);
    });
  });
}

}  // namespace eclusa
