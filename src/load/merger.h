// Merger: brings the judged rows of a stage into the target, inside the load's final transaction.
//
//   Judge -> deletes -> removals -> one MERGE -> SET CONSTRAINTS ALL IMMEDIATE -> counts
//
// all under a savepoint. What still fails was caused by somebody else's change since the judgement,
// or by something that cannot be judged. The judge goes again over what is there now, at most three
// times; then the target is locked against writers; what then still fails is some row's fault,
// which is found by the server's own words or by bisection, and becomes that row's reason. Errors
// that are no row's fault come back as they are (kConflict: do the transaction again). Threads:
// one. Does NOT commit, and does not release its savepoint `eclusa_merge`: whoever asked rolls back
// to it for a dry run or past the tolerance.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "judge/judge.h"
#include "judge/plan.h"
#include "load/merge_statements.h"
#include "pg/connection.h"

namespace eclusa {

struct MergeCounts {
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t deleted = 0;
  int64_t removed = 0;
  int64_t cascaded = 0;
  int64_t skipped = 0;  // beyond the cap of what was looked for
  JudgeCounts judged;
  int judgements = 0;  // 1: nothing interfered
  int statements_diagnosing = 0;
  bool locked = false;  // the target was locked against writers
};

struct MergeOptions {
  int64_t staged = 0;  // accepted rows in the stage
  Locking locking = Locking::kOptimistic;
  std::optional<Tolerance> max_removals;  // mode replace, share or number of the target's rows
};

class Merger {
 public:
  Merger(Connection& connection, const LoadPlan& plan, MergeOptions options);

  Result<MergeCounts> Run();
  // The failed rows' reasons; valid after Run.
  Result<std::vector<Verdict>> Failures() const { return judge_.Failures(); }

 private:
  // Rows of the stage by their place, both ends included; `rows` of them are looked at.
  struct Range {
    int64_t low;
    int64_t high;
    int64_t rows;
    std::string Condition(std::string_view alias) const;
  };

  Status JudgeAll();
  Status Lock();
  Result<bool> Attempt();  // false: some row's fault, see error_
  Status Apply();          // the statements, under the savepoint
  Status Upsert();
  Status Remove();
  Status CountChanges(const std::string& statement, int64_t* upserted);
  Status CheckVersions();
  Status FindSwallowed();
  Status FindSwallowedDeletes();
  Status Delete(When when);
  Status RemoveNow(When when);
  Result<bool> SomeToRemove();
  Result<bool> SomeToDelete();
  Status CondemnMissing();
  Status CondemnSwallowed(const QueryResult& rows);
  Status Diagnose();
  Result<bool> BlameByDetail();
  Status Bisect();
  Status BisectRange(const Range& range);
  Status TrySuspects();
  Status TrySuspectRange(const Range& range);
  Result<std::optional<Reason>> TryRows(const std::string& condition, int64_t rows);
  Result<std::array<Range, 2>> Halves(const std::string& rows);
  Status AcquitCulprits();
  Status FindRowsQuickly();
  Result<int64_t> CountRows(const std::string& condition) const;
  Result<int64_t> CountUpserts() const;
  std::string Accepted() const;  // rows without a verdict
  bool HasBeforeTriggers() const;

  Connection& connection_;
  const LoadPlan& plan_;
  MergeOptions options_;
  Judge judge_;
  MergeCounts counts_;
  bool has_verdicts_ = false;
  ServerError error_;  // of the last attempt
  // of the bisection under way:
  std::vector<std::pair<int64_t, Reason>> culprits_;
  std::vector<Range> beyond_;        // ranges that the cap kept from being searched
  int statements_end_ = 0;           // of the search under way
  bool rows_found_quickly_ = false;  // the stage has an index by row
};

}  // namespace eclusa
