#include "jobs/lease.h"

#include <boost/json.hpp>
#include <charconv>

#include "control/worker.h"
#include "core/log.h"
#include "jobs/sql.h"

namespace eclusa {

namespace {

// What eclusa.running keeps of each job, as renew_lease.sql takes it.
std::string ProgressJson(const RunningJobs& running) {
  boost::json::array jobs;
  for (const auto& job : running.jobs()) {
    const JobProgress progress = job->progress();
    if (progress.phase.empty()) continue;
    jobs.push_back(boost::json::object{
        {"job_id", job->job_id()},
        {"progress", boost::json::object{{"phase", progress.phase},
                                         {"rows", progress.rows},
                                         {"failed", progress.failed},
                                         {"bytes", progress.bytes},
                                         {"bytes_total", progress.bytes_total}}}});
  }
  return boost::json::serialize(jobs);
}

}  // namespace

Lease::Lease(LeaseConfig config, RunningJobs& running)
    : config_(std::move(config)), running_(running) {}

std::string Lease::SessionName(int64_t worker_id) {
  return "eclusa worker " + std::to_string(worker_id);
}

Status Lease::RunOnce() {
  Watch();
  if (!session_) session_ = TRY(Connection::Open(config_.conninfo, {}));
  const int64_t worker_id = worker_id_;
  if (worker_id == 0) return Take();
  const Clock::time_point asked = Clock::now();
  auto renewed =
      session_->Query(std::string(sql::kRenewLease),
                      {std::to_string(worker_id), std::to_string(config_.duration.count()),
                       ProgressJson(running_)});
  if (!renewed.ok()) {
    session_.reset();
    return std::move(renewed).error();
  }
  if (!renewed->Bool(0, 0)) {
    Lose(worker_id);
    return Take();
  }
  Believe(asked);
  std::string_view left = renewed->Text(0, 1);
  while (!left.empty()) {
    int64_t job = 0;
    const auto parsed = std::from_chars(left.data(), left.data() + left.size(), job);
    running_.Stop(job, StopReason::kCancelRequested);
    const size_t used = static_cast<size_t>(parsed.ptr - left.data());
    left.remove_prefix(std::min(used + 1, left.size()));
  }
  return Ok();
}

Status Lease::Take() {
  const Clock::time_point asked = Clock::now();
  auto taken = session_->Query(
      std::string(sql::kTakeLease),
      {WorkerName(), std::to_string(config_.slots), std::to_string(config_.duration.count())});
  if (!taken.ok()) {
    session_.reset();
    return std::move(taken).error();
  }
  Believe(asked);
  worker_id_ = taken->Int(0, 0);
  LogInfo("lease_taken", {{"worker", std::to_string(worker_id_)}});
  return Ok();
}

void Lease::Watch() {
  const int64_t worker_id = worker_id_;
  if (worker_id != 0 && Clock::now().time_since_epoch().count() >= believed_until_) {
    Lose(worker_id);
  }
}

void Lease::Believe(Clock::time_point asked) {
  believed_until_ = (asked + config_.duration).time_since_epoch().count();
}

void Lease::Lose(int64_t worker_id) {
  if (!worker_id_.compare_exchange_strong(worker_id, 0)) return;
  LogWarning("lease_lost", {{"worker", std::to_string(worker_id)}});
  running_.StopAll(StopReason::kLeaseLost);
}

void Lease::Leave() {
  if (worker_id_ == 0 || !session_) return;
  auto left = session_->Query(std::string(sql::kLeaveLease), {std::to_string(worker_id_)});
  if (!left.ok()) LogWarning("lease_not_left", {{"code", left.error().code()}});
  worker_id_ = 0;
}

}  // namespace eclusa
