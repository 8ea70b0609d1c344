#include "jobs/worker.h"

#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "control/dead_jobs.h"
#include "control/parts.h"
#include "core/log.h"
#include "core/wait.h"
#include "jobs/notify_dispatcher.h"
#include "jobs/part_run.h"
#include "jobs/queue.h"
#include "jobs/target_upkeep.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// How often a lease is asked whether it may be over, and a stop whether all has ended.
constexpr std::chrono::milliseconds kWatch{100};
constexpr std::chrono::milliseconds kReconnectAfter{500};
constexpr size_t kLeftToOthersMax = 100;  // of running jobs there are never so many
constexpr std::chrono::milliseconds kSweep{60'000};

Status CheckAtLeast(const char* name, int64_t value, int64_t least) {
  if (value >= least) return Ok();
  return Error(ErrorKind::kInvalid, code::config_bad_value,
               {{"name", name},
                {"value", std::to_string(value)},
                {"expected", ">= " + std::to_string(least)}});
}

// Give or take a fifth, so that many workers do not ask at once.
std::chrono::milliseconds WithJitter(std::chrono::milliseconds duration) {
  thread_local std::minstd_rand random(std::random_device{}());
  return duration * std::uniform_int_distribution<int64_t>(80, 120)(random) / 100;
}

}  // namespace

Status WorkerConfig::Validate() const {
  TRY(CheckAtLeast("slots", slots, 1));
  TRY(CheckAtLeast("lease", lease.count(), 300));
  TRY(CheckAtLeast("poll", poll.count(), 1));
  TRY(retention.Validate());
  TRY(CheckAtLeast("tries_max", rescuer.tries_max, 1));
  return CheckAtLeast("finish_within", finish_within.count(), 0);
}

Worker::Worker(WorkerConfig config)
    : config_(std::move(config)),
      dispatcher_(config_.dispatcher
                      ? config_.dispatcher
                      : std::make_shared<NotifyDispatcher>(config_.conninfo, config_.poll)),
      lease_({.conninfo = config_.conninfo, .slots = config_.slots, .duration = config_.lease},
             running_) {}

Status Worker::Run(const std::stop_token& stop, const std::function<void()>& ready) {
  TRY(config_.Validate());
  TRY(lease_.RunOnce());
  if (ready) ready();
  // The slots stop at once; the lease goes on while what they have begun ends.
  std::stop_source after;
  {
    const std::jthread keeper([&] { KeepLease(after.get_token()); });
    {
      const std::jthread dispatcher([&] {
        dispatcher_->Run({.wake = [this] { Wake(); }, .idle = [this] { return asleep_.load(); }},
                         stop);
      });
      const std::jthread services([&] { RunServices(config_.conninfo, Services(), stop); });
      const std::jthread upkeep([&] { KeepTargets(stop); });
      std::vector<std::jthread> slots;
      for (int i = 0; i < config_.slots; ++i) slots.emplace_back([&] { RunSlot(stop); });
      while (!stop.stop_requested()) {
        lease_.Watch();
        WaitOrStop(kWatch, stop);
      }
      LetFinish();
    }
    after.request_stop();
  }
  lease_.Leave();
  return Ok();
}

std::vector<Service> Worker::Services() const {
  std::vector<Service> services = config_.services;
  services.push_back({.name = "rescuer",
                      .lock = ServiceLock::kRescuer,
                      .interval = config_.lease / 3,
                      .run_once = [this](Connection& session) -> Status {
                        TRY(RescueJobs(session, config_.rescuer));
                        return Ok();
                      }});
  services.push_back({.name = "sweeper",
                      .lock = ServiceLock::kSweeper,
                      .interval = kSweep,
                      .run_once = [](Connection& session) -> Status {
                        TRY(CloseDeadJobs(session));
                        return Ok();
                      }});
  services.push_back({.name = "retention",
                      .lock = ServiceLock::kRetention,
                      .interval = kSweep,
                      .run_once = [this](Connection& session) -> Status {
                        TRY(ApplyRetention(session, config_.retention));
                        return Ok();
                      }});
  return services;
}

