#include "jobs/queue.h"

#include <boost/json.hpp>

#include "control/end_job.h"
#include "control/worker.h"
#include "jobs/sql.h"
#include "model/codes.h"

namespace eclusa {

Result<EnqueuedJob> Enqueue(Connection& connection, const EnqueueRequest& request) {
  const JobRequest& job = request.job;
  Parameter parent;
  if (job.parent_id) parent = std::to_string(*job.parent_id);
  const QueryResult made = TRY(connection.Query(
      std::string(sql::kEnqueueJob),
      {parent, job.target.schema, job.target.name, job.dataset, std::string(Name(job.mode)),
       job.contract_digest, job.contract_text, job.options_json, job.dry_run ? "t" : "f",
       request.tenant, std::to_string(request.priority), WorkerName()}));
  return EnqueuedJob{made.Int(0, 0), std::string(made.Text(0, 1))};
}

Status TellReady(Connection& connection) {
  TRY(connection.Execute("NOTIFY eclusa_ready"));
  return Ok();
}

Status ListenForReady(Connection& connection) {
  TRY(connection.Execute("LISTEN eclusa_ready"));
  return Ok();
}

Result<std::optional<ClaimedJob>> ClaimJob(Connection& connection, int64_t worker_id) {
  while (true) {
    const QueryResult claimed = TRY(
        connection.Query(std::string(sql::kClaimJob), {std::to_string(worker_id), WorkerName()}));
    if (claimed.rows() == 0) return std::optional<ClaimedJob>();
    if (claimed.IsNull(0, 1)) continue;  // it had ended meanwhile
    return std::optional(
        ClaimedJob{.job = {claimed.Int(0, 0), static_cast<int32_t>(claimed.Int(0, 1))},
                   .tries = static_cast<int32_t>(claimed.Int(0, 2)),
                   .database = std::string(claimed.Text(0, 3)),
                   .trace = std::string(claimed.Text(0, 4)),
                   .cancel = claimed.Bool(0, 5)});
  }
}

Status RequeueLocked(Connection& connection, const Job& job, const Requeue& how) {
  TRY(GiveBackJob(connection, job,
                  boost::json::serialize(boost::json::object{
                      {"why", how.why}, {"tries", how.tries}, {"delay_ms", how.delay.count()}})));
  TRY(connection.Query(
      std::string(sql::kRequeueJob),
      {std::to_string(job.id), std::to_string(how.tries), std::to_string(how.delay.count())}));
  return Ok();
}

Status RequeueJob(Connection& connection, const Job& job, const Requeue& how) {
  Transaction transaction = TRY(Transaction::Begin(connection));
  TRY(RequeueLocked(connection, job, how));
  return std::move(transaction).Commit();
}

namespace {

// It waits: nobody works on it, and nobody will once its row of the queue is gone.
Result<bool> CancelWaiting(Connection& connection, int64_t job_id) {
  Transaction transaction = TRY(Transaction::Begin(connection));
  const QueryResult waiting =
      TRY(connection.Query(std::string(sql::kTakeFromQueue), {std::to_string(job_id)}));
  if (waiting.rows() == 0) return false;
  const QueryResult locked =
      TRY(connection.Query(std::string(sql::kLockQueuedJob), {std::to_string(job_id)}));
  // One that was begun in another database may have ended there: a worker looks.
  if (locked.rows() == 0 || locked.Bool(0, 2)) return false;
  TRY(EndJob(connection, {job_id, static_cast<int32_t>(locked.Int(0, 1))}, JobState::kQueued,
             Error(ErrorKind::kCancelled, code::load_cancelled)));
  TRY(std::move(transaction).Commit());
  return true;
}

}  // namespace

Result<CancelAnswer> RequestCancel(Connection& connection, int64_t job_id, const std::string& who) {
  if (TRY(CancelWaiting(connection, job_id))) return CancelAnswer::kCanceled;
  const JobState state = TRY(ReadJobState(connection, job_id));
  if (IsFinal(state)) return CancelAnswer::kEnded;
  const QueryResult queued =
      TRY(connection.Query(std::string(sql::kSelectQueued), {std::to_string(job_id)}));
  if (!queued.Bool(0, 0)) {
    return Error(ErrorKind::kInvalid, code::job_in_foreground, {{"job", std::to_string(job_id)}});
  }
  TRY(connection.Query(std::string(sql::kRequestCancel), {std::to_string(job_id), who}));
  TRY(connection.Query(std::string(sql::kHastenJob), {std::to_string(job_id)}));
  // Between the look at the queue and the request it may have been given back.
  if (TRY(CancelWaiting(connection, job_id))) return CancelAnswer::kCanceled;
  return CancelAnswer::kRequested;
}

}  // namespace eclusa
