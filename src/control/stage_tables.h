// Stage tables of a job, by name, and how they go away.
//
// eclusa_stage.s_<job> holds the rows, eclusa_stage.v_<job> the verdicts. A load that needs more
// takes the same prefix rule: one letter, underscore, the job's number, optionally _anything.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"
#include "pg/connection.h"

namespace eclusa {

// Schema-qualified, safe in SQL text. `table`: of the tables that the load writes, 0 the first.
std::string StageTable(int64_t job_id, int table = 0);
std::string VerdictTable(int64_t job_id, int table = 0);

// Drops every stage table of the job. Tables of another owner are left (kInvalid:
// job.stage_not_owned).
Status DropLeftovers(Connection& connection, int64_t job_id);

}  // namespace eclusa