// Beside the other services: one of many databases may take long to answer.
void Worker::KeepTargets(const std::stop_token& stop) {
  if (config_.targets->empty()) return;
  RunServices(config_.conninfo, {TargetUpkeep(config_.targets, config_.retention)}, stop);
}

void Worker::LetFinish() {
  const auto end = std::chrono::steady_clock::now() + config_.finish_within;
  while (!running_.empty() && std::chrono::steady_clock::now() < end) {
    lease_.Watch();
    WaitOrStop(kWatch, {});
  }
  running_.Close(StopReason::kWorkerStops);
}

void Worker::KeepLease(const std::stop_token& stop) {
  // A request to cancel is looked for at each renewal too: it should not wait for a third of a
  // lease.
  const auto interval = std::min<std::chrono::milliseconds>(config_.lease / 3, config_.poll);
  while (!stop.stop_requested()) {
    WaitOrStop(interval, stop);
    if (stop.stop_requested()) return;
    if (Status done = lease_.RunOnce(); !done.ok()) {
      LogWarning("lease_not_renewed", {{"code", done.error().code()}});
    }
  }
}

void Worker::Wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  woken_.notify_all();
}

uint64_t Worker::wakes() {
  const std::lock_guard lock(mutex_);
  return wakes_;
}

void Worker::Sleep(std::chrono::milliseconds duration, uint64_t wakes,
                   const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  ++asleep_;
  woken_.wait_for(lock, stop, duration, [&] { return wakes_ != wakes; });
  --asleep_;
}

void Worker::LeaveToOthers(int64_t job) {
  const std::lock_guard lock(mutex_);
  left_to_others_.push_back(job);
  if (left_to_others_.size() > kLeftToOthersMax) left_to_others_.erase(left_to_others_.begin());
}

std::vector<int64_t> Worker::LeftToOthers() {
  const std::lock_guard lock(mutex_);
  return left_to_others_;
}

Result<bool> Worker::RunNext(Connection& session, int64_t worker_id) {
  const JobRunConfig config{.conninfo = config_.conninfo,
                            .worker_id = worker_id,
                            .session = Lease::SessionName(worker_id),
                            .open_stored = config_.open_stored,
                            .out_of_reach = [this](int64_t job) { LeaveToOthers(job); },
                            .tries_max = config_.rescuer.tries_max,
                            .retry_after = config_.rescuer.retry_after,
                            .retry_after_max = config_.rescuer.retry_after_max,
                            .targets = config_.targets};
  const auto run = [&](int64_t job_id, const auto& claimed, auto work) -> Result<bool> {
    const auto running = running_.Add(job_id);
    // Lost since: the new lease's keeper does not know of this job.
    if (lease_.worker_id() != worker_id) running->Stop(StopReason::kLeaseLost);
    const Status done = work(session, config, claimed, *running);
    running_.Remove(running);
    TRY(done);
    return true;
  };
  if (const auto job = TRY(ClaimJob(session, worker_id))) {
    return run(job->job.id, *job, RunClaimedJob);
  }
  if (const auto part = TRY(ClaimPart(session, worker_id, {}, LeftToOthers()))) {
    return run(part->job_id, *part, RunClaimedParts);
  }
  return false;
}

void Worker::RunSlot(const std::stop_token& stop) {
  std::optional<Connection> session;
  int64_t session_of = 0;
  while (!stop.stop_requested()) {
    const int64_t worker_id = lease_.worker_id();
    if (worker_id == 0) {
      WaitOrStop(kWatch, stop);
      continue;
    }
    if (!session || session_of != worker_id) {
      auto opened = Connection::Open(config_.conninfo, stop, Lease::SessionName(worker_id));
      if (!opened.ok()) {
        WaitOrStop(kReconnectAfter, stop);
        continue;
      }
      session.emplace(*std::move(opened));
      session->SetStopToken({});
      session_of = worker_id;
    }
    // A job that comes while we look may be seen or not; then its hint ends the sleep at once.
    const uint64_t before = wakes();
    auto worked = RunNext(*session, worker_id);
    if (!worked.ok()) {
      session.reset();
    } else if (!*worked) {
      Sleep(WithJitter(dispatcher_->poll()), before, stop);
    }
  }
}

}  // namespace eclusa
