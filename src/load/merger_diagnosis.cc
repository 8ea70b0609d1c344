// How the merger finds the rows that only the server knows to be wrong: suspects tried together,
// the server's own words, and bisection. What is merged here runs under a savepoint and is undone.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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

std::string Merger::Range::Condition(const std::string& place) const {
  return fmt::format("{} BETWEEN {} AND {}", place, low, high);
}

// A search asks for ranges of documents again and again: where the stage is large, by an index.
Status Merger::FindRowsQuickly() {
  constexpr int64_t kRowsMin = 10000;
  if (rows_found_quickly_) return Ok();
  for (const TableMerger& table : tables_) {
    if (table.staged() < kRowsMin) continue;
    const char* place = table.plan().is_child() ? "_eclusa_doc" : "_eclusa_row";
    TRY(connection_.Execute("CREATE INDEX ON " + table.plan().stage + " (" + place + ")"));
  }
  rows_found_quickly_ = true;
  return Ok();
}

// The target's BEFORE triggers may mend what the judge found fault with: failed rows are tried, all
// at once and then in halves. Rows that go through are no longer failed.
Status Merger::TrySuspects(size_t table) {
  const LoadPlan& plan = tables_[table].plan();
  if (!tables_[table].HasBeforeTriggers()) return Ok();
  QueryResult bounds =
      TRY(connection_.Execute("SELECT min(_eclusa_row), max(_eclusa_row), count(*) FROM " +
                              fmt::format(kSuspects, plan.verdicts) + " q"));
  if (bounds.Int(0, 2) == 0) return Ok();
  TRY(FindRowsQuickly());
  statements_end_ = counts_.statements_diagnosing + kSuspectStatementsMax;
  return TrySuspectRange(table, {bounds.Int(0, 0), bounds.Int(0, 1), bounds.Int(0, 2)});
}

// Children after the rows that they hang on.
std::string Merger::SuspectStatement(size_t table, const std::string& suspects) const {
  const LoadPlan& plan = tables_[table].plan();
  std::string statements = BuildUpsert(plan, "s._eclusa_row IN (" + suspects + ")");
  const LoadPlan* below = &plan;
  std::string rows = "s._eclusa_row IN (" + suspects + ")";
  for (; below->is_child(); below = below->document.parent) {
    rows =
        "s._eclusa_row IN (SELECT s._eclusa_parent FROM " + below->stage + " s WHERE " + rows + ")";
    const LoadPlan& parent = *below->document.parent;
    statements =
        BuildUpsert(parent, parent.WithoutVerdict("s") + " AND " + rows) + "; " + statements;
  }
  return statements + "; SET CONSTRAINTS ALL IMMEDIATE";
}

