#include "app/cmd_serve.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include "api/endpoints.h"
#include "api/problem.h"
#include "api/service.h"
#include "app/database.h"
#include "app/storage.h"
#include "core/log.h"
#include "http/server.h"
#include "jobs/worker.h"

namespace eclusa {
namespace {

struct ServeFlags {
  std::vector<std::string> listen = {"127.0.0.1:8080"};
  std::string public_url;  // empty: by `listen`
  std::string contracts;   // a folder, published at the start
  int workers = 2;         // jobs at a time; 0: the API alone
  std::string tls_certificate;
  std::string tls_key;
  StorageFlags storage;
};

void LogAccess(const http::AccessEvent& event) {
  static constexpr std::string_view kOutcomes[] = {"answered", "client_gone", "timed_out", "broken",
                                                   "stopped"};
  LogInfo("request", {{"method", std::string(event.method)},
                      {"operation", std::string(event.operation)},
                      {"status", std::to_string(event.status)},
                      {"bytes_in", std::to_string(event.bytes_in)},
                      {"bytes_out", std::to_string(event.bytes_out)},
                      {"duration_us", std::to_string(event.duration.count())},
                      {"outcome", std::string(kOutcomes[static_cast<size_t>(event.outcome)])},
                      {"trace", std::string(event.trace_id)},
                      {"peer", std::string(event.peer)}});
}

// The API's address as clients reach it, where nobody said another.
std::string UrlOf(const std::string& address, bool tls) {
  if (address.starts_with("unix:")) return "http://localhost";
  return (tls ? "https://" : "http://") + address;
}

void SayReady(const ServeFlags& flags, const http::Server& server, const CommandContext& context) {
  for (const std::string& address : server.addresses()) {
    fmt::print("{} {}\n", context.Say("serving", "servindo"),
               UrlOf(address, !flags.tls_certificate.empty()));
  }
  if (flags.workers == 0) {
    fmt::print("{}\n", context.Say("no workers here: start some with `eclusa worker`",
                                   "sem workers aqui: inicie-os com `eclusa worker`"));
  }
  fmt::print("{}\n", context.Say("tokens: eclusa token create --name NAME --role submit",
                                 "tokens: eclusa token create --name NOME --role submit"));
  std::fflush(stdout);
}

Result<std::unique_ptr<http::Server>> OpenServer(const ServeFlags& flags,
                                                 api::ApiService& service) {
  http::ServerConfig config;
  config.listen = flags.listen;
  config.tls_certificate = flags.tls_certificate;
  config.tls_key = flags.tls_key;
  auto server =
      TRY(http::Server::Open(std::move(config), http::Router(api::Routes(service)),
                             {.error_page = api::RefusalProblem, .access_log = LogAccess}));
  service.config.public_url =
      flags.public_url.empty() ? UrlOf(server->addresses().front(), !flags.tls_certificate.empty())
                               : flags.public_url;
  return server;
}

Result<int> Serve(const ServeFlags& flags, const CommandContext& context) {
  Database database = TRY(OpenDatabase(context));
  SetLogLevel(LogLevel::kInfo);
  SetLogFormat(isatty(STDERR_FILENO) == 1 ? LogFormat::kText : LogFormat::kJson);
  if (!flags.contracts.empty()) {
    for (const auto& done : TRY(api::PublishFolder(database.connection, flags.contracts))) {
      LogInfo("contract_published", {{"dataset", done.name},
                                     {"version", std::to_string(done.version)},
                                     {"new", done.created ? "true" : "false"}});
    }
  }
  const Storage storage = TRY(OpenStorage(flags.storage, context));
  api::ApiService service(
      {.conninfo = database.conninfo, .temporary_folder = storage.temporary_folder}, storage.store);
  service.local = storage.local;
  const auto server = TRY(OpenServer(flags, service));
  std::optional<Worker> worker;
  std::jthread working;
  Status worked;
  if (flags.workers > 0) {
    worker.emplace(WorkerConfig{.conninfo = database.conninfo,
                                .slots = flags.workers,
                                .rescuer = {},
                                .open_stored = OpenStoredIn(storage.store),
                                .services = {UploadSweeperOf(storage)}});
    service.job_ready = [&worker] { worker->Wake(); };
    working = std::jthread([&] { worked = worker->Run(context.stop); });
  }
  server->Serve(context.stop, [&] { SayReady(flags, *server, context); });
  if (working.joinable()) working.join();
  TRY(std::move(worked));
  return kExitGood;
}

}  // namespace

void AddServeCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App* command = app.add_subcommand(
      "serve", context.Say("the bulk API and its workers, until told to stop",
                           "a API em lote e seus workers, até receber a ordem de parar"));
  AddDatabaseFlags(*command, context);
  AddStorageFlags(*command, flags->storage, context);
  command->add_option(
      "--listen", flags->listen,
      context.Say("address:port, [address]:port or unix:/path (127.0.0.1:8080)",
                  "endereço:porta, [endereço]:porta ou unix:/caminho (127.0.0.1:8080)"));
  command->add_option("--public-url", flags->public_url,
                      context.Say("as clients reach it (by --listen)",
                                  "como os clientes a alcançam (conforme --listen)"));
  command->add_option("--contracts", flags->contracts,
                      context.Say("folder of contracts to publish at the start",
                                  "pasta de contratos a publicar no início"));
  command
      ->add_option("--workers", flags->workers,
                   context.Say("jobs at a time in this process; 0: none (2)",
                               "jobs por vez neste processo; 0: nenhum (2)"))
      ->check(CLI::Range(0, 64));
  command->add_option("--tls-certificate", flags->tls_certificate,
                      context.Say("PEM file", "arquivo PEM"));
  command->add_option("--tls-key", flags->tls_key, context.Say("PEM file", "arquivo PEM"));
  command->footer(
      "\n  eclusa serve --contracts contracts/\n"
      "  eclusa token create --name erp --role submit --tenant 47\n");
  command->callback([flags, &context] {
    RunCommand(context, [&]() -> Result<int> { return Serve(*flags, context); });
  });
}

}  // namespace eclusa
