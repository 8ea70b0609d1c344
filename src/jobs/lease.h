// Lease: the right of this process to work, for as long as it says that it is there.
//
// One row of eclusa.workers, whatever the number of jobs. Its end is computed by the database's
// clock; this process believes in it only until its own monotonic clock, started before the request
// that renewed it, says that it may be over: then all that runs is told to stop, and a new lease
// under a new number is taken. RunOnce is one renewal; whoever owns the Lease calls it at a third
// of its duration, and Watch more often, from another thread: a renewal may hang. Threads: RunOnce
// and Leave from one; the others from any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "jobs/running_jobs.h"
#include "pg/connection.h"

namespace eclusa {

struct LeaseConfig {
  std::string conninfo;
  int slots = 1;
  std::chrono::milliseconds duration{30'000};
};

class Lease {
 public:
  Lease(LeaseConfig config, RunningJobs& running);

  // Takes or renews the lease, and tells jobs to stop that somebody asked to. An error is one of
  // the connection, which the next call opens again.
  Status RunOnce();
  // Tells all to stop where the lease may be over.
  void Watch();
  // 0: there is none.
  int64_t worker_id() const { return worker_id_; }
  // "eclusa worker 7": what the sessions of a worker are called, so that they can be ended.
  static std::string SessionName(int64_t worker_id);
  // Gives the lease back; what still runs goes to others when it would have ended.
  void Leave();

 private:
  using Clock = std::chrono::steady_clock;
  Status Take();
  void Lose(int64_t worker_id);
  void Believe(Clock::time_point asked);

  const LeaseConfig config_;
  RunningJobs& running_;
  std::optional<Connection> session_;
  std::atomic<int64_t> worker_id_ = 0;
  std::atomic<Clock::rep> believed_until_ = 0;
};

}  // namespace eclusa
