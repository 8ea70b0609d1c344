// EndJob: the end of a job that never merged, shared by failing, cancelling, closing dead ones and
// rescuing.
//
// Inside the caller's transaction, which holds the job's row.
#pragma once

#include <string>

#include "control/job.h"
#include "control/transitions.h"
#include "core/result.h"
#include "pg/connection.h"

namespace eclusa {

// Moves the job and writes the event. kConflict where the row is no longer in `from`.
struct Move {
  std::string_view event;
  JobState from;
  JobState to;
  std::string detail_json = "{}";
  int32_t next_attempt = 0;  // 0: the same
};
Status MoveJob(Connection& connection, const Job& job, const Move& move);

// Nobody can finish a part any more; files and job get their counts, then the job moves to FAILED;
// where the error is a cancellation, or one had been asked for, through CANCELING to CANCELED.
Status EndJob(Connection& connection, const Job& job, JobState from, const Error& error);

}  // namespace eclusa
