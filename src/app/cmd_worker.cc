#include "app/cmd_worker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "app/database.h"
#include "app/service_notice.h"
#include "app/settings_flags.h"
#include "app/storage.h"
#include "app/worker_settings.h"
#include "control/read_jobs.h"
#include "control/worker.h"
#include "core/log.h"
#include "jobs/queue.h"
#include "jobs/worker.h"

namespace eclusa {
namespace {

Result<int> RunWorker(const SettingsFlags& flags, CommandContext& context) {
  const Settings settings = TRY(SettingsOf(flags, context));
  const auto targets = TRY(TargetsOf(settings));
  Database database = TRY(OpenDatabase(context));
  SetLogLevel(LogLevel::kInfo);
  SetLogFormat(isatty(STDERR_FILENO) == 1 ? LogFormat::kText : LogFormat::kJson);
  const Storage storage = TRY(OpenStorage(settings, context));
  Worker worker(TRY(WorkerConfigOf(settings, storage, database.conninfo, targets)));
  TRY(worker.Run(context.stop, [&] {
    fmt::print("{} {} · {}\n", context.Say("working:", "trabalhando:"),
               database.connection.Describe(),
               fmt::format(fmt::runtime(context.Say("{} jobs at a time", "{} jobs por vez")),
                           settings.Number("workers")));
    std::fflush(stdout);
    NotifyServiceManager(context, "READY=1");
  }));
  NotifyServiceManager(context, "STOPPING=1");
  return kExitGood;
}

const char* CancelText(CancelAnswer answer, const CommandContext& context) {
  switch (answer) {
    case CancelAnswer::kCanceled:
      return context.Say("canceled; it had not begun", "cancelado; não tinha começado");
    case CancelAnswer::kRequested:
      return context.Say("asked to stop; its worker will answer",
                         "parada solicitada; o worker vai responder");
    case CancelAnswer::kEnded:
      return context.Say("it had ended", "já tinha terminado");
  }
  return "";
}

}  // namespace

void AddWorkerCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<SettingsFlags>();
  CLI::App* command = app.add_subcommand(
      "worker", context.Say("do the jobs of the queue until told to stop",
                            "executa os jobs da fila até receber a ordem de parar"));
  AddDatabaseFlags(*command, context);
  AddConfigFlag(*command, flags, context);
  AddSettingFlag(*command, flags, "--workers", "workers", context);
  AddSettingFlag(*command, flags, "--lease", "lease_seconds", context);
  AddSettingFlag(*command, flags, "--finish-within", "finish_seconds", context);
  AddSettingFlag(*command, flags, "--storage", "storage.folder", context);
  AddSettingFlag(*command, flags, "--broker", "broker.url", context);
  command->callback([flags, &context] {
    RunCommand(context, [&]() -> Result<int> { return RunWorker(*flags, context); });
  });
}

void AddCancelCommand(CLI::App& app, CommandContext& context) {
  auto number = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("cancel", context.Say("ask for a job of the queue to stop",
                                                               "pede a parada de um job da fila"));
  command->add_option("JOB", *number, context.Say("its number", "o número do job"))->required();
  AddDatabaseFlags(*command, context);
  command->callback([number, &context] {
    RunCommand(context, [&]() -> Result<int> {
      const int64_t job = TRY(ParseJobNumber(*number));
      Database database = TRY(OpenDatabase(context));
      const CancelAnswer answer = TRY(RequestCancel(database.connection, job, WorkerName()));
      fmt::print("job {}: {}\n", job, CancelText(answer, context));
      return kExitGood;
    });
  });
}

}  // namespace eclusa
