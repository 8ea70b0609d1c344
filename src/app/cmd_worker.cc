#include "app/cmd_worker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "app/database.h"
#include "app/storage.h"
#include "control/read_jobs.h"
#include "control/worker.h"
#include "core/log.h"
#include "jobs/queue.h"
#include "jobs/worker.h"

namespace eclusa {
namespace {

struct WorkerFlags {
  int slots = 2;
  double lease_seconds = 30;
  double finish_seconds = 10;
  StorageFlags storage;
};

std::chrono::milliseconds Milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

Result<int> RunWorker(const WorkerFlags& flags, const CommandContext& context) {
  Database database = TRY(OpenDatabase(context));
  SetLogLevel(LogLevel::kInfo);
  SetLogFormat(isatty(STDERR_FILENO) == 1 ? LogFormat::kText : LogFormat::kJson);
  const Storage storage = TRY(OpenStorage(flags.storage, context));
  Worker worker({.conninfo = database.conninfo,
                 .slots = flags.slots,
                 .lease = Milliseconds(flags.lease_seconds),
                 .finish_within = Milliseconds(flags.finish_seconds),
                 .rescuer = {},
                 .open_stored = OpenStoredIn(storage.store),
                 .services = {UploadSweeperOf(storage)}});
  TRY(worker.Run(context.stop, [&] {
    fmt::print("{} {} · {}\n", context.Say("working:", "trabalhando:"),
               database.connection.Describe(),
               fmt::format(fmt::runtime(context.Say("{} jobs at a time", "{} jobs por vez")),
                           flags.slots));
    std::fflush(stdout);
  }));
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
  auto flags = std::make_shared<WorkerFlags>();
  CLI::App* command = app.add_subcommand(
      "worker", context.Say("do the jobs of the queue until told to stop",
                            "executa os jobs da fila até receber a ordem de parar"));
  AddDatabaseFlags(*command, context);
  AddStorageFlags(*command, flags->storage, context);
  command
      ->add_option("--slots", flags->slots, context.Say("jobs at a time (2)", "jobs por vez (2)"))
      ->check(CLI::Range(1, 64));
  command
      ->add_option(
          "--lease", flags->lease_seconds,
          context.Say("seconds after which a worker that says nothing is taken for gone (30)",
                      "segundos até um worker calado ser dado como perdido (30)"))
      ->check(CLI::Range(1.0, 3600.0));
  command
      ->add_option("--finish-within", flags->finish_seconds,
                   context.Say("seconds that running jobs have to end when told to stop (10)",
                               "segundos para os jobs em execução terminarem na parada (10)"))
      ->check(CLI::Range(0.0, 86400.0));
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
