// Planning: from a request and the bound columns to the LoadPlan that all statements are built
// from.
//
// Refuses (kInvalid), before a byte is read, what cannot work: a mode without its key, a key that
// is no unique key of the table, rights that are missing, deletes that would cascade unasked. Of
// the database only the role's name is asked for.
#pragma once

#include <vector>

#include "check/checker.h"
#include "core/result.h"
#include "judge/plan.h"
#include "load/load.h"

namespace eclusa {

// What can be said before any file is opened.
Status CheckRequest(Connection& connection, const LoadRequest& request);

// The key that rows are matched by: tenants first, then the request's key columns.
std::vector<std::string> MatchColumns(const LoadRequest& request);

// One plan per table of the load, as DatasetNodes orders them: the root's, and those of its
// children, which point to their parents'. `columns`: the same, as the checker bound them; none for
// a child of which the files bring no rows.
Result<std::vector<LoadPlan>> BuildPlans(const LoadRequest& request,
                                         const std::vector<std::vector<BoundColumn>>& columns,
                                         int64_t job_id);

}  // namespace eclusa
