#include "jobs/running_jobs.h"

#include <algorithm>

namespace eclusa {

std::shared_ptr<RunningJob> RunningJobs::Add(int64_t job_id) {
  auto job = std::make_shared<RunningJob>(job_id);
  const std::lock_guard lock(mutex_);
  if (closed_ != StopReason::kNone) job->Stop(closed_);
  jobs_.push_back(job);
  return job;
}

void RunningJobs::Remove(const std::shared_ptr<RunningJob>& job) {
  const std::lock_guard lock(mutex_);
  std::erase(jobs_, job);
}

void RunningJobs::Stop(int64_t job_id, StopReason reason) {
  const std::lock_guard lock(mutex_);
  for (const auto& job : jobs_) {
    if (job->job_id() == job_id) job->Stop(reason);
  }
}

void RunningJobs::StopAll(StopReason reason) {
  const std::lock_guard lock(mutex_);
  for (const auto& job : jobs_) job->Stop(reason);
}

void RunningJobs::Close(StopReason reason) {
  {
    const std::lock_guard lock(mutex_);
    closed_ = reason;
  }
  StopAll(reason);
}

std::vector<std::shared_ptr<RunningJob>> RunningJobs::jobs() const {
  const std::lock_guard lock(mutex_);
  return jobs_;
}

bool RunningJobs::empty() const {
  const std::lock_guard lock(mutex_);
  return jobs_.empty();
}

}  // namespace eclusa
