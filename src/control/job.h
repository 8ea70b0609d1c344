// The job record: one row of eclusa.jobs from its claim to its end, with its fence.
//
// Each function is one or two statements on the connection given. CreateJob takes a session
// advisory lock that says "alive"; it is held until ReleaseJob or the end of the session, so the
// connection must be a session and live as long as the job (no transaction pooler). `attempt` is
// the fence: every write names id and attempt, and finds no row where somebody else took the job
// (kConflict, job.taken_over). Inside the final transaction: LockForMerge first, FinishJob last.
// Everything else is autocommitted by itself or part of the caller's transaction, as said. Threads:
// as the connection. Does NOT know what a job does, and never touches a target table.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/job_state.h"
#include "model/load_options.h"
#include "model/outcome.h"
#include "model/table.h"
#include "pg/connection.h"

namespace eclusa {

struct JobRequest {
  std::optional<int64_t> parent_id;  // a resubmission's
  TableName target;
  std::string dataset;  // the contract's name
  Mode mode = Mode::kUpsert;
  std::string contract_digest;
  std::string contract_text;
  std::string options_json = "{}";  // what else was asked, one JSON object
  bool dry_run = false;
};

struct Job {
  int64_t id = 0;
  int32_t attempt = 0;
};

// kConflict: another attempt has the job.
Error JobTakenOver(const Job& job);

// Autocommitted: a new job in LOADING, attempt 1, alive on this session. Not inside a transaction.
Result<Job> CreateJob(Connection& connection, const JobRequest& request);

// LOADING -> MERGING. Autocommitted, or in the caller's transaction.
Status BeginMerge(Connection& connection, const Job& job);

// MERGING -> LOADING with the next attempt, where the stage was lost; `job` is updated.
Status RestageJob(Connection& connection, Job& job);

// First statement of the final transaction: locks the job's row while id, attempt and MERGING hold.
// kConflict where they do not: roll back, somebody else owns the job or has ended it.
Status LockForMerge(Connection& connection, const Job& job);

// Last statement of the final transaction: the end state, the counts, the report, open failures,
// and for a load that changed its target (SUCCEEDED*, no dry run) the ledger row. The state is
// SUCCEEDED, SUCCEEDED_WITH_FAILURES or REJECTED. Refuses (kInternal, job.unbalanced) counts that
// do not balance or that disagree with the failures stored. Of documents `tables` has the counts of
// each child table; a document that has loaded may then have failures stored, for a child that
// failed alone.
struct TableOutcomes {
  std::string list;
  TableName target;
  OutcomeCounts counts;
};
struct JobEnd {
  JobState state = JobState::kSucceeded;
  OutcomeCounts counts;
  std::string report_json = "{}";
  std::vector<TableOutcomes> tables = {};
};
Status FinishJob(Connection& connection, const Job& job, const JobEnd& end);

// Ends a job whose work failed, in a transaction of its own on a fresh or healthy connection. Rows
// with stored failures count as failed, all others read as skipped. Returns the state that the job
// now has: where it had ended already (the answer to a commit was lost) that end stands.
Result<JobState> FailJob(Connection& connection, const Job& job, const Error& error);
// The same for a cancelled one: through CANCELING to CANCELED.
Result<JobState> CancelJob(Connection& connection, const Job& job);

// LOADING or MERGING -> QUEUED, because its worker gives it back or is gone. In the caller's
// transaction; `detail_json` says why.
Status GiveBackJob(Connection& connection, const Job& job, const std::string& detail_json);
// At the start of an attempt that is not the first: what the earlier ones have stored, and their
// stage. kConflict where the attempt owns the job no more.
Status ResetJob(Connection& connection, const Job& job);

// The state of the job now.
Result<JobState> ReadJobState(Connection& connection, int64_t job_id);
// What to look at after kCommitUnknown: waits for a commit that is under way.
Result<JobState> ReadSettledState(Connection& connection, int64_t job_id);

// No longer alive. Also implied by the end of the session.
Status ReleaseJob(Connection& connection, const Job& job);

// Replaces the report (it is made when phases that follow the commit are known). Autocommitted.
Status ReplaceReport(Connection& connection, const Job& job, const std::string& report_json);

// A row of eclusa.job_events that is no transition: a phase that ended. `detail_json`: an object.
Status RecordPhase(Connection& connection, const Job& job, const std::string& phase,
                   std::chrono::microseconds duration, const std::string& detail_json = "{}");

}  // namespace eclusa
