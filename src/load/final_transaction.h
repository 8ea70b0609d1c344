// FinalTransaction: the one transaction that decides a load.
//
//   lock of the target (tried, outside)  ->  BEGIN, fence, table locks in OID order, fingerprint,
//   stage counts, position  ->  judge and merge  ->  tolerance, dry run  ->  failures, counts,
//   ledger, job's end, stage dropped  ->  COMMIT
//
// Before the commit nothing is visible, after it all is. A conflict (deadlock, serialization, a
// changed table) does the transaction again; a commit whose answer was lost is looked up, never
// guessed. Threads: one.
#pragma once

#include <string>
#include <vector>

#include "control/files.h"
#include "core/result.h"
#include "failures/resubmission.h"
#include "judge/judge.h"
#include "judge/plan.h"
#include "load/load.h"
#include "load/merger.h"
#include "load/stager.h"

namespace eclusa {

struct DecideInput {
  Connection& control;
  const LoadContext& context;
  const LoadRequest& request;
  const Job job;
  const std::vector<LoadFile>& files;
  const StagedLoad& staged;
};

class FinalTransaction {
 public:
  FinalTransaction(DecideInput input, LoadPlan plan);
  Result<LoadReport> Run();

 private:
  Status TakeTarget();  // waits for other loads of the same target
  Status LeaveTarget();
  Result<LoadReport> Once();
  Status Prepare();  // fence, locks, fingerprint, stage, position
  Status CheckStageIsWhole();
  Status PlanAgain();  // the table changed: once more, where the stage still fits
  bool BeyondTolerance(const std::vector<Verdict>& failures) const;
  Result<bool> BeyondToleranceOfCodes(const std::vector<Verdict>& failures);
  Result<std::vector<FileCounts>> CountFiles(LoadReport& report, bool applied);
  Result<std::vector<RowPlace>> ReadSkipped();
  Status StoreFailures(const std::vector<Verdict>& failures, const std::vector<RowPlace>& undecided,
                       LoadReport& report);
  LoadReport StartReport() const;
  Status AddAdvice(LoadReport& report);

  DecideInput in_;
  LoadPlan plan_;
};

}  // namespace eclusa
