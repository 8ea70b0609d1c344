// BrokerDispatcher: hints as messages of RabbitMQ, and PostgreSQL's NOTIFY while the broker is
// away.
//
//   publisher   a thread; sends the outbox where no other process does (dispatch/publisher.h)
//   receiver    this one; a message wakes the slots and is accepted at once, as a job may take
//               longer than a broker waits. Where no slot is idle it is given back, and none are
//               taken before one is: others may have time. A slot that has ended its work looks at
//               the rows before it sleeps, and so misses nothing.
//   notify      a thread while the broker is away (jobs/notify_dispatcher.h)
//
// A slot sleeps `poll_live` where the broker is there, else `poll_away`. A message that says
// nothing is accepted and told in the log, once a minute at most.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "broker/config.h"
#include "broker/receiver.h"
#include "dispatch/reconnect.h"
#include "jobs/dispatcher.h"

namespace eclusa {

struct BrokerDispatcherConfig {
  std::string conninfo;
  BrokerConfig broker;
  std::chrono::milliseconds poll_live{10'000};
  std::chrono::milliseconds poll_away{1000};
  // kInvalid (config.bad_value) for what cannot work.
  Status Validate() const;
};

class BrokerDispatcher : public Dispatcher {
 public:
  explicit BrokerDispatcher(BrokerDispatcherConfig config) : config_(std::move(config)) {}
  void Run(const WorkerSlots& slots, const std::stop_token& stop) override;
  std::chrono::milliseconds poll() const override {
    return live_ ? config_.poll_live : config_.poll_away;
  }
  bool live() const { return live_; }

 private:
  using Clock = std::chrono::steady_clock;
  // Until told to stop, or the broker is lost: why.
  Status RunReceiver(BrokerReceiver& receiver, const WorkerSlots& slots,
                     const std::stop_token& stop);
  Status Take(BrokerReceiver& receiver, const WorkerSlots& slots);
  void TellOdd(const std::vector<std::string>& messages);

  const BrokerDispatcherConfig config_;
  std::atomic<bool> live_ = false;
  Reconnect reconnect_{"receive"};
  int64_t odd_ = 0;  // messages that say nothing, since the log said so
  std::optional<Clock::time_point> odd_told_;
};

}  // namespace eclusa
