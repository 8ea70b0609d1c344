#include "jobs/job_model_fixture.h"

#include <algorithm>
#include <tuple>

namespace eclusa {

using enum JobState;

std::optional<int> JobModel::JobOf(const JobCommand& command) const {
  if (jobs_.empty()) return std::nullopt;
  return command.who % static_cast<int>(jobs_.size());
}

int JobModel::AttemptOf(const JobCommand& command) const {
  const int newest = jobs_[static_cast<size_t>(*JobOf(command))].attempt;
  return std::max(0, newest - std::max(0, command.late - 1));
}

std::optional<int> JobModel::WorkerOf(const JobCommand& command) const {
  if (workers_made_ == 0) return std::nullopt;
  return command.who % workers_made_;
}

std::string JobModel::Describe(int job) const {
  const ModelJob& it = jobs_[static_cast<size_t>(job)];
  std::string text = std::string(Name(it.state)) + " " + std::to_string(it.attempt);
  if (it.state == kQueued) text += " waits after " + std::to_string(it.tries);
  if (it.worker) text += " with " + std::to_string(*it.worker);
  return text;
}

std::string JobModel::Do(const JobCommand& command, std::vector<JobWrite>* writes) {
  switch (command.step) {
    case JobStep::kEnqueue:
      jobs_.push_back({.tenant = "t" + std::to_string(command.variant % 3),
                       .priority = command.variant / 3 % 2,
                       .turn = ++turns_});
      return "";
    case JobStep::kNewWorker:
      workers_[workers_made_++] = true;
      return "";
    case JobStep::kTimePasses:
      for (ModelJob& job : jobs_) job.later = false;
      return "";
    case JobStep::kRescue:
      return Rescue(writes);
    case JobStep::kClaim:
    case JobStep::kLeaseEnds: {
      const std::optional<int> worker = WorkerOf(command);
      if (!worker) return "";
      if (command.step == JobStep::kClaim) return Claim(*worker, writes);
      if (workers_.contains(*worker)) workers_[*worker] = false;
      return "";
    }
    default: {
      const std::optional<int> job = JobOf(command);
      return job ? OfAttempt(command, *job, writes) : "";
    }
  }
}

int JobModel::RunningOf(const std::string& tenant) const {
  return static_cast<int>(std::ranges::count_if(
      jobs_, [&](const ModelJob& job) { return job.worker && job.tenant == tenant; }));
}

int64_t JobModel::LastBegunOf(const std::string& tenant) const {
  int64_t last = 0;
  for (const ModelJob& job : jobs_) {
    if (job.tenant == tenant) last = std::max(last, job.begun);
  }
  return last;
}

// Of the tenant with the fewest running, then of the one whose turn was longest ago, then the
// highest priority, then the first in the queue.
std::optional<int> JobModel::Next() const {
  std::optional<int> next;
  const auto rank = [this](const ModelJob& job) {
    return std::tuple(RunningOf(job.tenant), LastBegunOf(job.tenant), -job.priority, job.turn);
  };
  for (size_t i = 0; i < jobs_.size(); ++i) {
    if (!Ready(jobs_[i])) continue;
    if (!next || rank(jobs_[i]) < rank(jobs_[static_cast<size_t>(*next)])) {
      next = static_cast<int>(i);
    }
  }
  return next;
}

std::string JobModel::Claim(int worker, std::vector<JobWrite>* writes) {
  const auto lease = workers_.find(worker);
  const std::optional<int> next = Next();
  if (lease == workers_.end() || !lease->second || !next) return "nothing";
  ModelJob& job = jobs_[static_cast<size_t>(*next)];
  writes->push_back({*next, job.attempt, "start"});
  job.state = kLoading;
  if (job.begun == 0) job.begun = ++turns_;
  ++job.attempt;
  job.worker = worker;
  return "claimed " + std::to_string(*next);
}

void JobModel::PutBack(ModelJob& job, int tries, bool later) {
  job.state = kQueued;
  job.worker.reset();
  job.tries = tries;
  job.later = later;
  job.turn = ++turns_;
}

std::string JobModel::End(int number, JobState to, std::vector<JobWrite>* writes) {
  ModelJob& job = jobs_[static_cast<size_t>(number)];
  if (to == kCanceled) {
    writes->push_back({number, job.attempt, "request_cancel"});
    writes->push_back({number, job.attempt, "cancel"});
  } else {
    writes->push_back({number, job.attempt, "fail"});
  }
  job.state = to;
  job.worker.reset();
  return std::string(Name(to));
}

// What workers whose lease is over had in their hands; such a worker is gone for good.
std::string JobModel::Rescue(std::vector<JobWrite>* writes) {
  int requeued = 0;
  int failed = 0;
  int cancelled = 0;
  for (const auto& [worker, lasts] : workers_) {
    if (lasts) continue;
    for (size_t i = 0; i < jobs_.size(); ++i) {
      ModelJob& job = jobs_[i];
      if (job.worker != worker) continue;
      if (job.cancel_requested) {
        End(static_cast<int>(i), kCanceled, writes);
        ++cancelled;
      } else if (job.tries + 1 >= kTriesMax) {
        End(static_cast<int>(i), kFailed, writes);
        ++failed;
      } else {
        writes->push_back({static_cast<int>(i), job.attempt, "give_back"});
        PutBack(job, job.tries + 1, true);
        ++requeued;
      }
    }
  }
  const size_t gone = std::erase_if(workers_, [](const auto& worker) { return !worker.second; });
  return std::to_string(gone) + " gone, " + std::to_string(requeued) + " back, " +
         std::to_string(failed) + " failed, " + std::to_string(cancelled) + " cancelled";
}

// What an attempt, or somebody who asks for a stop, wants of one job.
std::string JobModel::OfAttempt(const JobCommand& command, int number,
                                std::vector<JobWrite>* writes) {
  ModelJob& job = jobs_[static_cast<size_t>(number)];
  const int attempt = AttemptOf(command);
  const bool own = attempt == job.attempt;
  switch (command.step) {
    case JobStep::kBeginMerge:
    case JobStep::kRestage: {
      const bool begins = command.step == JobStep::kBeginMerge;
      writes->push_back({number, attempt, begins ? "begin_merge" : "restage"});
      if (!own) return "job.taken_over";
      if (job.state != (begins ? kLoading : kMerging)) return "job.wrong_state";
      job.state = begins ? kMerging : kLoading;
      if (!begins) ++job.attempt;
      return "done";
    }
    case JobStep::kFinish:
      writes->push_back({number, attempt, "finish", EndStateOf(command.variant)});
      if (!own || job.state != kMerging) return "job.taken_over";
      job.state = EndStateOf(command.variant);
      job.worker.reset();
      return "done";
    case JobStep::kGiveBack:
      writes->push_back({number, attempt, "give_back"});
      if (!own) return "job.taken_over";
      if (job.state != kLoading && job.state != kMerging) return "job.wrong_state";
      PutBack(job, job.tries + 1, command.variant % 2 == 1);
      return "done";
    case JobStep::kReset:  // no change of state; only who works on the job may do it
      return own && job.state == kLoading ? "done" : "job.taken_over";
    case JobStep::kFail:
    case JobStep::kCancel:
      if (IsFinal(job.state)) return std::string(Name(job.state));
      if (!own) return "job.taken_over";
      return End(number, command.step == JobStep::kFail ? kFailed : kCanceled, writes);
    default:
      if (IsFinal(job.state)) return "ended";
      if (job.state == kQueued) {
        End(number, kCanceled, writes);
        return "canceled";
      }
      job.cancel_requested = true;
      return "requested";
  }
}

}  // namespace eclusa
