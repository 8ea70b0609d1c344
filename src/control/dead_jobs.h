// CloseDeadJobs: ends the jobs whose process is gone and drops what they left in eclusa_stage.
//
// A job in LOADING, MERGING or CANCELING is alive while some session holds its advisory lock. Where
// nobody does it becomes FAILED (job.died; CANCELED where a cancellation had been asked for), with
// the rows that have stored failures failed and all others skipped. Stage tables of jobs that have
// ended and are not alive are dropped. Safe to run from several processes at once and beside
// running loads; never waits for a lock longer than a second. Call at the start of every load.
#pragma once

#include "core/result.h"
#include "pg/connection.h"

namespace eclusa {

struct DeadJobsClosed {
  int failed = 0;
  int cancelled = 0;
  int tables_dropped = 0;
  int tables_left = 0;  // another role's, or locked: the next run's work
};

// Must not be called inside a transaction.
Result<DeadJobsClosed> CloseDeadJobs(Connection& connection);

}  // namespace eclusa
