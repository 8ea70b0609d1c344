#include "control/dead_jobs.h"

#include "control/advisory_lock.h"
#include "control/end_job.h"
#include "control/sql.h"
#include "core/log.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// How long a drop or a row lock is waited for. The next start tries again.
constexpr const char* kLockPatience = "SET LOCAL lock_timeout = '1s'";

// Transaction::Commit would take the stop token away from a session that goes on to load; what
// these transactions do can be done again.
Status CommitStoppable(Connection& connection) {
  TRY(connection.Execute("COMMIT"));
  return Ok();
}

// One dead job in a transaction of its own, so that one that cannot be closed holds up no other.
Status CloseDeadJob(Connection& connection, const std::string& id, DeadJobsClosed* closed) {
  Transaction transaction = TRY(Transaction::Begin(connection));
  TRY(connection.Execute(kLockPatience));
  const QueryResult locked =
      TRY(connection.Query(std::string(sql::kLockDeadJob), {id, JobLockSpace()}));
  const std::optional<JobState> state =
      locked.rows() == 0 ? std::nullopt : ParseJobState(locked.Text(0, 0));
  if (!state) return std::move(transaction).Rollback();
  const Job job{std::stoll(id), static_cast<int32_t>(locked.Int(0, 1))};
  TRY(EndJob(connection, job, *state,
             Error(ErrorKind::kUnavailable, code::job_died, {{"job", id}})));
  TRY(CommitStoppable(connection));
  ++(*state == JobState::kCanceling ? closed->cancelled : closed->failed);
  return Ok();
}

Status DropTable(Connection& connection, const std::string& table) {
  const Transaction transaction = TRY(Transaction::Begin(connection));
  TRY(connection.Execute(kLockPatience));
  TRY(connection.Execute("DROP TABLE IF EXISTS " + table));
  return CommitStoppable(connection);
}

}  // namespace

Result<DeadJobsClosed> CloseDeadJobs(Connection& connection) {
  CHECK(!connection.in_transaction());
  DeadJobsClosed closed;
  const QueryResult dead =
      TRY(connection.Query(std::string(sql::kSelectDeadJobs), {JobLockSpace()}));
  for (int row = 0; row < dead.rows(); ++row) {
    const Status done = CloseDeadJob(connection, std::string(dead.Text(row, 0)), &closed);
    if (done.ok()) continue;
    if (done.error().kind() != ErrorKind::kConflict) return done.error();
    LogWarning("dead_job_left", {{"job", std::string(dead.Text(row, 0))}});
  }
  const QueryResult orphans =
      TRY(connection.Query(std::string(sql::kSelectOrphanTables), {JobLockSpace()}));
  for (int row = 0; row < orphans.rows(); ++row) {
    const std::string table(orphans.Text(row, 0));
    if (!orphans.Bool(row, 1)) {
      ++closed.tables_left;
      continue;
    }
    const Status dropped = DropTable(connection, table);
    if (!dropped.ok() && dropped.error().kind() != ErrorKind::kConflict) return dropped.error();
    ++(dropped.ok() ? closed.tables_dropped : closed.tables_left);
  }
  return closed;
}

}  // namespace eclusa
