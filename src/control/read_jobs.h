// JobRecord: a job as it is written, for those who show it.
//
// Values; no locks. What is not known yet is empty, never zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/job_state.h"
#include "model/outcome.h"
#include "model/table.h"
#include "pg/connection.h"

namespace eclusa {

struct JobRecord {
  int64_t id = 0;
  std::optional<int64_t> parent_id;
  std::string state;  // a name that this program may not know
  int32_t attempt = 0;
  TableName target;
  std::string dataset;
  std::string mode;
  std::string contract_digest;
  std::string contract_text;
  std::string options_json;
  bool dry_run = false;
  std::string created_at;  // as the session's time zone writes it, to the second
  std::optional<std::string> finished_at;
  std::optional<int64_t> duration_ms;  // of a running job: until now
  std::optional<std::string> error_json;
  std::optional<std::string> report_json;
  std::optional<NextTry> retry;  // read by ReadJob alone
  std::optional<OutcomeCounts> counts;
  int64_t open_failures = 0;
  bool failures_removed = false;  // their time was over
  bool alive = false;             // a session holds its lock, or the queue takes care of it

  // Its sound rows are in the target, so that its failed ones can complete them.
  bool loaded() const { return state.starts_with("SUCCEEDED") && !dry_run; }
};

// kNotFound (job.not_found) where there is none.
Result<JobRecord> ReadJob(Connection& connection, int64_t job_id);
// The newest first; contract_text, error and report are left empty.
Result<std::vector<JobRecord>> ReadLastJobs(Connection& connection, int limit);
// "42" -> 42; kInvalid (job.bad_number) for anything else.
Result<int64_t> ParseJobNumber(const std::string& text);

// The job's error as it was recorded, to be shown in any language; nothing: it has none.
std::optional<Error> RecordedError(const JobRecord& job);

}  // namespace eclusa