Status Merger::TrySuspectRange(size_t table, const Range& range) {
  if (range.rows == 0 || counts_.statements_diagnosing >= statements_end_) return Ok();
  const LoadPlan& plan = tables_[table].plan();
  const std::string suspects =
      fmt::format("SELECT _eclusa_row FROM {} v WHERE {}", fmt::format(kSuspects, plan.verdicts),
                  range.Condition("v._eclusa_row"));
  TRY(connection_.Execute("SAVEPOINT eclusa_suspect"));
  auto tried = connection_.Execute(SuspectStatement(table, suspects));
  ++counts_.statements_diagnosing;
  if (!tried.ok() && !IsRowsFault(tried.error().sql_state())) return std::move(tried).error();
  TRY(connection_.Execute(
      "ROLLBACK TO SAVEPOINT eclusa_suspect; RELEASE SAVEPOINT eclusa_suspect"));
  if (tried.ok()) {
    TRY(connection_.Execute("DELETE FROM " + plan.verdicts + " WHERE _eclusa_row IN (" + suspects +
                            ")"));
    return Ok();
  }
  if (range.rows == 1) return Ok();
  const auto halves = TRY(Halves(suspects));
  TRY(TrySuspectRange(table, halves[0]));
  return TrySuspectRange(table, halves[1]);
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
  const LoadPlan& plan = tables_[failed_].plan();
  const std::string accepted = RowImage(plan).IsUpsert() + " AND " + tables_[failed_].Accepted();
  std::vector<int> columns;
  std::string relation, condition;
  for (const UniqueKey& key : plan.table.unique_keys) {
    if (key.name == error_.constraint && !key.has_expressions) columns = key.columns;
  }
  for (const ForeignKey& reference : plan.table.references) {
    if (reference.name == error_.constraint) columns = reference.columns;
  }
  const RowImage image(plan);
  for (const CheckConstraint& check : plan.table.checks) {
    if (check.name != error_.constraint || error_.sql_state != "23514") continue;
    columns = check.columns;
    condition = "(" + check.expression + ") IS FALSE";
  }
  if (columns.empty() || !image.CanKnow(columns) || error_.detail.empty()) return false;
  std::vector<std::string> names, texts, labels;
  for (const int column : columns) {
    labels.push_back(plan.table.columns[column].name);
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
  judges_.BeginCondemning();
  for (int i = 0; i < found->rows(); ++i) TRY(judges_.Condemn(failed_, found->Int(i, 0), reason));
  TRY(judges_.FinishCondemning());
  return true;
}

// Halves the accepted documents, in the load's order, until each culprit stands alone: first of the
// deletions, then of the upserts, for what goes gives up its values. Sound halves stay applied
// while the rest is searched, and all is undone at the end.
Status Merger::Bisect() {
  judges_.BeginCondemning();
  culprits_.clear();
  beyond_.clear();
  TRY(FindRowsQuickly());
  TRY(connection_.Execute("SAVEPOINT eclusa_bisect"));
  statements_end_ = counts_.statements_diagnosing + kBisectStatementsMax;
  const LoadPlan& root = tables_[0].plan();
  TRY(ClearOrSearch());
  TRY(root.Deletes() ? Search(Sought::kDeletes) : tables_[0].Clear());
  if (root.mode != Mode::kDelete) TRY(Search(Sought::kUpserts));
  if (root.mode == Mode::kMixed && RefersToItself(root)) TRY(Search(Sought::kPutOffDeletes));
  for (Culprit& culprit : culprits_) TRY(FindInDocument(culprit));
  TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_bisect"));
  if (culprits_.empty() && beyond_.empty()) {
    // Only all rows together fail, so that no row is to blame.
    return Error(ErrorKind::kInvalid, code::database_error,
                 {{"message", error_.message},
                  {"detail", error_.detail},
                  {"sqlstate", error_.sql_state}})
        .WithSqlState(error_.sql_state);
  }
  for (const Culprit& culprit : culprits_) TRY(CondemnCulprit(culprit));
  for (const Range& range : beyond_) {
    const std::string rows = tables_[0].Accepted() + " AND " + range.Condition("s._eclusa_row");
    skipped_[0] += TRY(judges_.Skip(0, rows));
  }
  return judges_.FinishCondemning();
}

// What goes from the children's tables, all at once; where the server refuses that, the documents
// that ask for it are sought.
Status Merger::ClearOrSearch() {
  TRY(connection_.Execute("SAVEPOINT eclusa_clear"));
  Status cleared = Ok();
  for (size_t i = order_.size(); cleared.ok() && i-- > 0;) {
    TableMerger& table = tables_[order_[i]];
    if (table.plan().is_child()) cleared = table.Clear();
  }
  if (cleared.ok()) return Ok();
  if (!IsRowsFault(connection_.last_error().sql_state)) return cleared;
  TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_clear"));
  return Search(Sought::kRemovals);
}

Result<bool> Merger::TryRemovals(const Range& range, ServerError* error) {
  for (size_t i = order_.size(); i-- > 0;) {
    TableMerger& table = tables_[order_[i]];
    if (!table.plan().is_child()) continue;
    ++counts_.statements_diagnosing;
    Status cleared = table.ClearChildren(range.Condition(""));
    if (cleared.ok()) continue;
    if (!IsRowsFault(connection_.last_error().sql_state)) return std::move(cleared).error();
    *error = connection_.last_error();
    return false;
  }
  return true;
}

// The rows that the server refuses in one table of a document: each is tried alone, beside all that
// is sound, until none goes through any more.
Status Merger::FindInDocument(Culprit& culprit) {
  constexpr int kRowsMax = 200;
  const LoadPlan& plan = tables_[culprit.table].plan();
  if (!plan.is_child()) return Ok();
  QueryResult found = TRY(connection_.Execute(
      "SELECT _eclusa_row FROM " + plan.stage +
      " s WHERE s._eclusa_doc = " + std::to_string(culprit.row) + " AND " +
      tables_[culprit.table].Accepted() + " ORDER BY 1 LIMIT " + std::to_string(kRowsMax + 1)));
  if (found.rows() > kRowsMax) return Ok();
  std::vector<std::pair<int64_t, Reason>> rows;
  for (int i = 0; i < found.rows(); ++i) rows.emplace_back(found.Int(i, 0), culprit.reason);
  if (rows.size() > 1) {
    sought_ = Sought::kUpserts;
    TRY(connection_.Execute("SAVEPOINT eclusa_document"));
    ServerError error;
    bool good = true;
    for (size_t i = 0; good && order_[i] != culprit.table; ++i) {
      good = TRY(TryTable(order_[i], {culprit.row, culprit.row, 1}, &error));
    }
    for (bool again = good; again;) {
      const size_t before = rows.size();
      std::vector<std::pair<int64_t, Reason>> left;
      for (const auto& [row, ignored] : rows) {
        if (auto reason = TRY(TryRowOf(culprit.table, row))) left.emplace_back(row, *reason);
      }
      rows = std::move(left);
      again = rows.size() < before && rows.size() > 1;
    }
    if (!good) rows.clear();
    TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_document"));
  }
  culprit.rows = std::move(rows);
  return Ok();
}

// Applies one row: nothing, and it stays applied; or the server's reason, and it is undone.
Result<std::optional<Reason>> Merger::TryRowOf(size_t table, int64_t row) {
  TRY(connection_.Execute("SAVEPOINT eclusa_row"));
  auto tried = connection_.Execute(
      BuildUpsert(tables_[table].plan(), "s._eclusa_row = " + std::to_string(row)) +
      "; SET CONSTRAINTS ALL IMMEDIATE");
  ++counts_.statements_diagnosing;
  if (tried.ok()) {
    TRY(connection_.Execute("RELEASE SAVEPOINT eclusa_row"));
    return std::optional<Reason>();
  }
  if (!IsRowsFault(tried.error().sql_state())) return std::move(tried).error();
  const ServerError error = connection_.last_error();
  TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_row; RELEASE SAVEPOINT eclusa_row"));
  return std::optional(ReasonOfServer(error));
}

// The rows that the server refused, where they are known; else the document.
Status Merger::CondemnCulprit(const Culprit& culprit) {
  for (const auto& [row, reason] : culprit.rows) {
    TRY(judges_.Condemn(culprit.table, row, reason));
  }
  if (culprit.rows.empty()) return judges_.Condemn(0, culprit.row, culprit.reason);
  return Ok();
}

std::string Merger::SoughtRows(size_t table) const {
  if (sought_ == Sought::kRemovals) return tables_[table].Accepted();
  const RowImage image(tables_[table].plan());
  return (sought_ == Sought::kUpserts ? image.IsUpsert() : image.IsDelete()) + " AND " +
         tables_[table].Accepted();
}

// One kind of rows: its culprits join those of the kinds before. A delete that failed before the
// merge has its reason already.
Status Merger::Search(Sought sought) {
  sought_ = sought;
  QueryResult bounds =
      TRY(connection_.Execute("SELECT min(_eclusa_row), max(_eclusa_row), count(*) FROM " +
                              tables_[0].plan().stage + " s WHERE " + SoughtRows(0)));
  if (bounds.Int(0, 2) == 0) return Ok();
  auto before = std::exchange(culprits_, {});
  TRY(BisectRange({bounds.Int(0, 0), bounds.Int(0, 1), bounds.Int(0, 2)}));
  TRY(AcquitCulprits());
  for (Culprit& culprit : std::exchange(culprits_, std::move(before))) {
    const bool known = std::any_of(culprits_.begin(), culprits_.end(),
                                   [&](const Culprit& c) { return c.row == culprit.row; });
    if (!known) culprits_.push_back(std::move(culprit));
  }
  return Ok();
}

// A row may have failed in its half for want of one in another: with all sound rows applied, each
// culprit is tried again, until none goes through any more.
Status Merger::AcquitCulprits() {
  for (bool again = culprits_.size() > 1; again;) {
    again = false;
    std::vector<Culprit> left;
    for (Culprit& culprit : culprits_) {
      const bool tried = counts_.statements_diagnosing < statements_end_;
      if (tried && !TRY(TryRows({culprit.row, culprit.row, 1}))) {
        again = true;
      } else {
        left.push_back(std::move(culprit));
      }
    }
    culprits_ = std::move(left);
  }
  return Ok();
}

// Applies a range's rows of one table. False: the server refused one, and says so in `error`.
Result<bool> Merger::TryTable(size_t table, const Range& range, ServerError* error) {
  const LoadPlan& plan = tables_[table].plan();
  const std::string rows =
      tables_[table].Accepted() + " AND " + range.Condition(plan.DocumentOf("s"));
  const When when = sought_ == Sought::kDeletes ? When::kBeforeMerge : When::kAfterMerge;
  const bool inserts =
      sought_ == Sought::kUpserts && (plan.mode == Mode::kAppend || plan.mode == Mode::kInsert);
  auto tried = connection_.Execute(sought_ == Sought::kUpserts ? BuildUpsert(plan, rows)
                                                               : BuildDelete(plan, rows, when));
  ++counts_.statements_diagnosing;
  if (!tried.ok()) {
    if (!IsRowsFault(tried.error().sql_state())) return std::move(tried).error();
    *error = connection_.last_error();
    return false;
  }
  if (!inserts) return true;
  int64_t asked = range.rows;
  if (plan.is_child()) {
    const std::string count = "SELECT count(*) FROM " + plan.stage + " s WHERE " + rows;
    asked = TRY(connection_.Execute(count)).Int(0, 0);
  }
  if (tried->affected() == asked) return true;
  *error = {.sql_state = "eclusa", .message = "swallowed"};
  return false;
}

// What waits for the end of the transaction, for rows that are applied. False: the server refused
// one, of the table failed_ where that can be told.
Result<bool> Merger::CheckDeferred(const Range& range, ServerError* error) {
  auto checked = connection_.Execute("SET CONSTRAINTS ALL IMMEDIATE");
  if (checked.ok()) return true;
  if (!IsRowsFault(checked.error().sql_state())) return std::move(checked).error();
  *error = connection_.last_error();
  failed_ = TableOf(*error);
  const bool nothing_said = error->table.empty() && sought_ == Sought::kUpserts;
  if (nothing_said && range.rows == 1 && tables_.size() > 1) failed_ = TRY(TableRefused(range));
  return false;
}

// Of the load's tables the one that the server names; the root where it names none of them, or
// where rows that went are still referred to.
size_t Merger::TableOf(const ServerError& error) const {
  if (error.message.starts_with("update or delete")) return 0;
  for (size_t i = 0; i < tables_.size(); ++i) {
    const TableName& name = tables_[i].plan().table.name;
    if (name.schema == error.schema && name.name == error.table) return i;
  }
  return 0;
}

// A document's rows once more, table by table: after which of them the server refuses something. A
// constraint trigger does not say what it was that it looked at.
Result<size_t> Merger::TableRefused(const Range& range) {
  TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_range"));
  ServerError ignored;
  for (const size_t table : order_) {
    if (!TRY(TryTable(table, range, &ignored))) return table;
    auto checked = connection_.Execute("SET CONSTRAINTS ALL IMMEDIATE");
    if (checked.ok()) continue;
    if (!IsRowsFault(checked.error().sql_state())) return std::move(checked).error();
    return table;
  }
  return size_t{0};
}

// Applies the accepted rows of the range's documents: nothing, and they stay applied; or the
// server's reason, and they are undone.
Result<std::optional<Reason>> Merger::TryRows(const Range& range) {
  TRY(connection_.Execute("SAVEPOINT eclusa_range"));
  ServerError error;
  bool good = true;
  failed_ = 0;
  if (sought_ == Sought::kRemovals) {
    good = TRY(TryRemovals(range, &error));
  } else if (sought_ == Sought::kUpserts) {
    for (size_t i = 0; good && i < order_.size(); ++i) {
      good = TRY(TryTable(order_[i], range, &error));
      if (!good) failed_ = order_[i];
    }
  } else {
    good = TRY(TryTable(0, range, &error));
  }
  if (good) good = TRY(CheckDeferred(range, &error));
  if (!good) TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_range"));
  TRY(connection_.Execute("RELEASE SAVEPOINT eclusa_range"));
  if (good) return std::optional<Reason>();
  if (error.sql_state != "eclusa") return std::optional(ReasonOfServer(error));
  return std::optional(Reason{.code = std::string(code::database_suppressed)});
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
  std::optional<Reason> reason = TRY(TryRows(range));
  if (!reason) return Ok();
  if (range.rows == 1) {
    culprits_.push_back({failed_, range.low, *std::move(reason), {}});
    return Ok();
  }
  const auto halves =
      TRY(Halves("SELECT _eclusa_row FROM " + tables_[0].plan().stage + " s WHERE " +
                 SoughtRows(0) + " AND " + range.Condition("s._eclusa_row")));
  TRY(BisectRange(halves[0]));
  return BisectRange(halves[1]);
}

}  // namespace eclusa
