// FinalTransaction: the one transaction that decides a load.
//
//   lock of the target (tried, outside)  ->  BEGIN, fence, table locks in OID order, fingerprint,
//   stage counts  ->  judge and merge  ->  tolerance, position, dry run  ->  failures, counts,
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
  FinalTransaction(DecideInput input, std::vector<LoadPlan> plans);
  Result<LoadReport> Run();

 private:
  std::vector<uint32_t> TargetsInOrder() const;
  Status TakeTargets();  // waits for other loads of the same targets
  Status TakeTarget(uint32_t oid);
  Status LeaveTargets();
  Result<LoadReport> Once();
  Status CommitAs(JobState state, Transaction transaction) const;
  bool HasEndedAs(JobState state) const;
  Status Prepare();  // fence, locks, fingerprint, stage
  Status CheckStagesAreWhole();
  Status CountTables(const MergeCounts& merged, bool rejected, LoadReport& report) const;
  Status PlanAgain();  // the table changed: once more, where the stage still fits
  Result<bool> BeyondTolerance();
  Result<bool> BeyondToleranceOfCodes(const std::vector<Verdict>& failures);
  Result<std::vector<FileCounts>> CountFiles(LoadReport& report, bool applied);
  Result<std::vector<RowPlace>> ReadSkipped();
  Status StoreFailures(const std::vector<Verdict>& failures, const std::vector<RowPlace>& undecided,
                       LoadReport& report);
  LoadReport StartReport() const;
  Status AddAdvice(LoadReport& report);

  DecideInput in_;
  std::vector<LoadPlan> plans_;  // by table; the first is the root's
};

}  // namespace eclusa
