#include "control/mirror.h"

#include <array>

#include "control/end_job.h"
#include "control/sql.h"
#include "control/transitions.h"
#include "control/worker.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// The mirror's rows of a table that are copied. What names workers, claims or jobs there is left
// behind.
struct CopiedTable {
  const char* table;
  const char* columns;  // but job_id
  const char* where = "";
};
constexpr std::array kCopiedTables = {
    CopiedTable{"files",
                "ordinal, path, format, compression, size, mtime, sha256, dialect, read, applied, "
                "failed, duplicate, superseded, waiting, skipped"},
    CopiedTable{
        "parts",
        "part, file, attempt, state, rows_read, rows_staged, rows_failed, staged_at, place, "
        "found, error, rows_written"},
    CopiedTable{"warnings", "file, counter, count"},
    CopiedTable{"job_events", "at, event, attempt, worker, phase, duration, detail",
                " AND phase IS NOT NULL"},
    CopiedTable{"failure_batches", "batch, part, row_count, rows"},
    // All of them are open: nobody hands in again what has not ended here.
    CopiedTable{"failures",
                "file, row, line, byte_offset, reasons, codes, first_code, part, batch, "
                "index_in_batch, raw"},
    CopiedTable{"resubmitted", "file, row, parent_file, parent_row"},
};

// What is copied where: all of it inside one transaction of `control`.
struct MirroredEnd {
  Connection& control;
  const Job& job;
  Connection& target;
  int64_t mirror_id;
};

Error NotFound(const std::string& job) {
  return Error(ErrorKind::kNotFound, code::job_not_found, {{"job", job}});
}

std::string SessionsOf(const std::string& uid) { return "eclusa " + uid; }

// A mirror in the database of its job would be the job itself.
Status CheckApart(Connection& control, Connection& target) {
  const QueryResult here = TRY(control.Execute(std::string(sql::kSelectServerDatabase)));
  const QueryResult there = TRY(target.Execute(std::string(sql::kSelectServerDatabase)));
  if (here.Text(0, 0) != there.Text(0, 0)) return Ok();
  return Error(ErrorKind::kInvalid, code::config_bad_value,
               {{"name", "targets"},
                {"value", target.Describe()},
                {"expected", "another database than that of the jobs"}});
}

Result<int64_t> FindOfUid(Connection& session, const std::string& uid) {
  const QueryResult found = TRY(session.Query(std::string(sql::kSelectJobOfUid), {uid}));
  if (found.rows() == 0) return NotFound(uid);
  return found.Int(0, 0);
}

// Row by row, as the one server writes them and the other reads them: no more than a row in memory.
Status CopyTable(const MirroredEnd& end, const CopiedTable& copied) {
  const std::string table = std::string("eclusa.") + copied.table;
  CopyOut out = TRY(CopyOut::Begin(
      end.target, "COPY (SELECT " + std::to_string(end.job.id) + ", " + copied.columns + " FROM " +
                      table + " WHERE job_id = " + std::to_string(end.mirror_id) + copied.where +
                      ") TO STDOUT"));
  CopyIn in = TRY(
      CopyIn::Begin(end.control, "COPY " + table + " (job_id, " + copied.columns + ") FROM STDIN"));
  while (const auto row = TRY(out.Next())) TRY(in.Write(*row));
  TRY(std::move(in).Finish());
  return Ok();
}

// What the mirror closed of the failures of one job above it; `uid`: that one's.
Status CloseAbove(const MirroredEnd& end, const std::string& above, const std::string& uid) {
  const QueryResult here = TRY(end.control.Query(std::string(sql::kLockJobOfUid), {uid}));
  if (here.rows() == 0) return Ok();  // its time was over
  const std::string id(here.Text(0, 0));
  std::string file = "-1";
  std::string row = "0";
  while (true) {
    const QueryResult page = TRY(end.target.Query(
        std::string(sql::kSelectClosedBy), {above, std::to_string(end.mirror_id), file, row}));
    if (page.IsNull(0, 0)) break;
    TRY(end.control.Query(
        std::string(sql::kCloseFailures),
        {id, std::to_string(end.job.id), page.Optional(0, 0), page.Optional(0, 1)}));
    file = page.Text(0, 2);
    row = page.Text(0, 3);
  }
  TRY(end.control.Query(std::string(sql::kRecountOpenFailures), {id}));
  return Ok();
}

// Its parent's, and those of its parent's parents, each locked after the one below it.
Status CloseAllAbove(const MirroredEnd& end, std::optional<std::string> above) {
  while (above) {
    const QueryResult next = TRY(end.target.Query(std::string(sql::kSelectJobAbove), {*above}));
    if (next.rows() == 0) return Ok();
    TRY(CloseAbove(end, *above, std::string(next.Text(0, 0))));
    above = next.Optional(0, 1);
  }
  return Ok();
}

