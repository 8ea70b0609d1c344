#include "control/job.h"

#include <algorithm>

#include "control/advisory_lock.h"
#include "control/end_job.h"
#include "control/error_json.h"
#include "control/sql.h"
#include "control/stage_tables.h"
#include "control/transitions.h"
#include "control/worker.h"
#include "model/codes.h"

namespace eclusa {
namespace {

Error NotFound(int64_t job_id) {
  return Error(ErrorKind::kNotFound, code::job_not_found, {{"job", std::to_string(job_id)}});
}

struct StoredState {
  JobState state;
  int32_t attempt;
};

Result<StoredState> ReadStored(Connection& connection, std::string_view sql, int64_t job_id) {
  const QueryResult found = TRY(connection.Query(std::string(sql), {std::to_string(job_id)}));
  if (found.rows() == 0) return NotFound(job_id);
  const std::optional<JobState> state = ParseJobState(found.Text(0, 0));
  if (!state) {
    return Error(ErrorKind::kInvalid, code::job_unknown_state,
                 {{"job", std::to_string(job_id)}, {"state", std::string(found.Text(0, 0))}});
  }
  return StoredState{*state, static_cast<int32_t>(found.Int(0, 1))};
}

// Reads, asks the transition, and moves only from the state that was read: right with and without a
// transaction around it.
template <class Transition>
Status ApplyTransition(Connection& connection, const Job& job, const Transition& transition,
                       int32_t next_attempt, const std::string& detail_json = "{}") {
  const StoredState stored = TRY(ReadStored(connection, sql::kSelectJobState, job.id));
  if (stored.attempt != job.attempt) return JobTakenOver(job);
  if (auto refused = transition.CanApply(stored.state)) return *std::move(refused);
  return MoveJob(connection, job,
                 {.event = Transition::kEvent,
                  .from = stored.state,
                  .to = transition.Apply(stored.state),
                  .detail_json = detail_json,
                  .next_attempt = next_attempt});
}

Status CheckCounts(Connection& connection, const Job& job, const JobEnd& end, int64_t* open) {
  const OutcomeCounts& counts = end.counts;
  const std::vector<TableOutcomes>& tables = end.tables;
  const QueryResult stored =
      TRY(connection.Query(std::string(sql::kCountFailures), {std::to_string(job.id)}));
  *open = stored.Int(0, 1);
  std::string detail;
  if (!counts.Balances()) {
    detail = "read " + std::to_string(counts.read) + " is not the sum of the outcomes";
  } else if (tables.empty() ? stored.Int(0, 0) != counts.failed
                            : stored.Int(0, 0) < counts.failed) {
    detail = "failed " + std::to_string(counts.failed) + ", failures stored " +
             std::to_string(stored.Int(0, 0));
  } else if (const auto table =
                 std::ranges::find_if_not(tables, &OutcomeCounts::Balances, &TableOutcomes::counts);
             table != tables.end()) {
    detail = table->list + ": read " + std::to_string(table->counts.read) +
             " is not the sum of the outcomes";
  } else {
    return Ok();
  }
  return Error(ErrorKind::kInternal, code::job_unbalanced,
               {{"job", std::to_string(job.id)}, {"detail", std::move(detail)}});
}

// read, then each outcome, removed, cascaded.
void AddCounts(const OutcomeCounts& counts, Parameters& parameters) {
  for (const int64_t count : {counts.read, counts.inserted, counts.updated, counts.unchanged,
                              counts.deleted, counts.superseded, counts.duplicate, counts.waiting,
                              counts.failed, counts.skipped, counts.removed, counts.cascaded}) {
    parameters.push_back(std::to_string(count));
  }
}

Status WriteCounts(Connection& connection, const Job& job, const JobEnd& end, int64_t open) {
  Parameters parameters = {std::to_string(job.id), FitJson(end.report_json), std::to_string(open)};
  AddCounts(end.counts, parameters);
  TRY(connection.Query(std::string(sql::kFinishJob), parameters));
  return Ok();
}

Result<JobState> EndUnmerged(Connection& connection, const Job& job, const Error& error) {
  connection.SetStopToken({});  // ending a job is what a stop asks for, not what it stops
  Transaction transaction = TRY(Transaction::Begin(connection));
  const StoredState stored = TRY(ReadStored(connection, sql::kLockJob, job.id));
  if (IsFinal(stored.state)) {
    TRY(std::move(transaction).Rollback());
    return stored.state;
  }
  if (stored.attempt != job.attempt) return JobTakenOver(job);
  TRY(EndJob(connection, job, stored.state, error));
  TRY(std::move(transaction).Commit());
  return ReadJobState(connection, job.id);
}

}  // namespace

Error JobTakenOver(const Job& job) {
  return Error(ErrorKind::kConflict, code::job_taken_over,
               {{"job", std::to_string(job.id)}, {"attempt", std::to_string(job.attempt)}});
}

Status MoveJob(Connection& connection, const Job& job, const Move& move) {
  const int32_t next = move.next_attempt == 0 ? job.attempt : move.next_attempt;
  const QueryResult moved = TRY(connection.Query(
      std::string(sql::kMoveJob),
      {std::to_string(job.id), std::to_string(job.attempt), std::string(move.event),
       std::string(Name(move.from)), std::string(Name(move.to)), WorkerName(), move.detail_json,
       std::to_string(next)}));
  if (moved.affected() != 1) return JobTakenOver(job);
  return Ok();
}

Status EndJob(Connection& connection, const Job& job, JobState from, const Error& error) {
  TRY(connection.Query(std::string(sql::kCloseParts), {std::to_string(job.id)}));
  TRY(connection.Query(std::string(sql::kCloseFiles), {std::to_string(job.id)}));
  TRY(connection.Query(std::string(sql::kEndJob), {std::to_string(job.id), ErrorToJson(error)}));
  const bool cancelled = error.kind() == ErrorKind::kCancelled || from == JobState::kCanceling;
  if (!cancelled) {
    const FailTransition fail;
    return MoveJob(connection, job, {FailTransition::kEvent, from, fail.Apply(from)});
  }
  if (from != JobState::kCanceling) {
    const RequestCancelTransition request;
    TRY(MoveJob(connection, job, {RequestCancelTransition::kEvent, from, request.Apply(from)}));
    from = JobState::kCanceling;
  }
  const CancelTransition cancel;
  return MoveJob(connection, job, {CancelTransition::kEvent, from, cancel.Apply(from)});
}

Result<Job> CreateJob(Connection& connection, const JobRequest& request) {
  CHECK(!connection.in_transaction());
  Parameter parent;
  if (request.parent_id) parent = std::to_string(*request.parent_id);
  const QueryResult made = TRY(connection.Query(
      std::string(sql::kInsertJob),
      {parent, request.target.schema, request.target.name, request.dataset,
       std::string(Name(request.mode)), request.contract_digest, FitText(request.contract_text),
       FitJson(request.options_json), request.dry_run ? "t" : "f", WorkerName(), JobLockSpace()}));
  return Job{made.Int(0, 0), static_cast<int32_t>(made.Int(0, 1))};
}

Status BeginMerge(Connection& connection, const Job& job) {
  return ApplyTransition(connection, job, BeginMergeTransition{}, job.attempt);
}

Status RestageJob(Connection& connection, Job& job) {
  TRY(ApplyTransition(connection, job, RestageTransition{}, job.attempt + 1));
  ++job.attempt;
  return Ok();
}

Status LockForMerge(Connection& connection, const Job& job) {
  CHECK(connection.in_transaction());
  const QueryResult locked = TRY(connection.Query(
      std::string(sql::kLockJobForMerge), {std::to_string(job.id), std::to_string(job.attempt)}));
  if (locked.rows() == 0) return JobTakenOver(job);
  return Ok();
}

Status FinishJob(Connection& connection, const Job& job, const JobEnd& end) {
  CHECK(connection.in_transaction());
  int64_t open = 0;
  TRY(CheckCounts(connection, job, end, &open));
  TRY(WriteCounts(connection, job, end, open));
  TRY(ApplyTransition(connection, job, FinishTransition{end.state}, job.attempt));
  TRY(connection.Query(std::string(sql::kInsertLedger), {std::to_string(job.id)}));
  for (const TableOutcomes& table : end.tables) {
    Parameters parameters = {std::to_string(job.id), table.list, table.target.schema,
                             table.target.name};
    AddCounts(table.counts, parameters);
    TRY(connection.Query(std::string(sql::kInsertLedgerTable), parameters));
  }
  return Ok();
}

Result<JobState> FailJob(Connection& connection, const Job& job, const Error& error) {
  return EndUnmerged(connection, job, error);
}

Result<JobState> CancelJob(Connection& connection, const Job& job) {
  return EndUnmerged(connection, job, Error(ErrorKind::kCancelled, code::load_cancelled));
}

Status GiveBackJob(Connection& connection, const Job& job, const std::string& detail_json) {
  return ApplyTransition(connection, job, GiveBackTransition{}, job.attempt, detail_json);
}

Status ResetJob(Connection& connection, const Job& job) {
  const QueryResult own = TRY(connection.Query(
      std::string(sql::kResetJob), {std::to_string(job.id), std::to_string(job.attempt)}));
  if (own.rows() == 0) return JobTakenOver(job);
  return DropLeftovers(connection, job.id);
}

Result<JobState> ReadJobState(Connection& connection, int64_t job_id) {
  return TRY(ReadStored(connection, sql::kSelectJobState, job_id)).state;
}

Result<JobState> ReadSettledState(Connection& connection, int64_t job_id) {
  return TRY(ReadStored(connection, sql::kSelectSettledState, job_id)).state;
}

Status ReleaseJob(Connection& connection, const Job& job) {
  TRY(connection.Query(std::string(sql::kReleaseJob), {std::to_string(job.id), JobLockSpace()}));
  return Ok();
}

Status ReplaceReport(Connection& connection, const Job& job, const std::string& report_json) {
  const QueryResult replaced = TRY(connection.Query(
      std::string(sql::kReplaceReport),
      {std::to_string(job.id), std::to_string(job.attempt), FitJson(report_json)}));
  if (replaced.affected() != 1) return JobTakenOver(job);
  return Ok();
}

Status RecordPhase(Connection& connection, const Job& job, const std::string& phase,
                   std::chrono::microseconds duration, const std::string& detail_json) {
  TRY(connection.Query(std::string(sql::kInsertPhase),
                       {std::to_string(job.id), std::to_string(job.attempt), WorkerName(), phase,
                        std::to_string(duration.count()), FitJson(detail_json)}));
  return Ok();
}

}  // namespace eclusa
