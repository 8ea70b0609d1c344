#include "jobs/job_run.h"

#include <algorithm>
#include <random>

#include "control/read_jobs.h"
#include "control/stage_tables.h"
#include "core/fault.h"
#include "core/log.h"
#include "core/wait.h"
#include "jobs/service.h"
#include "jobs/target_run.h"
#include "load/load.h"
#include "load/planning.h"
#include "model/codes.h"
#include "pg/identifier.h"
#include "request/load_flags.h"

namespace eclusa {
namespace {

constexpr std::chrono::milliseconds kCloseAgainAfter{500};
constexpr int kCloseTriesOfCancelled = 240;

const FaultPoint kClaimed("worker.claimed");
const FaultPoint kEnded("worker.ended");

Result<LoadReport> Run(Connection& session, const JobRunConfig& config, const ClaimedJob& claimed,
                       RunningJob& running) {
  LoadRequest request = TRY(RequestOfJob(session, config.open_stored, claimed.job.id));
  TRY(CheckRequest(session, request));
  PartsContext parts = PartsContextOf(config);
  parts.ready = [&session] {
    if (Status told = TellReady(session); !told.ok()) LogDebug("ready_not_told");
  };
  const LoadContext context{.conninfo = config.conninfo,
                            .session = config.session,
                            .stop = running.token(),
                            .progress = ProgressTo(running),
                            .parts = std::move(parts)};
  return RunJob(session, context, request, claimed.job);
}

// What becomes of a job whose run came to nothing. One that is tried again keeps its stage: what
// was staged in parts may still be of use.
Status EndOrRequeue(Connection& session, const JobRunConfig& config, const ClaimedJob& claimed,
                    const RunningJob& running, const Error& error) {
  const Job& job = claimed.job;
  const StopReason reason = running.reason();
  if (reason == StopReason::kWorkerStops) {
    return RequeueJob(session, job, {.tries = claimed.tries, .delay = {}, .why = "worker_stops"});
  }
  const bool cancelled = reason == StopReason::kCancelRequested;
  if (!cancelled && IsWorthAnotherTry(error) && claimed.tries + 1 < config.tries_max) {
    return RequeueJob(session, job,
                      {.tries = claimed.tries + 1,
                       .delay = RetryDelay(config, claimed.tries),
                       .why = std::string(error.code())});
  }
  TRY(cancelled ? CancelJob(session, job) : FailJob(session, job, error));
  return DropLeftovers(session, job.id);
}

Status CloseFailedRun(const JobRunConfig& config, const ClaimedJob& claimed,
                      const RunningJob& running, const Error& error) {
  // The run's own session may be of no more use, and its transaction is over with it.
  Connection session = TRY(Connection::Open(config.conninfo, {}, config.session));
  if (IsFinal(TRY(ReadJobState(session, claimed.job.id)))) return Ok();
  const Status done = EndOrRequeue(session, config, claimed, running, error);
  if (done.ok() || done.error().kind() != ErrorKind::kConflict) return done;
  LogInfo("job_taken_over", {{"job", std::to_string(claimed.job.id)}});
  return Ok();
}

// A database that was gone for less than the lease leaves the job this worker's: nobody else will
// end it, so the end is tried again until it is written, the lease is lost or the worker stops.
Status CloseFailedRunInTheEnd(const JobRunConfig& config, const ClaimedJob& claimed,
                              const RunningJob& running, const Error& error) {
  for (int tries = 1;; ++tries) {
    Status done = CloseFailedRun(config, claimed, running, error);
    if (done.ok() || done.error().kind() != ErrorKind::kUnavailable) return done;
    const StopReason reason = running.reason();
    const bool cancelled = reason == StopReason::kCancelRequested;  // hides the other reasons
    if (reason != StopReason::kNone && (!cancelled || tries >= kCloseTriesOfCancelled)) return done;
    LogWarning("job_not_closed",
               {{"job", std::to_string(claimed.job.id)}, {"code", done.error().code()}});
    // A cancelled one's token is set already and would end every wait at once.
    WaitOrStop(kCloseAgainAfter, cancelled ? std::stop_token() : running.token());
  }
}

}  // namespace

std::chrono::milliseconds RetryDelay(const JobRunConfig& config, int tries) {
  const int doublings = std::min(tries, 20);
  const auto full =
      std::min(config.retry_after * (int64_t{1} << doublings), config.retry_after_max);
  thread_local std::minstd_rand random(std::random_device{}());
  return full * std::uniform_int_distribution<int64_t>(750, 1250)(random) / 1000;
}

std::function<void(const LoadProgress&)> ProgressTo(RunningJob& running) {
  return [&running](const LoadProgress& progress) {
    running.Tell({.phase = progress.phase,
                  .rows = progress.rows,
                  .failed = progress.failed,
                  .bytes = progress.bytes,
                  .bytes_total = progress.bytes_total});
  };
}

Result<LoadRequest> RequestOfJob(Connection& session, const OpenStored& open_stored,
                                 int64_t job_id) {
  const JobRecord record = TRY(ReadJob(session, job_id));
  return RequestOfRecord(session, open_stored, record, record.parent_id);
}

Result<LoadRequest> RequestOfRecord(Connection& session, const OpenStored& open_stored,
                                    const JobRecord& record, std::optional<int64_t> parent_job) {
  LoadFlags flags = TRY(LoadFlagsFromJson(record.options_json));
  flags.contract_text = record.contract_text;
  flags.to = QuoteQualified(record.target);
  flags.dry_run = record.dry_run;
  flags.parent_job = parent_job;
  RequestNotes notes;
  LoadRequest request = TRY(BuildRequest(session, flags, &notes));
  if (flags.stored.empty()) return request;
  if (!open_stored) {
    return Error(ErrorKind::kInvalid, code::job_no_store, {{"job", std::to_string(record.id)}});
  }
  request.files = TRY(open_stored(flags.stored));
  return request;
}

PartsContext PartsContextOf(const JobRunConfig& config) {
  return {.worker_id = config.worker_id,
          .attempts_max = config.tries_max,
          .retry_after = config.retry_after,
          .ready = {}};
}

Status RunClaimedJob(Connection& session, const JobRunConfig& config, const ClaimedJob& claimed,
                     RunningJob& running) {
  const std::string job = std::to_string(claimed.job.id);
  const std::string attempt = std::to_string(claimed.job.attempt);
  LogInfo("job_claimed", {{"job", job}, {"attempt", attempt}, {"trace", claimed.trace}});
  kClaimed.Reach();
  if (!claimed.database.empty()) {
    const JobState state = TRY(RunTargetJob(session, config, claimed, running));
    kEnded.Reach();
    LogInfo("job_ended", {{"job", job}, {"attempt", attempt}, {"state", std::string(Name(state))}});
    return Ok();
  }
  session.SetStopToken(running.token());
  auto report = Run(session, config, claimed, running);
  session.SetStopToken({});
  if (report.ok()) {
    kEnded.Reach();
    LogInfo("job_ended",
            {{"job", job}, {"attempt", attempt}, {"state", std::string(Name(report->state))}});
    return Ok();
  }
  LogWarning("job_not_loaded",
             {{"job", job}, {"attempt", attempt}, {"code", report.error().code()}});
  // Another has the job, or will: what it finds is not to be touched.
  if (running.reason() == StopReason::kLeaseLost) return std::move(report).error();
  TRY(CloseFailedRunInTheEnd(config, claimed, running, report.error()));
  return std::move(report).error();
}

}  // namespace eclusa
