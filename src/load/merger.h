// Merger: brings the judged rows of a stage into the target, inside the load's final transaction.
//
//   Judge -> deletes, removals -> one MERGE a table -> SET CONSTRAINTS ALL IMMEDIATE -> counts
//
// all under a savepoint (the statements of one table: load/table_merger.h). What still fails was
// caused by somebody else's change since the judgement, or by something that cannot be judged. The
// judge goes again over what is there now, at most three times; then the target is locked against
// writers; what then still fails is some row's fault, which is found by the server's own words or
// by bisection, and becomes that row's reason. Errors that are no row's fault come back as they are
// (kConflict: do the transaction again). Threads: one. Does NOT commit, and does not release its
// savepoint `eclusa_merge`: whoever asked rolls back to it for a dry run or past the tolerance.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "judge/judges.h"
#include "judge/plan.h"
#include "load/table_merger.h"
#include "pg/connection.h"

namespace eclusa {

struct MergeCounts {
  std::vector<TableCounts> tables;  // by plan
  int judgements = 0;               // 1: nothing interfered
  int statements_diagnosing = 0;
  bool locked = false;  // the targets were locked against writers, as far as the role may
};

struct MergeOptions {
  std::vector<int64_t> staged;  // accepted rows in the stages, by plan
  Locking locking = Locking::kOptimistic;
  std::optional<Tolerance> max_removals;  // mode replace, share or number of the target's rows
  std::vector<int64_t> part_begins = {};  // of the root's rows: TableMergeOptions
};

class Merger {
 public:
  // `plans`: of all tables of the load, parents before children; they outlive this.
  Merger(Connection& connection, const std::vector<LoadPlan>& plans, MergeOptions options);

  Result<MergeCounts> Run();
  // The failed documents' reasons; valid after Run.
  Result<std::vector<Verdict>> Failures() const { return judges_.Failures(); }

 private:
  // Documents of the stage by their place, both ends included; `rows` of them are looked at.
  struct Range {
    int64_t low;
    int64_t high;
    int64_t rows;
    std::string Condition(const std::string& place) const;
  };
  // What a search goes through: accepted rows, and the statement that they are tried by.
  enum class Sought { kRemovals, kUpserts, kDeletes, kPutOffDeletes };
  struct Culprit {
    size_t table;
    int64_t row;  // of the root
    Reason reason;
    std::vector<std::pair<int64_t, Reason>> rows;  // of the table, where they are known
  };

  Status JudgeAll();
  Status Lock();
  Status LockParents(const LoadPlan& plan);
  Result<bool> Attempt();  // false: some row's fault, see error_ and failed_
  Status Apply();          // the statements, under the savepoint
  Status CondemnSwallowed();
  Status Diagnose();
  Result<bool> BlameByDetail();
  Status Bisect();
  Status Search(Sought sought);
  Status BisectRange(const Range& range);
  Status ClearOrSearch();
  Result<bool> TryRemovals(const Range& range, ServerError* error);
  Status FindInDocument(Culprit& culprit);
  Result<std::optional<Reason>> TryRowOf(size_t table, int64_t row);
  Status CondemnCulprit(const Culprit& culprit);
  Status TrySuspects(size_t table);
  Status TrySuspectRange(size_t table, const Range& range);
  std::string SuspectStatement(size_t table, const std::string& suspects) const;
  Result<std::optional<Reason>> TryRows(const Range& range);
  Result<bool> CheckDeferred(const Range& range, ServerError* error);
  Result<size_t> TableRefused(const Range& range);
  size_t TableOf(const ServerError& error) const;
  Result<bool> TryTable(size_t table, const Range& range, ServerError* error);
  Result<std::array<Range, 2>> Halves(const std::string& rows);
  Status AcquitCulprits();
  Status FindRowsQuickly();
  std::string SoughtRows(size_t table) const;

  Connection& connection_;
  MergeOptions options_;
  Judges judges_;
  std::vector<TableMerger> tables_;
  std::vector<size_t> order_;     // of the tables: what is referred to before what refers
  std::vector<int64_t> skipped_;  // by table
  MergeCounts counts_;
  bool updates_first_ = false;  // removals stand between updates and inserts
  ServerError error_;           // of the last attempt
  size_t failed_ = 0;           // the table that it was at
  // of the bisection under way:
  Sought sought_ = Sought::kUpserts;
  std::vector<Culprit> culprits_;
  std::vector<Range> beyond_;        // what the cap kept from being searched
  int statements_end_ = 0;           // of the search under way
  bool rows_found_quickly_ = false;  // the stage has an index by row
};

}  // namespace eclusa
