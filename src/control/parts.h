// Parts of one job that several workers stage: their queue, their fence, and what came of each.
//
//   QUEUED -> LOADING -> STAGED, or back to QUEUED, or FAILED
//
// A claim adds one to the part's attempt and has a number of its own, which is the fence of
// FinishPart, the last statement of the transaction of its COPY: attempts are counted anew where
// the job's next attempt cuts its files again. Whoever works on the job looks after its parts.
// Parts that no claim ever sees, of a load that one process stages as a whole: BeginPart. Rows of
// eclusa.parts; each function is one statement on the caller's connection and transaction. Threads:
// as the connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/job.h"
#include "core/result.h"
#include "pg/connection.h"

namespace eclusa {

struct PartCounts {
  int64_t rows_read = 0;
  int64_t rows_staged = 0;
  int64_t rows_failed = 0;
};

// One attempt at a part.
struct JobPart {
  int64_t job_id = 0;
  int32_t part = 0;
  int32_t file = 0;
  int32_t attempt = 0;
  int64_t claim = 0;       // never given twice
  std::string place_json;  // empty: the whole file
};

struct PartRecord {
  JobPart part;
  bool staged = false;
  PartCounts counts;
  std::string found_json = "{}";
};

// Of parts 0, 1, ...: only the file and the place are looked at.
Status QueueParts(Connection& connection, const Job& job, const std::vector<JobPart>& parts);
// `job_id`: of this job alone; `but`: jobs whose parts are left to others. Nothing where none is
// ready or the worker's lease is over.
Result<std::optional<JobPart>> ClaimPart(Connection& connection, int64_t worker_id,
                                         std::optional<int64_t> job_id,
                                         const std::vector<int64_t>& but = {});
// The whole of a file, about to be staged by the job's own worker: attempt 1, or one more where it
// was there before.
Result<JobPart> BeginPart(Connection& connection, const Job& job, int32_t part, int32_t file);
// Last statement of the transaction of the part's COPY. kConflict (job.part_taken_over) where
// another claim owns the part: roll back, or its rows would double.
Status FinishPart(Connection& connection, const JobPart& part, const PartCounts& counts,
                  const std::string& found_json = "{}");

// Back to the queue, or for good; nothing where another claim owns the part. `error`: of the part
// itself, not of its worker.
Status GiveBackPart(Connection& connection, const JobPart& part, std::chrono::milliseconds delay,
                    const Error* error);
Status FailPart(Connection& connection, const JobPart& part, const Error& error);
// Back to the queue as if it had not been claimed: its file is not in this worker's reach.
Status ReturnPart(Connection& connection, const JobPart& part);

struct PartsProgress {
  int64_t queued = 0;
  int64_t loading = 0;
  int64_t staged = 0;
  int64_t failed = 0;
  int64_t rows_read = 0;
  int64_t rows_failed = 0;
  std::optional<Error> error;  // of a part that failed
};
// Gives parts of lost workers back to the queue, and fails those that were begun `attempts_max`
// times (job.tries_exhausted); tells how far all are.
Result<PartsProgress> LookAfterParts(Connection& connection, int64_t job_id, int attempts_max);

Result<std::vector<PartRecord>> ReadParts(Connection& connection, int64_t job_id);

// Within the job's final transaction, of each part in their order: rows inserted or updated; empty:
// not told.
Status RecordPartsWritten(Connection& connection, const Job& job,
                          const std::vector<int64_t>& written);

// In place of ResetJob, at the start of an attempt that goes on with what is staged. kConflict
// where the attempt owns the job no more.
Status ResumeParts(Connection& connection, const Job& job);

}  // namespace eclusa
