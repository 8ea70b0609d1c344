// RunClaimedParts: parts of a job that another worker has, staged beside it.
//
// The request is built once, from the job's record, and parts of the same job are claimed one after
// the other for about a second, so that jobs that wait get their turn. What could not be staged
// goes back to the queue or fails, and with it the job; where the files are not in this worker's
// reach (on another machine's disk) it is left to those that have them. Threads: one.
#pragma once

#include "control/parts.h"
#include "core/result.h"
#include "jobs/job_run.h"
#include "jobs/running_jobs.h"
#include "pg/connection.h"

namespace eclusa {

// As RunClaimedJob. `first` was claimed by config.worker_id.
Status RunClaimedParts(Connection& session, const JobRunConfig& config, const JobPart& first,
                       RunningJob& running);

}  // namespace eclusa
