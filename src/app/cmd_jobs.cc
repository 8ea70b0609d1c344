#include "app/cmd_jobs.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/database.h"
#include "app/duration_text.h"
#include "app/report_text.h"
#include "app/text_table.h"
#include "control/read_jobs.h"

namespace eclusa {
namespace {

// What a row of the table says of the state: a process that is gone is worth a word.
std::string StateOf(const JobRecord& job, const CommandContext& context) {
  std::string text = job.state;
  if (job.dry_run) text += context.Say(" (dry run)", " (simulação)");
  if (!job.finished_at && !job.alive) {
    text += context.Say(" (process gone)", " (processo encerrado)");
  }
  return text;
}

std::string CountOf(const JobRecord& job, int64_t OutcomeCounts::*count,
                    const CommandContext& context) {
  return job.counts ? Thousands((*job.counts).*count, context.language) : "-";
}

std::string JobsText(const std::vector<JobRecord>& jobs, const CommandContext& context) {
  if (jobs.empty()) {
    return context.Say(
        "no jobs yet; load a file with: eclusa load FILE --to TABLE\n",
        "nenhum job ainda; carregue um arquivo com: eclusa load ARQUIVO --to TABELA\n");
  }
  std::vector<std::vector<std::string>> rows = {
      {context.Say("job", "job"), context.Say("created (UTC)", "criado (UTC)"),
       context.Say("target", "destino"), context.Say("mode", "modo"),
       context.Say("state", "estado"), context.Say("read", "lidas"),
       context.Say("failed", "com falha"), context.Say("open", "abertas"),
       context.Say("took", "duração")}};
  for (const JobRecord& job : jobs) {
    rows.push_back({std::to_string(job.id), job.created_at.substr(0, 19), job.target.Display(),
                    job.mode, StateOf(job, context), CountOf(job, &OutcomeCounts::read, context),
                    CountOf(job, &OutcomeCounts::failed, context),
                    Thousands(job.open_failures, context.language),
                    job.duration_ms ? DurationText(*job.duration_ms, context.language) : "-"});
  }
  using enum Align;
  return TextTable({kRight, kLeft, kLeft, kLeft, kLeft, kRight, kRight, kRight, kRight}, rows);
}

std::string JobsJson(const std::vector<JobRecord>& jobs) {
  boost::json::array array;
  for (const JobRecord& job : jobs) {
    boost::json::object object{{"job_id", job.id},
                               {"state", job.state},
                               {"target", job.target.Display()},
                               {"mode", job.mode},
                               {"dry_run", job.dry_run},
                               {"created_at", job.created_at},
                               {"alive", job.alive},
                               {"open_failures", job.open_failures}};
    object["parent_job_id"] = job.parent_id ? boost::json::value(*job.parent_id) : nullptr;
    object["duration_ms"] = job.duration_ms ? boost::json::value(*job.duration_ms) : nullptr;
    object["read"] = job.counts ? boost::json::value(job.counts->read) : nullptr;
    object["failed"] = job.counts ? boost::json::value(job.counts->failed) : nullptr;
    array.emplace_back(std::move(object));
  }
  return boost::json::serialize(array) + "\n";
}

}  // namespace

Result<int> RunJobs(Connection& connection, const JobsOptions& options,
                    const CommandContext& context, std::ostream& out) {
  const std::vector<JobRecord> jobs = TRY(ReadLastJobs(connection, options.limit));
  out << (options.json ? JobsJson(jobs) : JobsText(jobs, context));
  return kExitGood;
}

void AddJobsCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<JobsOptions>();
  CLI::App* command = app.add_subcommand(
      "jobs", context.Say("the last jobs, a line each", "os últimos jobs, um por linha"));
  AddDatabaseFlags(*command, context);
  command->add_option("--limit", options->limit, context.Say("how many (20)", "quantos (20)"))
      ->check(CLI::PositiveNumber);
  command->add_flag("--json", options->json,
                    context.Say("print one JSON array", "imprime um array JSON"));
  command->callback([options, &context] {
    RunCommand(context, options->json, [&]() -> Result<int> {
      Database database = TRY(OpenDatabase(context));
      return RunJobs(database.connection, *options, context, std::cout);
    });
  });
}

}  // namespace eclusa
