// WorkerConfigOf and TargetsOf: the worker and the databases that the settings describe, for serve
// and worker.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "app/broker_settings.h"
#include "app/storage.h"
#include "dispatch/broker_dispatcher.h"
#include "jobs/worker.h"
#include "request/targets.h"
#include "settings/settings.h"

namespace eclusa {

inline Result<std::shared_ptr<const Targets>> TargetsOf(const Settings& settings) {
  return std::make_shared<const Targets>(TRY(Targets::Parse(settings.List("targets"))));
}

inline Result<WorkerConfig> WorkerConfigOf(const Settings& settings, const Storage& storage,
                                           const std::string& conninfo,
                                           std::shared_ptr<const Targets> targets) {
  const auto seconds = [&](const char* name) {
    return std::chrono::milliseconds(settings.Number(name) * 1000);
  };
  const auto days = [&](const char* name) { return std::chrono::days(settings.Number(name)); };
  std::shared_ptr<Dispatcher> dispatcher;
  if (auto broker = TRY(BrokerOf(settings, conninfo))) {
    dispatcher = std::make_shared<BrokerDispatcher>(*std::move(broker));
  }
  return WorkerConfig{.conninfo = conninfo,
                      .slots = static_cast<int>(settings.Number("workers")),
                      .lease = seconds("lease_seconds"),
                      .poll = seconds("poll_seconds"),
                      .finish_within = seconds("finish_seconds"),
                      .rescuer = {.tries_max = static_cast<int>(settings.Number("tries_max"))},
                      .open_stored = OpenStoredIn(storage),
                      .retention = {.keep_failures = days("retention.keep_failures_days"),
                                    .keep_jobs = days("retention.keep_jobs_days")},
                      .services = {UploadSweeperOf(storage, settings)},
                      .dispatcher = std::move(dispatcher),
                      .targets = std::move(targets)};
}

}  // namespace eclusa
