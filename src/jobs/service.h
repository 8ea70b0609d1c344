// Service: background work that one process at a time does for all.
//
// A service is a value of its Config and one function, RunOnce, which does what there is to do now
// and is what tests call. RunServices turns several of them in one thread and session, each when it
// is due, under a lock of its own that makes it wait where another process has it: which one works
// does not matter. Errors are logged and tried again at the next turn.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "pg/connection.h"

namespace eclusa {

// Which service has which lock: never renumber.
enum class ServiceLock : int32_t {
  kRescuer = 1,
  kSweeper = 2,
  kRetention = 3,
  kUploads = 4,
  kOutbox = 5,
  kTargets = 8
};

struct Service {
  std::string name;
  ServiceLock lock;
  std::chrono::milliseconds interval;
  std::function<Status(Connection& session)> run_once;
  // Without a statement for so long it loses its turn: a process that stands still in the middle of
  // it keeps no other from it.
  std::chrono::milliseconds patience{15'000};
};

// The two numbers of the advisory lock, as SQL.
std::string LockKeyOf(ServiceLock lock);

// Runs until told to stop; RunOnce is not interrupted, its statements are.
void RunServices(const std::string& conninfo, const std::vector<Service>& services,
                 const std::stop_token& stop);

}  // namespace eclusa
