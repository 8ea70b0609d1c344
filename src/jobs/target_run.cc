#include "jobs/target_run.h"

#include <algorithm>
#include <optional>

#include "control/mirror.h"
#include "control/read_jobs.h"
#include "control/schema.h"
#include "control/stage_tables.h"
#include "core/fault.h"
#include "core/log.h"
#include "core/wait.h"
#include "load/planning.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr std::chrono::milliseconds kSettleAgainAfter{500};
constexpr int kSettleTriesOfCancelled = 240;
constexpr int kTriesMax = 10'000;  // what the queue's column holds, and more than anybody counts

const FaultPoint kMade("mirror.made");
const FaultPoint kRun("mirror.ended");

// One attempt at the job.
class TargetRun {
 public:
  TargetRun(const JobRunConfig& config, const ClaimedJob& claimed, RunningJob& running)
      : config_(config), claimed_(claimed), running_(running) {}

  Result<JobState> Run(Connection& control) {
    if (claimed_.cancel) running_.Stop(StopReason::kCancelRequested);
    Connection target = TRY(OpenTarget(control));
    const Mirror mirror = TRY(Reach(control, target));
    kMade.Reach();
    if (!mirror.ended) {
      if (cancelled()) return Error(ErrorKind::kCancelled, code::load_cancelled);
      if (claimed_.tries >= config_.tries_max) return Exhausted();
      TRY(Load(control, target, mirror));
    }
    kRun.Reach();
    target.SetStopToken(token());
    return CloseFromMirror(control, claimed_.job, target, mirror.job.id);
  }

  // What becomes of the job whose run came to nothing. Nothing: it waits in the queue.
  Result<std::optional<JobState>> Settle(Connection& control, const Error& error) {
    if (running_.reason() == StopReason::kWorkerStops) {
      return GiveBack(control, {.tries = claimed_.tries, .delay = {}, .why = "worker_stops"});
    }
    const bool again = !cancelled() && IsWorthAnotherTry(error);
    // To find it away is no try of the load.
    if (again && !reached_) return GiveBack(control, Later(claimed_.tries, error));
    const int tries = std::min(claimed_.tries + 1, kTriesMax);
    if (again && tries < config_.tries_max) return GiveBack(control, Later(tries, error));
    auto ended = End(control, error);
    if (ended.ok()) return std::optional(*ended);
    if (ended.error().kind() == ErrorKind::kConflict) return std::move(ended).error();
    LogWarning("target_end_not_known", {{"job", std::to_string(claimed_.job.id)},
                                        {"target", claimed_.database},
                                        {"code", ended.error().code()}});
    return GiveBack(control, Later(again ? tries : claimed_.tries, ended.error()));
  }

 private:
  bool cancelled() const { return running_.reason() == StopReason::kCancelRequested; }
  // A cancelled one's is set already and would end every wait at once.
  std::stop_token token() const { return cancelled() ? std::stop_token() : running_.token(); }

  Error Exhausted() const {
    return Error(
        ErrorKind::kUnavailable, code::job_tries_exhausted,
        {{"job", std::to_string(claimed_.job.id)}, {"tries", std::to_string(claimed_.tries)}});
  }

  Requeue Later(int tries, const Error& error) const {
    return {.tries = tries,
            .delay = RetryDelay(config_, std::max(tries, claimed_.job.attempt)),
            .why = std::string(error.code())};
  }

  Result<std::optional<JobState>> GiveBack(Connection& control, const Requeue& how) const {
    TRY(RequeueJob(control, claimed_.job, how));
    return std::optional<JobState>();
  }

  Result<Connection> OpenTarget(Connection& control) {
    if (config_.targets == nullptr) return Targets().Require(claimed_.database).error();
    const Target target = TRY(config_.targets->Require(claimed_.database));
    session_ = TRY(MirrorSessionName(control, claimed_.job));
    conninfo_ = target.conninfo;
    return Connection::Open(conninfo_, token(), session_);
  }

