// How the merger finds the rows that only the server knows to be wrong: suspects tried together,
// the server's own words, and bisection. What is merged here runs under a savepoint and is undone.

#include <fmt/format.h>

#include "load/merge_statements.h"
#include "load/merger.h"
#include "load/server_reason.h"
#include "model/codes.h"
#include "pg/identifier.h"
#include "pg/sql_state.h"

namespace eclusa {
namespace {

// Statements that one bisection may spend: 100 bad rows among a million, some 20 each.
constexpr int kBisectStatementsMax = 4000;
// Statements spent on verdicts that a BEFORE trigger may mend.
constexpr int kSuspectStatementsMax = 2000;
// Only what a trigger can mend: what is wrong with the row's own columns.
constexpr const char* kSuspects =
    "(SELECT _eclusa_row FROM {} WHERE outcome = 'F' GROUP BY 1 HAVING bool_and(code IN "
    "('check.violated', 'check.partition', 'value.required', 'reference.missing', "
    "'database.rejected')))";

}  // namespace

std::string Merger::Range::Condition(std::string_view alias) const {
  return fmt::format("{}._eclusa_row BETWEEN {} AND {}", alias, low, high);
}

// A search asks for ranges of rows again and again: where the stage is large, by an index.
Status Merger::FindRowsQuickly() {
  constexpr int64_t kRowsMin = 10000;
  if (rows_found_quickly_ || options_.staged < kRowsMin) return Ok();
  TRY(connection_.Execute("CREATE INDEX ON " + plan_.stage + " (_eclusa_row)"));
  rows_found_quickly_ = true;
  return Ok();
}

// The target's BEFORE triggers may mend what the judge found fault with: failed rows are tried, all
// at once and then in halves. Rows that go through are no longer failed.
Status Merger::TrySuspects() {
  if (!HasBeforeTriggers()) return Ok();
  QueryResult bounds =
      TRY(connection_.Execute("SELECT min(_eclusa_row), max(_eclusa_row), count(*) FROM " +
                              fmt::format(kSuspects, plan_.verdicts) + " q"));
  if (bounds.Int(0, 2) == 0) return Ok();
  TRY(FindRowsQuickly());
  statements_end_ = counts_.statements_diagnosing + kSuspectStatementsMax;
  return TrySuspectRange({bounds.Int(0, 0), bounds.Int(0, 1), bounds.Int(0, 2)});
}

Status Merger::TrySuspectRange(const Range& range) {
  if (range.rows == 0 || counts_.statements_diagnosing >= statements_end_) return Ok();
  const std::string suspects =
      fmt::format("SELECT _eclusa_row FROM {} v WHERE {}", fmt::format(kSuspects, plan_.verdicts),
                  range.Condition("v"));
  TRY(connection_.Execute("SAVEPOINT eclusa_suspect"));
  auto tried = connection_.Execute(BuildUpsert(plan_, "s._eclusa_row IN (" + suspects + ")") +
                                   "; SET CONSTRAINTS ALL IMMEDIATE");
  ++counts_.statements_diagnosing;
  if (!tried.ok() && !IsRowsFault(tried.error().sql_state())) return std::move(tried).error();
  TRY(connection_.Execute(
      "ROLLBACK TO SAVEPOINT eclusa_suspect; RELEASE SAVEPOINT eclusa_suspect"));
  if (tried.ok()) {
    TRY(connection_.Execute("DELETE FROM " + plan_.verdicts + " WHERE _eclusa_row IN (" + suspects +
                            ")"));
    return Ok();
  }
  if (range.rows == 1) return Ok();
  const auto halves = TRY(Halves(suspects));
  TRY(TrySuspectRange(halves[0]));
  return TrySuspectRange(halves[1]);
}

Status Merger::Diagnose() {
  if (error_.sql_state == "eclusa") return Ok();  // swallowed rows are condemned already
  if (TRY(BlameByDetail())) return Ok();
  return Bisect();
}

// The server names the values of the key that is in the way: "Key (a, b)=(1, x) already exists."
// The text is compared with the staged rows', never parsed. A check is simply asked again of every
// row.
Result<bool> Merger::BlameByDetail() {
  const std::string accepted = RowImage(plan_).IsUpsert() + " AND " + Accepted();
  std::vector<int> columns;
  std::string relation, condition;
  for (const UniqueKey& key : plan_.table.unique_keys) {
    if (key.name == error_.constraint && !key.has_expressions) columns = key.columns;
  }
  for (const ForeignKey& reference : plan_.table.references) {
    if (reference.name == error_.constraint) columns = reference.columns;
  }
  const RowImage image(plan_);
  for (const CheckConstraint& check : plan_.table.checks) {
    if (check.name != error_.constraint || error_.sql_state != "23514") continue;
    columns = check.columns;
    condition = "(" + check.expression + ") IS FALSE";
  }
  if (columns.empty() || !image.CanKnow(columns) || error_.detail.empty()) return false;
  std::vector<std::string> names, texts, labels;
  for (const int column : columns) {
    labels.push_back(plan_.table.columns[column].name);
    names.push_back(QuoteIdentifier(labels.back()));
    texts.push_back(names.back() + "::text");
  }
  if (condition.empty()) {
    condition = "position(" + QuoteLiteral("(" + Join(labels, ", ") + ")=(") +
                " || concat_ws(', ', " + Join(texts, ", ") + ") || ')' in $1) > 0";
  } else {
    condition += " AND $1::text IS NOT NULL";
  }
  TRY(connection_.Execute("SAVEPOINT eclusa_blame"));
  auto found = connection_.Query("SELECT i._eclusa_row FROM " + image.Upserts(columns, accepted) +
                                     " i WHERE " + condition + " ORDER BY 1 LIMIT 1000",
                                 {error_.detail});
  ++counts_.statements_diagnosing;
  TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_blame"));
  if (!found.ok() || found->rows() == 0) return false;
  Reason reason = ReasonOfServer(error_);
  reason.column = Join(labels, ", ");
  judge_.BeginCondemning();
  for (int i = 0; i < found->rows(); ++i) TRY(judge_.Condemn(found->Int(i, 0), reason));
  counts_.judged = TRY(judge_.FinishCondemning());
  return true;
}

// Halves the accepted rows, in the load's order, until each culprit stands alone. Sound halves stay
// applied while the rest is searched, and all is undone at the end.
Status Merger::Bisect() {
  const std::string accepted = RowImage(plan_).IsUpsert() + " AND " + Accepted();
  QueryResult bounds =
      TRY(connection_.Execute("SELECT min(_eclusa_row), max(_eclusa_row), count(*) FROM " +
                              plan_.stage + " s WHERE " + accepted));
  judge_.BeginCondemning();
  culprits_.clear();
  beyond_.clear();
  TRY(FindRowsQuickly());
  TRY(connection_.Execute("SAVEPOINT eclusa_bisect"));
  // What the load deletes and removes gives up its values here too.
  if (plan_.Deletes() && TRY(SomeToDelete())) TRY(Delete(When::kBeforeMerge));
  if (plan_.mode == Mode::kReplace && TRY(SomeToRemove())) TRY(RemoveNow(When::kBeforeMerge));
  statements_end_ = counts_.statements_diagnosing + kBisectStatementsMax;
  TRY(BisectRange({bounds.Int(0, 0), bounds.Int(0, 1), bounds.Int(0, 2)}));
  TRY(AcquitCulprits());
  TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_bisect"));
  if (culprits_.empty() && beyond_.empty()) {
    // Only all rows together fail, so that no row is to blame.
    return Error(ErrorKind::kInvalid, code::database_error,
                 {{"message", error_.message},
                  {"detail", error_.detail},
                  {"sqlstate", error_.sql_state}})
        .WithSqlState(error_.sql_state);
  }
  for (const auto& [row, reason] : culprits_) TRY(judge_.Condemn(row, reason));
  for (const Range& range : beyond_) {
    counts_.skipped += TRY(judge_.Skip(accepted + " AND " + range.Condition("s")));
  }
  counts_.judged = TRY(judge_.FinishCondemning());
  return Ok();
}

// A row may have failed in its half for want of one in another: with all sound rows applied, each
// culprit is tried again, until none goes through any more.
Status Merger::AcquitCulprits() {
  for (bool again = culprits_.size() > 1; again;) {
    again = false;
    std::vector<std::pair<int64_t, Reason>> left;
    for (auto& culprit : culprits_) {
      const bool tried = counts_.statements_diagnosing < statements_end_;
      const Range row{culprit.first, culprit.first, 1};
      if (tried && !TRY(TryRows(row.Condition("s"), 1))) {
        again = true;
      } else {
        left.push_back(std::move(culprit));
      }
    }
    culprits_ = std::move(left);
  }
  return Ok();
}

// Merges the accepted rows of the condition, `rows` in number: nothing, and they stay applied; or
// the server's reason, and they are undone.
Result<std::optional<Reason>> Merger::TryRows(const std::string& condition, int64_t rows) {
  TRY(connection_.Execute("SAVEPOINT eclusa_range"));
  auto tried = connection_.Execute(BuildUpsert(plan_, Accepted() + " AND " + condition));
  const bool inserts = plan_.mode == Mode::kAppend || plan_.mode == Mode::kInsert;
  const bool swallowed = tried.ok() && inserts && tried->affected() != rows;
  if (tried.ok()) tried = connection_.Execute("SET CONSTRAINTS ALL IMMEDIATE");
  ++counts_.statements_diagnosing;
  if (!tried.ok() && !IsRowsFault(tried.error().sql_state())) return std::move(tried).error();
  std::optional<Reason> reason;
  if (swallowed) reason = Reason{.code = std::string(code::database_suppressed)};
  if (!tried.ok()) reason = ReasonOfServer(connection_.last_error());
  if (reason) TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_range"));
  TRY(connection_.Execute("RELEASE SAVEPOINT eclusa_range"));
  return reason;
}

// Two halves of the rows, in the load's order, of a query that gives _eclusa_row.
Result<std::array<Merger::Range, 2>> Merger::Halves(const std::string& rows) {
  QueryResult halves = TRY(connection_.Execute(
      "SELECT min(_eclusa_row) FILTER (WHERE h = 1), max(_eclusa_row) FILTER (WHERE h = 1),"
      " count(*) FILTER (WHERE h = 1), min(_eclusa_row) FILTER (WHERE h = 2),"
      " max(_eclusa_row) FILTER (WHERE h = 2), count(*) FILTER (WHERE h = 2) FROM (SELECT"
      " _eclusa_row, ntile(2) OVER (ORDER BY _eclusa_row) AS h FROM (" +
      rows + ") r) q"));
  return std::array{Range{halves.Int(0, 0), halves.Int(0, 1), halves.Int(0, 2)},
                    Range{halves.Int(0, 3), halves.Int(0, 4), halves.Int(0, 5)}};
}

Status Merger::BisectRange(const Range& range) {
  if (range.rows == 0) return Ok();
  if (counts_.statements_diagnosing >= statements_end_) {
    beyond_.push_back(range);
    return Ok();
  }
  const std::string condition = range.Condition("s");
  std::optional<Reason> reason = TRY(TryRows(condition, range.rows));
  if (!reason) return Ok();
  if (range.rows == 1) {
    culprits_.emplace_back(range.low, *std::move(reason));
    return Ok();
  }
  const auto halves =
      TRY(Halves("SELECT _eclusa_row FROM " + plan_.stage + " s WHERE " +
                 RowImage(plan_).IsUpsert() + " AND " + Accepted() + " AND " + condition));
  TRY(BisectRange(halves[0]));
  return BisectRange(halves[1]);
}

}  // namespace eclusa
