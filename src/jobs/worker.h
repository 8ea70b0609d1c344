// Worker: takes jobs from the queue and does them, several at a time, until told to stop.
//
//   slots      a thread and a session each: claim, run, claim again; asleep where nothing is ready
//   lease      renews the right to work; tells jobs to stop (jobs/lease.h)
//   dispatcher wakes the slots when a job has come; without it they look once in its poll()
//   services   the rescuer, the sweeper: one process at a time does them for all
//   upkeep     the same in the databases that datasets have of their own (jobs/target_upkeep.h)
//
// Any number of workers on any number of machines work on one queue. Run returns when all is given
// back: told to stop, running jobs have `finish_within` to end by themselves. A lost connection is
// opened again, for as long as it takes. Threads: Run from one; Wake from any.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "jobs/dispatcher.h"
#include "jobs/job_run.h"
#include "jobs/lease.h"
#include "jobs/rescuer.h"
#include "jobs/retention.h"
#include "jobs/running_jobs.h"
#include "jobs/service.h"

namespace eclusa {

struct WorkerConfig {
  std::string conninfo;
  int slots = 2;
  std::chrono::milliseconds lease{30'000};
  std::chrono::milliseconds poll{1000};
  std::chrono::milliseconds finish_within{10'000};
  RescuerConfig rescuer;
  OpenStored open_stored;
  RetentionConfig retention;
  std::vector<Service> services;                // others that this process can do
  std::shared_ptr<Dispatcher> dispatcher = {};  // null: NOTIFY, and one look in `poll`
  std::shared_ptr<const Targets> targets = std::make_shared<Targets>();
  // kInvalid (config.bad_value) for what cannot work.
  Status Validate() const;
};

class Worker {
 public:
  explicit Worker(WorkerConfig config);
  // `ready` is called once the first lease is held.
  Status Run(const std::stop_token& stop, const std::function<void()>& ready = {});
  // A job has come.
  void Wake();

 private:
  void RunSlot(const std::stop_token& stop);
  void KeepLease(const std::stop_token& stop);
  uint64_t wakes();
  // Unless it was woken since it had been so often.
  void Sleep(std::chrono::milliseconds duration, uint64_t wakes, const std::stop_token& stop);
  // Whether there was a job, or a part of one. An error: another session is needed.
  Result<bool> RunNext(Connection& session, int64_t worker_id);
  void KeepTargets(const std::stop_token& stop);
  void LetFinish();
  void LeaveToOthers(int64_t job);
  std::vector<int64_t> LeftToOthers();
  std::vector<Service> Services() const;

  const WorkerConfig config_;
  const std::shared_ptr<Dispatcher> dispatcher_;
  RunningJobs running_;
  Lease lease_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  uint64_t wakes_ = 0;
  std::vector<int64_t> left_to_others_;  // jobs whose files are not in reach
  std::atomic<int> asleep_ = 0;
};

}  // namespace eclusa
