// Judges: one Judge per table of a load, and what binds their verdicts together: documents.
//
// A load of one table is its Judge and nothing else. In documents,
//   - a failed row fails its document, every row of it, or only itself and what hangs on it, by the
//     contract's choice; the sound ones get group.failed;
//   - children of a duplicate, superseded or skipped document share its outcome;
//   - references between the load's tables hold for the rows that are there when it is done.
// Rules of single rows of all tables come first, then rounds until nothing new fails. A round takes
// the judge's steps (winners, references, uniqueness), each for all tables; what one step finds
// fails together, and takes its documents along before the next step. Verdicts are never withdrawn,
// but for outcomes that were shared with a document whose winner has failed. Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "judge/judge.h"
#include "judge/plan.h"
#include "pg/connection.h"

namespace eclusa {

class Judges {
 public:
  // The plans outlive this; a parent stands before its children.
  Judges(Connection& connection, const std::vector<LoadPlan>& plans);

  // As Judge::Run, for all tables.
  Status Run(const std::function<Status(size_t table)>& try_suspects);

  // Verdicts of the merge: what the server refused, in any table.
  void BeginCondemning();
  Status Condemn(size_t table, int64_t stage_place, const Reason& reason);
  Result<int64_t> Skip(size_t table, const std::string& condition);
  Status FinishCondemning();

  const JudgeCounts& counts(size_t table) const { return counts_[table]; }
  int64_t failed() const;  // rows of all tables
  // The reasons of all failed documents, in the load's order; sound rows of a failed document have
  // none.
  Result<std::vector<Verdict>> Failures() const;

 private:
  Status Round(std::vector<bool> whole);
  Status NextRound();
  Status Settle();
  Status FailTogether();
  Status FailTogether(size_t table);
  Result<bool> ShareOutcomes(size_t table);
  Status JudgeLeftOut(size_t table);
  bool RowsMayGo(size_t table) const;
  int64_t Reasons() const;
  std::string FailedDocuments() const;

  Connection& connection_;
  const std::vector<LoadPlan>& plans_;
  std::vector<std::unique_ptr<Judge>> judges_;
  std::vector<JudgeCounts> counts_;
  int64_t together_ = 0;  // reasons whose documents have failed
  int64_t judged_ = 0;    // reasons that were known when the last round began
};

}  // namespace eclusa
