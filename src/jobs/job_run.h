// RunClaimedJob: a job that a worker has claimed, from its record to its end or back to the queue.
//
// The request is built anew from the record: contract, target and options as they were asked for.
// Whatever happens, the job ends, or waits in the queue again, or belongs to somebody else: nothing
// but a lost connection leaves it to the rescuer. What goes wrong decides: the operation cannot
// work (kInvalid, kNotFound, kInternal): FAILED; something was out of reach (kUnavailable,
// kCommitUnknown, kConflict): tried again, later each time, until `tries_max`. Threads: one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/read_jobs.h"
#include "core/result.h"
#include "io/files.h"
#include "jobs/queue.h"
#include "jobs/running_jobs.h"
#include "load/load.h"
#include "pg/connection.h"
#include "request/load_flags.h"
#include "request/targets.h"

namespace eclusa {

// Where uploaded files are read from.
using OpenStored =
    std::function<Result<std::shared_ptr<const Files>>(const std::vector<StoredFile>& files)>;

struct JobRunConfig {
  std::string conninfo;
  int64_t worker_id = 0;
  std::string session;     // what the sessions of this worker are called
  OpenStored open_stored;  // empty: a job that reads uploaded files fails (job.no_store)
  // Told of a job whose files this worker cannot open, though the one that has it can.
  std::function<void(int64_t job_id)> out_of_reach = [](int64_t) {};
  int tries_max = 5;
  std::chrono::milliseconds retry_after{1000};  // doubled with each try, give or take a quarter
  std::chrono::milliseconds retry_after_max{300'000};
  std::shared_ptr<const Targets> targets;  // null: none
};

// What the job asks for, as its record has it; its table is described in the same database.
Result<LoadRequest> RequestOfJob(Connection& session, const OpenStored& open_stored,
                                 int64_t job_id);

// The same of a record of another database than `session`'s, where the table is; `parent_job`:
// there.
Result<LoadRequest> RequestOfRecord(Connection& session, const OpenStored& open_stored,
                                    const JobRecord& record, std::optional<int64_t> parent_job);

// Until the next try; longer with each.
std::chrono::milliseconds RetryDelay(const JobRunConfig& config, int tries);

// What the job's run tells of itself.
std::function<void(const LoadProgress&)> ProgressTo(RunningJob& running);

// Where parts of a job are claimed and how often they are tried.
PartsContext PartsContextOf(const JobRunConfig& config);

// `session`: the slot's; its stop token is set for the run and emptied afterwards. After an error,
// which has been dealt with, it may hold locks or a broken transaction: open another.
Status RunClaimedJob(Connection& session, const JobRunConfig& config, const ClaimedJob& claimed,
                     RunningJob& running);

}  // namespace eclusa