// By the ways that a job's state may go, from LOADING.
Status MoveToEnd(Connection& control, const Job& job, JobState end) {
  if (end == JobState::kFailed) {
    return MoveJob(control, job, {FailTransition::kEvent, JobState::kLoading, end});
  }
  if (end == JobState::kCanceled) {
    TRY(MoveJob(control, job,
                {RequestCancelTransition::kEvent, JobState::kLoading, JobState::kCanceling}));
    return MoveJob(control, job, {CancelTransition::kEvent, JobState::kCanceling, end});
  }
  TRY(MoveJob(control, job,
              {BeginMergeTransition::kEvent, JobState::kLoading, JobState::kMerging}));
  return MoveJob(control, job, {FinishTransition::kEvent, JobState::kMerging, end});
}

}  // namespace

Result<std::string> MirrorSessionName(Connection& control, const Job& job) {
  const QueryResult found =
      TRY(control.Query(std::string(sql::kSelectJobUid), {std::to_string(job.id)}));
  if (found.rows() == 0) return NotFound(std::to_string(job.id));
  return SessionsOf(std::string(found.Text(0, 0))) + " " + std::to_string(job.attempt);
}

Result<Mirror> MakeMirror(Connection& control, Connection& target, const Job& job) {
  TRY(CheckApart(control, target));
  const std::string attempt = std::to_string(job.attempt);
  const QueryResult record =
      TRY(control.Query(std::string(sql::kSelectJobToMirror), {std::to_string(job.id), attempt}));
  if (record.rows() == 0) return JobTakenOver(job);
  const std::string uid(record.Text(0, 0));
  Mirror mirror{.job = {0, job.attempt}};
  Parameter parent;
  if (!record.IsNull(0, 1)) {
    mirror.parent_id = TRY(FindOfUid(target, std::string(record.Text(0, 1))));
    parent = std::to_string(*mirror.parent_id);
  }
  TRY(target.Query(std::string(sql::kEndEarlierSessions), {SessionsOf(uid), attempt}));
  const QueryResult made = TRY(target.Query(
      std::string(sql::kMakeMirror), {record.Optional(0, 2), parent, attempt, WorkerName()}));
  if (made.rows() == 1) {
    mirror.job.id = made.Int(0, 0);
    return mirror;
  }
  const QueryResult found = TRY(target.Query(std::string(sql::kSelectJobOfUid), {uid}));
  const bool ended = found.rows() == 1 && found.Bool(0, 2);
  const bool own = found.rows() == 1 && found.Int(0, 1) == job.attempt;
  if (!ended && !own) return JobTakenOver(job);
  mirror.job.id = found.Int(0, 0);
  mirror.ended = ended;
  return mirror;
}

Result<int64_t> FindMirror(Connection& control, Connection& target, int64_t job_id) {
  const QueryResult found =
      TRY(control.Query(std::string(sql::kSelectJobUid), {std::to_string(job_id)}));
  if (found.rows() == 0) return NotFound(std::to_string(job_id));
  return FindOfUid(target, std::string(found.Text(0, 0)));
}

Result<JobState> CloseFromMirror(Connection& control, const Job& job, Connection& target,
                                 int64_t mirror_id) {
  const JobState before = TRY(ReadJobState(control, job.id));
  if (IsFinal(before)) return before;
  const QueryResult mirror =
      TRY(target.Query(std::string(sql::kSelectMirrorEnd), {std::to_string(mirror_id)}));
  const std::optional<JobState> end =
      mirror.rows() == 0 ? std::nullopt : ParseJobState(mirror.Text(0, 0));
  if (!end || !IsFinal(*end)) return NotFound(std::to_string(mirror_id));
  const MirroredEnd copied{control, job, target, mirror_id};
  const std::string id = std::to_string(job.id);
  Transaction transaction = TRY(Transaction::Begin(control));
  TRY(ResetJob(control, job));
  for (const CopiedTable& table : kCopiedTables) TRY(CopyTable(copied, table));
  TRY(control.Query(std::string(sql::kSetMirroredEnd), {id, mirror.Optional(0, 2)}));
  TRY(control.Query(std::string(sql::kRecountOpenFailures), {id}));
  TRY(CloseAllAbove(copied, mirror.Optional(0, 1)));
  TRY(MoveToEnd(control, job, *end));
  TRY(std::move(transaction).Commit());
  return *end;
}

}  // namespace eclusa
