// ReadCauses: a job's failures grouped by code and column, the most frequent first.
//
// Counts reasons, not rows: a row has all of its own. Each comes with the first row that has it, in
// the order of the load. Works inside the final transaction, on what has been stored so far.
#pragma once

#include <cstdint>
#include <vector>

#include "core/result.h"
#include "model/report.h"
#include "pg/connection.h"

namespace eclusa {

enum class CausesOf : uint8_t { kAll, kOpen };

Result<std::vector<Cause>> ReadCauses(Connection& connection, int64_t job_id,
                                      CausesOf which = CausesOf::kAll);

}  // namespace eclusa
