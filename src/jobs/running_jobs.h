// RunningJobs: what this process works on, and how each of them is told to stop.
//
// A slot adds its job and looks at the stop token; the lease's thread stops one or all. The first
// reason given stands. Threads: any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace eclusa {

enum class StopReason : uint8_t {
  kNone,
  kCancelRequested,  // somebody asked for the job to stop
  kLeaseLost,        // the job is another's, or will be: nothing more is written
  kWorkerStops,      // the job is given back
};

// How far a job is.
struct JobProgress {
  std::string phase;
  int64_t rows = 0;
  int64_t failed = 0;
  int64_t bytes = 0;
  int64_t bytes_total = 0;  // 0: not known
};

class RunningJob {
 public:
  explicit RunningJob(int64_t job_id) : job_id_(job_id) {}
  void Tell(JobProgress progress) {
    const std::lock_guard lock(mutex_);
    progress_ = std::move(progress);
  }
  JobProgress progress() const {
    const std::lock_guard lock(mutex_);
    return progress_;
  }
  void Stop(StopReason reason) {
    StopReason none = StopReason::kNone;
    if (reason_.compare_exchange_strong(none, reason)) stop_.request_stop();
  }
  int64_t job_id() const { return job_id_; }
  StopReason reason() const { return reason_; }
  std::stop_token token() const { return stop_.get_token(); }

 private:
  const int64_t job_id_;
  std::atomic<StopReason> reason_ = StopReason::kNone;
  std::stop_source stop_;

  mutable std::mutex mutex_;
  JobProgress progress_;
};

class RunningJobs {
 public:
  std::shared_ptr<RunningJob> Add(int64_t job_id);
  void Remove(const std::shared_ptr<RunningJob>& job);
  void Stop(int64_t job_id, StopReason reason);
  void StopAll(StopReason reason);
  // The same, and whatever is added from now on.
  void Close(StopReason reason);
  bool empty() const;
  std::vector<std::shared_ptr<RunningJob>> jobs() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<RunningJob>> jobs_;
  StopReason closed_ = StopReason::kNone;
};

}  // namespace eclusa
