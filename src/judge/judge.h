// Judge: finds, before the merge, every staged row that the target would refuse, set based.
//
// Works in the load's final transaction, over the stage and the target as they are now, and leaves
// its verdicts in the plan's verdict table, which it empties first. The order (load.md 3.4):
//
//   rules of single rows    checks, domains, partitions, references to other tables, key existence;
//                           over all rows, for no other row can change these
//   then rounds, until nothing new fails, each but the first only over what the last one touched:
//     winners               one row of each key by the duplicates rule; superseded versions
//     references            within the table: to rows that exist when the load is done; deletes
//     that
//                           would leave references behind
//     uniqueness            among the survivors, and against the target as the load leaves it
//
// All violations of one step fail together; verdicts are never withdrawn, except that losers of a
// key move up when the winner fails. Loads of several tables take each step for all tables before
// the next one (judge/judges.h). What cannot be judged set based (exclusion constraints,
// expressions that are not immutable, tables that may not be read) is left to the merge.
// Errors: of the operation only. Threads: one. Does NOT change the target.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "judge/plan.h"
#include "judge/row_image.h"
#include "model/reason.h"
#include "pg/connection.h"

namespace eclusa {

// The rule of a verdict that a row has from the one it hangs on.
inline constexpr const char* kSharedRule = "_document";

struct JudgeCounts {
  int64_t failed = 0;  // rows
  int64_t duplicate = 0;
  int64_t superseded = 0;
  int64_t skipped = 0;  // beyond the cap of what was looked for
  int rounds = 0;
  int expressions_raised = 0;  // expressions that had to be evaluated row by row
  bool clean() const { return failed == 0 && duplicate == 0 && superseded == 0 && skipped == 0; }
};

// A row that failed, with one of its reasons.
struct Verdict {
  int64_t stage_place = 0;
  Reason reason;
};

class Judge {
 public:
  // `others`: the plans of the load's other tables, whose references and rows are judged together
  // with these (judge/judges.h).
  Judge(Connection& connection, const LoadPlan& plan, std::vector<const LoadPlan*> others = {});

  // Empties the verdicts and judges all staged rows. `try_suspects` is called when single rows were
  // judged and before winners are chosen among them: it may take verdicts away.
  Result<JudgeCounts> Run(const std::function<Status()>& try_suspects);
  // Its parts, for loads of several tables: single rows; then steps, of all staged rows or of those
  // that FindTouched found. What the later two steps find stands aside until Publish: no table's
  // verdicts are to change what the same step makes of another table.
  enum class Step { kOperations, kWinners, kReferences, kUniqueness };
  Status Start(const std::function<Status()>& try_suspects);
  Status Take(Step step, bool all);
  Status Publish();
  // Whether rows were touched by what failed since BeginCondemning.
  Result<bool> FindTouched();
  Result<JudgeCounts> Count();
  // Verdicts that follow from another table's: `select` gives them with this step. They are
  // failures, or rows that are left out.
  enum class Adds { kFailures, kLosers };
  Result<int64_t> Add(const std::string& select, Adds adds = Adds::kFailures);
  int step() const { return step_; }
  // Reasons found so far.
  int64_t failures() const { return added_ - losers_; }

  // Begins a round, or verdicts of the merge: what the server refused. Then any number of rows, and
  // Finish, which judges what these failures touch.
  void BeginCondemning();
  Status Condemn(int64_t stage_place, const Reason& reason);
  // Rows beyond what could be searched: neither applied nor failed. Returns how many.
  Result<int64_t> Skip(const std::string& condition);
  Result<JudgeCounts> FinishCondemning();

  // The failed rows' own reasons, in the load's order; none of rows that failed with their
  // document.
  Result<std::vector<Verdict>> Failures() const;

  // The DDL of the verdict table and of the work table beside it.
  static std::vector<std::string> CreateStatements(const std::string& verdicts);
  // Name of the work table that belongs to a verdict table ("eclusa_stage"."v_7").
  static std::string TouchedTable(const std::string& verdicts);
  // Name of its index by rows, which it has where there are many verdicts.
  static std::string RowsIndex(const std::string& verdicts);

 private:
  struct UniqueSource;
  struct UniqueText;

  Status Rounds(bool all);
  Status JudgeSingleRows();
  Status JudgeChecks();
  struct Expression;
  std::vector<Expression> Expressions() const;
  Status JudgeExpressionAlone(const Expression& expression);
  Status JudgePartitions();
  Status JudgeOutgoingReference(const ForeignKey& reference);
  Status JudgeKeyExistence();
  Status JudgeOwner(const UniqueKey& key, const std::vector<int>& key_columns,
                    const std::string& head);
  Status JudgeOperations();
  Status ChooseWinners(bool all);
  Status JudgeReferencesWithin(bool all);
  Status JudgeReferencesAcross();
  Status JudgeDeletes(bool all);
  Status JudgeDeletesBelow(const LoadPlan& below, bool all);
  Status JudgeGivenUp(bool all);
  Status JudgeUnique(const UniqueKey& key, bool all);
  Status JudgeUniqueInTarget(const UniqueKey& key, const UniqueSource& source,
                             const UniqueText& text, bool all);
  Status JudgeUniqueKeys(bool all);
  Status JudgeIndexExpressions(const UniqueKey& key);
  std::string Fenced(const UniqueKey& key, const std::string& relation) const;
  // Evaluates `body` (statements of PL/pgSQL over the record _eclusa_r) for each row of a relation;
  // a row for which it raises fails with the server's words.
  Status RunRowByRow(const std::string& relation, const std::string& body,
                     const std::string& columns, const std::string& rule);
  Status TouchUnique(const UniqueKey& key, const std::string& failed_keys);
  Status TouchRows();
  Status TouchReferrers(const std::string& insert);
  const LoadPlan* InLoad(const TableName& table) const;
  bool Ties(const ForeignKey& reference) const;
  std::string Referrer(const ForeignKey& reference, const std::string& match) const;
  Status ChooseDocuments();

  // Runs statements that evaluate the user's expressions: an error that is a row's fault is rolled
  // back to a savepoint and told by `raised`.
  Result<int64_t> AddGuarded(const std::string& select, bool* raised);

  std::string Survives(std::string_view alias) const;  // of the steps before this one
  std::string Touched(std::string_view alias, bool all) const;
  std::string ColumnNames(const std::vector<int>& table_columns) const;  // literal 'a, b'
  std::string ValueText(const std::vector<std::string>& columns) const;
  UniqueSource SourceOf(const UniqueKey& key) const;
  bool IsMatchKey(const UniqueKey& key) const;
  bool IsMatchKeyColumns(const std::vector<int>& table_columns) const;

  Connection& connection_;
  const LoadPlan& plan_;
  const std::vector<const LoadPlan*> others_;
  RowImage image_;
  int step_ = 0;  // of the verdicts now being made
  int round_first_step_ = 0;
  int64_t added_ = 0;  // verdicts in the table
  int64_t aside_ = 0;  // of them, of a step that is not over: with their row's place negated
  bool stand_aside_ = false;
  int64_t losers_ = 0;      // of them, of rows that have not failed
  int64_t duplicates_ = 0;  // of these, by their own key
  JudgeCounts counts_;
  std::set<std::string> raising_;        // unique keys whose expressions raise for some row
  std::set<std::string> left_to_merge_;  // and that could not be judged all the same
};

}  // namespace eclusa
