// PartStager: stages one part of a load after the other, for whoever has claimed it.
//
// A part's rows, failures and end are one transaction on one session, whose last statement names
// the part's attempt: what was staged twice is committed once. The plans are made anew from the
// request, with the first part, and are the same whoever makes them. Threads: one; reading and
// sending overlap in two.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/parts.h"
#include "core/result.h"
#include "formats/source.h"
#include "judge/plan.h"
#include "load/load.h"
#include "load/stager.h"

namespace eclusa {

// Where a part stands, as eclusa.parts keeps it. `layout`: of the load's stage and files; parts of
// another layout are of no use.
struct PartPlace {
  std::optional<SourcePart> part;  // none: the whole file
  std::string layout;
};
std::string ToJson(const PartPlace& place);
// kInternal (job.part_unreadable) for what ToJson has not written.
Result<PartPlace> PartPlaceFromJson(const std::string& json);

// What staging a part found besides its rows.
struct PartFindings {
  std::vector<std::pair<std::string, int64_t>> warnings;  // counter, count
  int64_t present = 0;
  bool key_unreadable = false;
  std::vector<std::string> passed_over;  // Source::PassedOver
};
std::string ToJson(const PartFindings& findings);
Result<PartFindings> PartFindingsFromJson(const std::string& json);

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
