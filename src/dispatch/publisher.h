// Publisher: sends the outbox through the broker.
//
// One process at a time, of those that have a broker, by a lock of the database
// (ServiceLock::kOutbox) that it has for as long as it can reach both: a broker that this one
// cannot reach may be reached by another. Woken by NOTIFY, else by itself once in `interval` and
// when a row comes due. A row is deleted when the broker has confirmed its message; one that is
// told late is not told at all
// (`late`), so that a broker that is away fills no table. Threads: one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "broker/config.h"
#include "broker/sender.h"
#include "core/result.h"
#include "dispatch/reconnect.h"
#include "pg/connection.h"

namespace eclusa {

struct PublisherConfig {
  std::string conninfo;
  BrokerConfig broker;
  int batch = 500;
  std::chrono::milliseconds interval{1000};
  std::chrono::milliseconds late{60'000};
  // kInvalid (config.bad_value) for what cannot work.
  Status Validate() const;
};

struct PublishCounts {
  int64_t sent = 0;
  int64_t discarded = 0;
};

class Publisher {
 public:
  explicit Publisher(PublisherConfig config) : config_(std::move(config)) {}
  // All that is due now. An error of the broker: nothing is lost, and the next call opens it again.
  Result<PublishCounts> RunOnce(Connection& session);
  // Until told to stop.
  void Run(const std::stop_token& stop);

 private:
  using Clock = std::chrono::steady_clock;
  Status Lead(Connection& session, const std::stop_token& stop);
  Status Send(Connection& session, PublishCounts& counts);

  const PublisherConfig config_;
  Reconnect reconnect_{"publish"};
  std::optional<BrokerSender> sender_;
  Clock::time_point look_after_;
  bool broker_failed_ = false;  // what the last error was about
};

}  // namespace eclusa
