#include "app/cmd_status.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/database.h"
#include "app/duration_text.h"
#include "app/report_text.h"
#include "app/stored_report.h"
#include "control/read_jobs.h"
#include "failures/causes.h"

namespace eclusa {
namespace {

// A job that never came to a report: it runs, it died, it failed or was cancelled.
std::string WithoutReport(const JobRecord& job, const LoadReport& report,
                          const CommandContext& context) {
  std::string text =
      fmt::format("job {} · {} · {}: {}", job.id, report.target, job.mode, job.state);
  if (job.duration_ms) text += " · " + DurationText(*job.duration_ms);
  text += "\n";
  if (!job.finished_at) {
    text += job.alive
                ? context.Say("  it is running; what it read is known when it ends\n",
                              "  está em execução; o que leu será conhecido quando terminar\n")
                : context.Say("  its process is gone; the next load ends it as failed\n",
                              "  o processo terminou; a próxima carga vai encerrá-lo como falho\n");
    return text;
  }
  if (const std::optional<Error> error = RecordedError(job)) {
    text += "  " + Text(*error, context.language) + " [" + error->code() + "]\n";
    text += std::string("  ") + context.Say("next: ", "próximo passo: ") +
            Hint(*error, context.language) + "\n";
  }
  if (job.counts) {
    const auto number = [&](int64_t count) { return Thousands(count, context.language); };
    text += fmt::format("  {} {}, {} {}, {} {}\n", number(job.counts->read),
                        context.Say("rows read", "linhas lidas"), number(job.counts->failed),
                        context.Say("failed", "com falha"), number(job.counts->skipped),
                        context.Say("skipped", "não julgadas"));
  }
  return text;
}

std::string OpenFailuresText(const JobRecord& job, const CommandContext& context) {
  if (!job.counts || job.counts->failed == 0) return {};
  if (job.open_failures == 0) {
    return context.Say("\nopen failures: none; all were fixed or waived\n",
                       "\nfalhas abertas: nenhuma; todas foram corrigidas ou dispensadas\n");
  }
  return fmt::format("\n{} {}\n", context.Say("open failures:", "falhas abertas:"),
                     Thousands(job.open_failures, context.language));
}

// The report's object, with what only the job's row knows.
std::string StatusJson(const JobRecord& job, const LoadReport& report) {
  boost::json::object object = boost::json::parse(ToJson(report)).as_object();
  object["state"] = job.state;
  if (!job.counts) object["outcomes"] = nullptr;
  object["open_failures"] = job.open_failures;
  object["alive"] = job.alive;
  object["created_at"] = job.created_at;
  object["finished_at"] = job.finished_at ? boost::json::value(*job.finished_at) : nullptr;
  object["error"] = job.error_json ? boost::json::parse(*job.error_json) : nullptr;
  return boost::json::serialize(object) + "\n";
}

}  // namespace

Result<int> RunStatus(Connection& connection, const StatusOptions& options,
                      const CommandContext& context, std::ostream& out) {
  const int64_t job_id = TRY(ParseJobNumber(options.job));
  const JobRecord job = TRY(ReadJob(connection, job_id));
  LoadReport report = StoredReport(job);
  report.causes = TRY(ReadCauses(connection, job.id));
  if (options.json) {
    out << StatusJson(job, report);
    return kExitGood;
  }
  out << (job.report_json ? ReportText(report, context, options.colours)
                          : WithoutReport(job, report, context));
  out << OpenFailuresText(job, context);
  return kExitGood;
}

void AddStatusCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* command = app.add_subcommand(
      "status", context.Say("the report of a job again", "o relatório de um job, de novo"));
  command->add_option("JOB", options->job, context.Say("its number", "o número do job"))
      ->required();
  AddDatabaseFlags(*command, context);
  command->add_flag("--json", options->json,
                    context.Say("print one JSON object", "imprime um objeto JSON"));
  command->callback([options, &context] {
    RunCommand(context, options->json, [&]() -> Result<int> {
      Database database = TRY(OpenDatabase(context));
      options->colours = isatty(STDOUT_FILENO) == 1 && context.Variable("NO_COLOR").empty();
      return RunStatus(database.connection, *options, context, std::cout);
    });
  });
}

}  // namespace eclusa