  Result<Mirror> Reach(Connection& control, Connection& target) {
    reached_ = true;
    TRY(EnsureSchema(target));
    mirrored_ = true;  // or may be, where the answer is lost
    return MakeMirror(control, target, claimed_.job);
  }

  Status Load(Connection& control, Connection& target, const Mirror& mirror) {
    const JobRecord record = TRY(ReadJob(control, claimed_.job.id));
    LoadRequest request =
        TRY(RequestOfRecord(target, config_.open_stored, record, mirror.parent_id));
    TRY(CheckRequest(target, request));
    target.SetStopToken(running_.token());
    const LoadContext context{.conninfo = conninfo_,
                              .session = session_,
                              .stop = running_.token(),
                              .progress = ProgressTo(running_),
                              .parts = {}};
    TRY(RunJob(target, context, request, mirror.job));
    return Ok();
  }

  // The job has to end. Its mirror ends first, unless it has: that end stands.
  Result<JobState> End(Connection& control, const Error& error) {
    if (!mirrored_ && claimed_.job.attempt == 1) {
      return cancelled() ? CancelJob(control, claimed_.job) : FailJob(control, claimed_.job, error);
    }
    Connection target = TRY(OpenTarget(control));
    // The run may not have come to it.
    const Mirror mirror = TRY(Reach(control, target));
    TRY(cancelled() ? CancelJob(target, mirror.job) : FailJob(target, mirror.job, error));
    TRY(DropLeftovers(target, mirror.job.id));
    return CloseFromMirror(control, claimed_.job, target, mirror.job.id);
  }

  const JobRunConfig& config_;
  const ClaimedJob& claimed_;
  RunningJob& running_;
  std::string conninfo_;
  std::string session_;
  bool reached_ = false;
  bool mirrored_ = false;
};

// As of a job of this database: nobody else will settle it, so that is tried until it is written,
// the lease is lost or the worker stops.
Status SettleInTheEnd(TargetRun& run, const JobRunConfig& config, const ClaimedJob& claimed,
                      const RunningJob& running, const Error& error) {
  const auto settle = [&]() -> Status {
    Connection control = TRY(Connection::Open(config.conninfo, {}, config.session));
    if (const auto state = TRY(run.Settle(control, error))) {
      LogInfo("job_ended", {{"job", std::to_string(claimed.job.id)},
                            {"attempt", std::to_string(claimed.job.attempt)},
                            {"state", std::string(Name(*state))}});
    }
    return Ok();
  };
  for (int tries = 1;; ++tries) {
    Status done = settle();
    if (!done.ok() && done.error().kind() == ErrorKind::kConflict) {
      LogInfo("job_taken_over", {{"job", std::to_string(claimed.job.id)}});
      return Ok();
    }
    if (done.ok() || done.error().kind() != ErrorKind::kUnavailable) return done;
    const StopReason reason = running.reason();
    const bool cancelled = reason == StopReason::kCancelRequested;  // hides the other reasons
    if (reason != StopReason::kNone && (!cancelled || tries >= kSettleTriesOfCancelled)) {
      return done;
    }
    LogWarning("job_not_closed",
               {{"job", std::to_string(claimed.job.id)}, {"code", done.error().code()}});
    WaitOrStop(kSettleAgainAfter, cancelled ? std::stop_token() : running.token());
  }
}

}  // namespace

Result<JobState> RunTargetJob(Connection& control, const JobRunConfig& config,
                              const ClaimedJob& claimed, RunningJob& running) {
  TargetRun run(config, claimed, running);
  auto ended = run.Run(control);
  if (ended.ok()) return ended;
  LogWarning("job_not_loaded", {{"job", std::to_string(claimed.job.id)},
                                {"attempt", std::to_string(claimed.job.attempt)},
                                {"target", claimed.database},
                                {"code", ended.error().code()}});
  // Another has the job, or will: what it finds is not to be touched.
  if (running.reason() == StopReason::kLeaseLost) return ended;
  TRY(SettleInTheEnd(run, config, claimed, running, ended.error()));
  return ended;
}

}  // namespace eclusa
