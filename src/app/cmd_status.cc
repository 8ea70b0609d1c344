#include "app/cmd_status.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/database.h"
#include "app/status_text.h"
#include "app/stored_report.h"
#include "control/read_jobs.h"
#include "failures/causes.h"

namespace eclusa {
namespace {

StatusFacts FactsOf(const JobRecord& job, const LoadReport& report) {
  return {.names = ReportNames::Local(report),
          .state = job.state,
          .reported = job.report_json.has_value(),
          .ended = job.finished_at.has_value(),
          .alive = job.alive,
          .waits_at = {},
          .retry = job.retry,
          .error = RecordedError(job),
          .counts = job.counts,
          .duration_ms = job.duration_ms,
          .open_failures = job.open_failures};
}

// The report's object, with what only the job's row knows.
std::string StatusJson(const JobRecord& job, const LoadReport& report) {
  boost::json::object object = boost::json::parse(ToJson(report)).as_object();
  object["state"] = job.state;
  if (!job.counts) object["outcomes"] = nullptr;
  object["open_failures"] = job.open_failures;
  object["alive"] = job.alive;
  object["retry"] = RetryJson(job.retry);
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
  out << StatusText(report, FactsOf(job, report), context, options.colours);
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
