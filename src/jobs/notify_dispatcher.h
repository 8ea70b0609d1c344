// NotifyDispatcher: hints by PostgreSQL's NOTIFY (TellReady, jobs/queue.h), over a session of its
// own.
#pragma once

#include <chrono>
#include <string>

#include "jobs/dispatcher.h"

namespace eclusa {

class NotifyDispatcher : public Dispatcher {
 public:
  NotifyDispatcher(std::string conninfo, std::chrono::milliseconds poll)
      : conninfo_(std::move(conninfo)), poll_(poll) {}
  void Run(const WorkerSlots& slots, const std::stop_token& stop) override;
  std::chrono::milliseconds poll() const override { return poll_; }

 private:
  const std::string conninfo_;
  const std::chrono::milliseconds poll_;
};

}  // namespace eclusa
