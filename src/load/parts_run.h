// PartsRun: the staging of a load that is cut into parts, seen from the worker that has the job.
//
// The parts are put into their queue, where other workers find them; this one claims and stages as
// they do, looks after what became of the others', and waits for the last. An attempt that is not
// the job's first goes on with the parts that were staged before, where the stage still holds them.
// Threads: one.
#pragma once

#include <string>
#include <vector>

#include "control/parts.h"
#include "core/result.h"
#include "judge/plan.h"
#include "load/load.h"
#include "load/part_stager.h"
#include "load/stager.h"

namespace eclusa {

class PartsRun {
 public:
  // All outlive this. context.parts is there.
  PartsRun(Connection& control, const LoadContext& context, const LoadRequest& request,
           const Job& job);

  // Cuts the files, where the load is worth it: large, or asked for in parts of so many rows.
  // False: it is to be staged as a whole. What is handed in again is not cut.
  Result<bool> Cut(std::vector<LoadFile>& files, const std::vector<LoadPlan>& plans);
  // Whether parts of an attempt before this one can be gone on with; after Cut.
  Result<bool> CanResume(const std::vector<LoadPlan>& plans);
  // Creates the stage, unless it `resumes`, and fills it.
  Result<StagedLoad> Run(const StageJob& stage, const std::vector<LoadFile>& files, bool resumes);

 private:
  Status StageClaimed(const JobPart& part);
  void Report(const PartsProgress& progress) const;
  Result<StagedLoad> Collect(const std::vector<LoadFile>& files);

  Connection& control_;
  const LoadContext& context_;
  const LoadRequest& request_;
  const Job& job_;
  LoadContext staging_;  // of the parts: their progress is not the load's
  PartStager stager_;
  std::vector<JobPart> parts_;
  int64_t bytes_ = 0;  // of the files
  int64_t rows_ = 0;   // of the parts, where that of all is known; else 0
  std::string layout_;
};

}  // namespace eclusa
