// RunTargetJob: a claimed job whose dataset lives in a database of its own.
//
// It works on its mirror there (control/mirror.h), as RunJob does here, in one piece: other workers
// stage no parts of it. The mirror's end decides. A job whose mirror has ended already is closed
// and merges nothing; one whose run failed or was cancelled ends there first. Where the target
// cannot be reached, nobody knows how the job ended: it goes back to the queue however often it was
// tried. Only a first attempt that did not come to a mirror is ended without one. Threads: one.
#pragma once

#include "core/result.h"
#include "jobs/job_run.h"
#include "jobs/queue.h"
#include "jobs/running_jobs.h"
#include "model/job_state.h"
#include "pg/connection.h"

namespace eclusa {

// As RunClaimedJob. The state that the job now has.
Result<JobState> RunTargetJob(Connection& control, const JobRunConfig& config,
                              const ClaimedJob& claimed, RunningJob& running);

}  // namespace eclusa
