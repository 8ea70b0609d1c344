// PartStager: stages one part of a load after the other, for whoever has claimed it.
//
// A part's rows, failures and end are one transaction on one session, whose last statement names
// the part's attempt: what was staged twice is committed once. The plans are made anew from the
// request, with the first part, and are the same whoever makes them. Threads: one; reading and
// sending overlap in two.
#pragma once

#include <cstdint>
#include <vector>

#include "control/parts.h"
#include "core/result.h"
#include "judge/plan.h"
#include "load/load.h"

namespace eclusa {

class PartStager {
 public:
  // All outlive this.
  PartStager(const LoadContext& context, const LoadRequest& request, int64_t job_id)
      : context_(context), request_(request), job_id_(job_id) {}

  // An error leaves the part as it is: see LeaveUnstaged.
  Status Stage(Connection& session, const JobPart& part);

 private:
  const LoadContext& context_;
  const LoadRequest& request_;
  const int64_t job_id_;
  std::vector<LoadPlan> plans_;
};

// What becomes of a part that was not staged: it is tried again, later each time, or fails for
// good. Where the worker was told to stop it is given back as if nothing had been.
Status LeaveUnstaged(Connection& session, const LoadContext& context, const JobPart& part,
                     const Error& error);

}  // namespace eclusa
