#include "app/cmd_serve.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

#include "api/endpoints.h"
#include "api/open_door.h"
#include "api/problem.h"
#include "api/service.h"
#include "app/broker_settings.h"
#include "app/database.h"
#include "app/jwt_settings.h"
#include "app/service_notice.h"
#include "app/settings_flags.h"
#include "app/storage.h"
#include "app/worker_settings.h"
#include "core/log.h"
#include "http/server.h"
#include "io/memory_pool.h"
#include "jobs/ready_teller.h"
#include "jobs/worker.h"

namespace eclusa {
namespace {

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

void SayReady(const Settings& settings, const http::Server& server, const CommandContext& context) {
  for (const std::string& address : server.addresses()) {
    fmt::print("{} {}\n", context.Say("serving", "servindo"),
               UrlOf(address, !settings.Text("tls.certificate").empty()));
  }
  if (settings.Number("workers") == 0) {
    fmt::print("{}\n", context.Say("no workers here: start some with `eclusa worker`",
                                   "sem workers aqui: inicie-os com `eclusa worker`"));
  }
  fmt::print("{}\n", context.Say("tokens: eclusa token create --name NAME --role submit",
                                 "tokens: eclusa token create --name NOME --role submit"));
  std::fflush(stdout);
}

Result<std::unique_ptr<http::Server>> OpenServer(const Settings& settings,
                                                 api::ApiService& service) {
  http::ServerConfig config;
  config.listen = settings.List("listen");
  config.tls_certificate = settings.Text("tls.certificate");
  config.tls_key = settings.Text("tls.key");
  config.connections_max = static_cast<int>(settings.Number("api.connections_max"));
  config.connections_per_address = static_cast<int>(settings.Number("api.connections_per_address"));
  auto server =
      TRY(http::Server::Open(std::move(config), http::Router(api::Routes(service)),
                             {.error_page = api::RefusalProblem, .access_log = LogAccess}));
  service.config.public_url = settings.Text("public_url");
  if (service.config.public_url.empty()) {
    const bool tls = !settings.Text("tls.certificate").empty();
    service.config.public_url = UrlOf(server->addresses().front(), tls);
  }
  return server;
}

Status PublishContracts(Connection& connection, const std::string& folder) {
  if (folder.empty()) return Ok();
  for (const auto& done : TRY(api::PublishFolder(connection, folder))) {
    LogInfo("contract_published", {{"dataset", done.name},
                                   {"version", std::to_string(done.version)},
                                   {"new", done.created ? "true" : "false"}});
  }
  return Ok();
}

api::ApiConfig ApiConfigOf(const Settings& settings, const Storage& storage,
                           const std::string& conninfo) {
  return {.conninfo = conninfo,
          .temporary_folder = storage.temporary_folder,
          .sessions = static_cast<int>(settings.Number("api.sessions")),
          .upload_bytes_max = settings.Number("uploads.max_bytes"),
          .upload_valid = std::chrono::seconds(settings.Number("uploads.valid_seconds")),
          .jobs_waiting_max = settings.Number("api.jobs_waiting_max"),
          .requests_per_minute = settings.Number("api.requests_per_minute"),
          .signing_key = storage.signing_key,
          .metrics_open = settings.Flag("metrics.open"),
          .workers_wanted = {.min = settings.Number("autoscaling.workers_min"),
                             .max = settings.Number("autoscaling.workers_max"),
                             .slots = settings.Number("workers")}};
}

Result<int> Serve(const SettingsFlags& flags, CommandContext& context) {
  const Settings settings = TRY(SettingsOf(flags, context));
  if (settings.Number("workers") == 0 && context.Variable(kMemoryPoolVariable).empty()) {
    ShareMemoryAmongThreads();
  }
  std::unique_ptr<jwt::Verifier> issuer = TRY(IssuerOf(settings));
  TRY(BrokerOf(settings, ""));  // before anything is begun
  const auto targets = TRY(TargetsOf(settings));
  Database database = TRY(OpenDatabase(context));
  SetLogLevel(LogLevel::kInfo);
  SetLogFormat(isatty(STDERR_FILENO) == 1 ? LogFormat::kText : LogFormat::kJson);
  TRY(PublishContracts(database.connection, settings.Text("contracts")));
  const Storage storage = TRY(OpenStorage(settings, context));
  api::ApiService service(ApiConfigOf(settings, storage, database.conninfo), storage.store);
  service.open = TRY(api::OpenDatasets::Parse(settings.List("api.open")));
  service.local = storage.local;
  service.urls = storage.urls_of_calls;
  service.targets = api::TargetSessions(targets, service.config.sessions);
  service.issuer = std::move(issuer);
  if (service.issuer) service.issuer->Prepare();
  const auto server = TRY(OpenServer(settings, service));
  std::optional<Worker> worker;
  ReadyTeller others(database.conninfo);
  service.job_ready = [&] {
    if (worker) worker->Wake();
    others.Tell();
  };
  std::jthread working;
  Status worked;
  if (settings.Number("workers") > 0) {
    worker.emplace(TRY(WorkerConfigOf(settings, storage, database.conninfo, targets)));
    working = std::jthread([&] { worked = worker->Run(context.stop); });
  }
  server->Serve(context.stop, [&] {
    SayReady(settings, *server, context);
    NotifyServiceManager(context, "READY=1");
  });
  NotifyServiceManager(context, "STOPPING=1");
  if (working.joinable()) working.join();
  TRY(std::move(worked));
  return kExitGood;
}

}  // namespace

void AddServeCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<SettingsFlags>();
  CLI::App* command = app.add_subcommand(
      "serve", context.Say("the bulk API and its workers, until told to stop",
                           "a API em lote e seus workers, até receber a ordem de parar"));
  AddDatabaseFlags(*command, context);
  AddConfigFlag(*command, flags, context);
  AddSettingFlag(*command, flags, "--listen", "listen", context);
  AddSettingFlag(*command, flags, "--public-url", "public_url", context);
  AddSettingFlag(*command, flags, "--contracts", "contracts", context);
  AddSettingFlag(*command, flags, "--workers", "workers", context);
  AddSettingFlag(*command, flags, "--storage", "storage.folder", context);
  AddSettingFlag(*command, flags, "--broker", "broker.url", context);
  AddSettingFlag(*command, flags, "--tls-certificate", "tls.certificate", context);
  AddSettingFlag(*command, flags, "--tls-key", "tls.key", context);
  command->footer(
      "\n  eclusa serve --contracts contracts/\n"
      "  eclusa token create --name erp --role submit --tenant 47\n");
  command->callback([flags, &context] {
    RunCommand(context, [&]() -> Result<int> { return Serve(*flags, context); });
  });
}

}  // namespace eclusa
