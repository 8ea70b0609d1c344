// TableMerger: the statements that bring one table's accepted rows into its target, and what they
// did.
//
//   Clear (deletes, removals) -> Upsert (one MERGE) -> ClearPutOff -> Finish
//
// Each step is taken for all tables of a load before the next one (load/merger.h), children before
// parents where rows go and parents before children where they come. Errors of the server come back
// as they are; a row that a trigger swallowed is the error merge.swallowed, with the rows in
// swallowed() where they are known. Threads: one. Does NOT judge, and holds no savepoint.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "judge/judge.h"
#include "judge/plan.h"
#include "load/merge_statements.h"
#include "model/load_options.h"
#include "pg/connection.h"

namespace eclusa {

struct TableCounts {
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t deleted = 0;
  int64_t removed = 0;
  int64_t cascaded = 0;
  int64_t skipped = 0;  // beyond the cap of what was looked for
  // Inserted or updated, of each of the load's parts; empty: not asked for, or somebody else wrote
  // meanwhile and it cannot be told.
  std::vector<int64_t> written_by_part;
  JudgeCounts judged;
};

struct TableMergeOptions {
  int64_t staged = 0;                     // accepted rows in the stage
  std::optional<Tolerance> max_removals;  // mode replace, share or number of the target's rows
  // Over alias t of the target: a row left out of its list may go before the merge; empty: all may.
  std::string free_before_merge;
  std::vector<int64_t> part_begins;  // places of the parts' first rows; empty: not counted by part
};

class TableMerger {
 public:
  TableMerger(Connection& connection, const LoadPlan& plan, TableMergeOptions options);

  // A new attempt over what the judge has left.
  void Begin(const JudgeCounts& judged, int64_t skipped);
  Status Clear();
  // A child's table: what these documents make go (LoadPlan::LeftOutOfList).
  Status ClearChildren(const std::string& documents = {});
  // Only what is there already: removals stand between updates and inserts.
  Status UpdateFirst();
  Status Upsert();
  Status ClearPutOff();
  Status Finish();

  const LoadPlan& plan() const { return plan_; }
  const TableCounts& counts() const { return counts_; }
  const std::vector<int64_t>& swallowed() const { return swallowed_; }
  int64_t staged() const { return options_.staged; }
  // Condition over alias s of the stage: rows without a verdict.
  std::string Accepted() const;
  bool HasBeforeTriggers() const;
  // Rows that go may have to wait for the merge.
  bool PutsOff() const;

 private:
  Result<int64_t> CountRows(const std::string& condition) const;
  Result<int64_t> CountUpserts() const;
  Result<int64_t> DeleteWhere(const std::string& condition);
  Result<int64_t> DeleteCounted(const std::string& statement);
  Status Delete(When when);
  Status FindSwallowedDeletes();
  Status Remove();
  Status RemoveNow(When when);
  Result<bool> SomeToRemove();
  Result<bool> SomeToDelete();
  Result<bool> TargetIsEmpty() const;
  Result<bool> SomeChange(const std::string& accepted) const;
  Status CheckVersions();
  Status CountByPart(const std::string& rows);
  Status CountChanges(Part part, int64_t* touched);
  Status FindSwallowed();
  Status Swallowed(const QueryResult& rows);

  Connection& connection_;
  const LoadPlan& plan_;
  TableMergeOptions options_;
  TableCounts counts_;
  bool has_verdicts_ = false;
  int64_t asked_deletes_ = 0;
  std::vector<int64_t> swallowed_;
};

}  // namespace eclusa
