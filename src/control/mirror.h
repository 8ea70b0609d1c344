// Mirror: a job of this database's queue that works in another database, and its row there.
//
//   control: QUEUED -> LOADING ........................................... -> ended
//   target:            mirror: LOADING -> MERGING -> ended, with the ledger   ^
//                                                     '---- CloseFromMirror --'
//
// The mirror has the job's uid, and the attempt of the job as its fence: an attempt that has made
// or taken the mirror shuts out all earlier ones. It ends in the transaction of the merge, where
// the ledger is; that end is the truth, and the job's row is brought to it afterwards, as often as
// it takes. So a job that was begun in another database must not be ended here in any other way. No
// row of the target's queue belongs to a mirror: its sweeper and rescuer leave it alone. Functions
// of two sessions, neither inside a transaction. Threads: as the sessions.
#pragma once

#include <cstdint>
#include <string>

#include "control/job.h"
#include "core/result.h"
#include "model/job_state.h"
#include "pg/connection.h"

namespace eclusa {

struct Mirror {
  Job job;                           // in the target's database
  bool ended = false;                // by an earlier attempt
  std::optional<int64_t> parent_id;  // there; of a resubmission
};

// What the sessions of an attempt in the target's database are called.
Result<std::string> MirrorSessionName(Connection& control, const Job& job);

// Makes the mirror, or takes it over from an earlier attempt, whose sessions are ended first; one
// of this attempt is found again. kConflict (job.taken_over) where a later one has it; kNotFound
// (job.not_found) where the job whose failures it hands in is not there; kInvalid where both
// sessions are in one database.
Result<Mirror> MakeMirror(Connection& control, Connection& target, const Job& job);

// The number, in the target's database, of a job of the control database.
Result<int64_t> FindMirror(Connection& control, Connection& target, int64_t job_id);

// Brings the job to the end of its mirror, which has ended: files, parts, phases, warnings,
// failures with their rows, counts, report, state; and closes here what it closed of its parents'
// failures there, but for those waived here. One transaction under the job's fence; where the job
// has ended already it changes nothing. Gives the state that the job now has.
Result<JobState> CloseFromMirror(Connection& control, const Job& job, Connection& target,
                                 int64_t mirror_id);

}  // namespace eclusa
