// The queue: jobs that wait for a worker, and their way into its hands and back.
//
// PostgreSQL holds the truth; each function is one statement or one transaction on the connection
// given. A claim takes the job of the tenant with the fewest running jobs, then of the one whose
// turn was longest ago; of the tenant's the one with the highest priority, then the oldest; and
// adds one to the job's attempt, which is the fence of all that follows. Threads: as the
// connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "control/job.h"
#include "core/result.h"
#include "pg/connection.h"

namespace eclusa {

struct EnqueueRequest {
  JobRequest job;
  std::string tenant;    // whose turn it uses
  int16_t priority = 0;  // within the tenant the higher goes first
};
struct EnqueuedJob {
  int64_t id = 0;
  std::string uid;
};
// A new job in QUEUED. Autocommitted, or in the caller's transaction.
Result<EnqueuedJob> Enqueue(Connection& connection, const EnqueueRequest& request);

// Says to all workers that a job is ready: a hint, and nothing breaks without it. After the job's
// commit, never in its transaction, where it would hold up other commits.
Status TellReady(Connection& connection);
// From now on this session is told.
Status ListenForReady(Connection& connection);

struct ClaimedJob {
  Job job;
  int32_t tries = 0;          // how often it was begun before and came to nothing
  std::string database = {};  // of Targets; empty: this one
  std::string trace = {};     // of the request that registered it; empty: none
  bool cancel = false;        // somebody has asked for it to stop
};
// QUEUED -> LOADING. Nothing where no job is ready, or where the worker's lease is over.
Result<std::optional<ClaimedJob>> ClaimJob(Connection& connection, int64_t worker_id);

struct Requeue {
  int32_t tries = 0;
  std::chrono::milliseconds delay{0};  // until it may be claimed again
  std::string why;                     // for the job's events: lease_expired, worker_stops, a code
};
// LOADING or MERGING -> QUEUED, in a transaction of its own. kConflict where the attempt owns the
// job no more.
Status RequeueJob(Connection& connection, const Job& job, const Requeue& how);
// The same inside the caller's transaction.
Status RequeueLocked(Connection& connection, const Job& job, const Requeue& how);

enum class CancelAnswer : uint8_t {
  kCanceled,   // it waited, and is CANCELED now
  kRequested,  // its worker will stop, or the one that takes it next
  kEnded,      // it had ended
};
// Asks for a job to stop; asking twice is asking once. Never waits for the job's row: a worker that
// stands still in its merge holds it. One that waits and was begun in another database is left to
// the worker that takes it next. kInvalid for a load that runs at somebody's terminal.
Result<CancelAnswer> RequestCancel(Connection& connection, int64_t job_id, const std::string& who);

}  // namespace eclusa
