#include "app/cmd_failures.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/database.h"
#include "app/report_text.h"
#include "control/read_jobs.h"
#include "core/log.h"
#include "failures/export.h"

namespace eclusa {
namespace {

std::string WrittenText(const JobRecord& job, const std::vector<ExportedFile>& written,
                        const CommandContext& context) {
  std::string text;
  for (const ExportedFile& file : written) {
    text += fmt::format("{} {} {}\n", Thousands(file.rows, context.language),
                        context.Say("failed rows written to", "linhas com falha gravadas em"),
                        file.path);
  }
  // Only what loaded its other rows can be completed.
  if (!job.loaded() || written.empty()) return text;
  text += context.Say("next: fix them there, then\n", "próximo passo: corrija-as ali e depois\n");
  for (const ExportedFile& file : written) {
    text += fmt::format("  eclusa resubmit {} {}\n", job.id, file.path);
  }
  return text;
}

std::string WrittenJson(const std::vector<ExportedFile>& written) {
  boost::json::array array;
  for (const ExportedFile& file : written) {
    array.push_back(boost::json::object{{"path", file.path}, {"rows", file.rows}});
  }
  return boost::json::serialize(array) + "\n";
}

}  // namespace

Result<int> RunFailures(Connection& connection, const FailuresOptions& options,
                        const CommandContext& context, std::ostream& out) {
  const int64_t job_id = TRY(ParseJobNumber(options.job));
  const JobRecord job = TRY(ReadJob(connection, job_id));
  ExportRequest request{.job_id = job.id,
                        .format = options.format,
                        .output = options.output,
                        .file = {},
                        .closed_too = options.all,
                        .language = context.language};
  if (options.file > 0) request.file = options.file - 1;
  const std::vector<ExportedFile> written = TRY(ExportFailures(connection, request));
  if (options.json) {
    if (!options.output.empty()) out << WrittenJson(written);
    return kExitGood;
  }
  if (written.empty()) {
    WriteToTerminal(fmt::format(
        "{} {}\n", context.Say("no open failures in job", "nenhuma falha aberta no job"), job.id));
  } else if (!options.output.empty()) {
    out << WrittenText(job, written, context);
  }
  return kExitGood;
}

void AddFailuresCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<FailuresOptions>();
  CLI::App* command = app.add_subcommand(
      "failures", context.Say("write the failed rows of a job, to be fixed and handed in again",
                              "grava as linhas com falha de um job, para corrigir e reenviar"));
  command->add_option("JOB", options->job, context.Say("its number", "o número do job"))
      ->required();
  AddDatabaseFlags(*command, context);
  command->add_option("--format", options->format,
                      context.Say("csv | json | jsonl | avro | parquet (the input's)",
                                  "csv | json | jsonl | avro | parquet (o da entrada)"));
  command->add_option("--output", options->output,
                      context.Say("where to (standard output)", "destino (saída padrão)"));
  command
      ->add_option("--file", options->file,
                   context.Say("only this file of the load; 1 is the first",
                               "só este arquivo da carga; 1 é o primeiro"))
      ->check(CLI::PositiveNumber);
  command->add_flag(
      "--all", options->all,
      context.Say("closed and waived ones too", "também as encerradas e dispensadas"));
  command->add_flag("--json", options->json,
                    context.Say("with --output: say what was written as JSON",
                                "com --output: informa em JSON o que foi gravado"));
  command->footer(
      "\n  eclusa failures 12 --output failures.csv\n  eclusa failures 12 --format jsonl");
  command->callback([options, &context] {
    RunCommand(context, options->json, [&]() -> Result<int> {
      Database database = TRY(OpenDatabase(context));
      return RunFailures(database.connection, *options, context, std::cout);
    });
  });
}

}  // namespace eclusa
