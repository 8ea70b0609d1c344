#include "load/merger.h"

#include <optional>

#include "core/fault.h"
#include "load/merge_statements.h"
#include "model/codes.h"
#include "pg/identifier.h"
#include "pg/sql_state.h"

namespace eclusa {
namespace {

const FaultPoint kJudged("merge.judged");
const FaultPoint kApplied("merge.applied");

// After so many judgements the target is locked against writers (load.md section 4).
constexpr int kOptimisticJudgements = 3;
// Whole merges that may be spent on finding rows by the server's words, before bisecting.
constexpr int kBlamesMax = 20;
// A bisection finds all that is to be found; a second one is for what its culprits had hidden.
constexpr int kBisectionsMax = 5;
// Staged rows looked at before asking whether anything changes at all.
constexpr int kChangesSample = 1000;
constexpr const char* kLockTimeout = "30s";

}  // namespace

Merger::Merger(Connection& connection, const LoadPlan& plan, MergeOptions options)
    : connection_(connection),
      plan_(plan),
      options_(std::move(options)),
      judge_(connection, plan) {}

std::string Merger::Accepted() const { return WithoutVerdict(plan_, has_verdicts_); }

bool Merger::HasBeforeTriggers() const {
  const Triggers& triggers = plan_.table.triggers;
  return triggers.before_insert_row || triggers.before_update_row || triggers.before_delete_row;
}

Result<int64_t> Merger::CountRows(const std::string& condition) const {
  QueryResult result =
      TRY(connection_.Execute("SELECT count(*) FROM " + plan_.stage + " s WHERE " + condition));
  return result.Int(0, 0);
}

// Rows to be inserted or updated; counted on the server only where the stage holds others too.
Result<int64_t> Merger::CountUpserts() const {
  if (plan_.has_operations) return CountRows(RowImage(plan_).IsUpsert() + " AND " + Accepted());
  const JudgeCounts& judged = counts_.judged;
  return options_.staged - judged.failed - judged.duplicate - judged.superseded - counts_.skipped;
}

Result<MergeCounts> Merger::Run() {
  TRY(connection_.Execute("SAVEPOINT eclusa_merge"));
  if (options_.locking == Locking::kExclusive) TRY(Lock());
  TRY(JudgeAll());
  kJudged.Reach();
  int blames = 0;
  while (true) {
    has_verdicts_ = !counts_.judged.clean() || counts_.skipped > 0;
    if (TRY(Attempt())) break;
    // Somebody else's change, perhaps: what the judge knows of, it now sees.
    const bool may_be_others = error_.sql_state.starts_with("23");
    if (may_be_others && !counts_.locked) {
      if (counts_.judgements >= kOptimisticJudgements) TRY(Lock());
      const int64_t failed_before = counts_.judged.failed;
      TRY(JudgeAll());
      // Nothing new to be seen: no use in waiting for a third time.
      if (counts_.judged.failed == failed_before && !counts_.locked) TRY(Lock());
      continue;
    }
    if (++blames > kBlamesMax + kBisectionsMax) {
      return Error(ErrorKind::kInternal, code::merge_restless);
    }
    TRY(blames > kBlamesMax ? Bisect() : Diagnose());
  }
  kApplied.Reach();
  return counts_;
}

Status Merger::JudgeAll() {
  counts_.skipped = 0;
  counts_.judged = TRY(judge_.Run([this] { return TrySuspects(); }));
  ++counts_.judgements;
  return Ok();
}

// Against other writers: of the target by a table lock, of the rows referred to by key locks.
Status Merger::Lock() {
  if (counts_.locked) return Ok();
  counts_.locked = true;
  TRY(connection_.Execute(std::string("SAVEPOINT eclusa_lock; SET LOCAL lock_timeout = '") +
                          kLockTimeout + "'"));
  auto locked = connection_.Execute("LOCK TABLE " + plan_.target + " IN SHARE ROW EXCLUSIVE MODE");
  if (!locked.ok()) {
    if (locked.error().sql_state() == "42501") {
      return Error(ErrorKind::kInvalid, code::load_lock_denied,
                   {{"table", plan_.table.name.Display()}});
    }
    return std::move(locked).error();
  }
  for (const ForeignKey& reference : plan_.table.references) {
    std::vector<std::string> parents, children;
    bool bound = !reference.self && reference.readable && plan_.mode != Mode::kDelete;
    for (size_t i = 0; i < reference.columns.size(); ++i) {
      bound = bound && plan_.Bound(reference.columns[i]) >= 0;
      parents.push_back("p." + QuoteIdentifier(reference.other_columns[i]));
      children.push_back("s." + QuoteIdentifier(plan_.table.columns[reference.columns[i]].name));
    }
    if (!bound) continue;
    // A role without UPDATE on the parent may not lock its rows; the merge still checks them.
    TRY(connection_.Execute("SAVEPOINT eclusa_parent"));
    auto keys =
        connection_.Execute("SELECT count(*) FROM (SELECT FROM " + QuoteQualified(reference.other) +
                            " p WHERE (" + Join(parents, ", ") + ") IN (SELECT " +
                            Join(children, ", ") + " FROM " + plan_.stage + " s) FOR KEY SHARE) q");
    if (!keys.ok() && keys.error().sql_state() != "42501") return std::move(keys).error();
    TRY(connection_.Execute(keys.ok() ? "RELEASE SAVEPOINT eclusa_parent"
                                      : "ROLLBACK TO SAVEPOINT eclusa_parent"));
  }
  TRY(connection_.Execute("SET LOCAL lock_timeout = 0; RELEASE SAVEPOINT eclusa_lock"));
  return Ok();
}

Result<bool> Merger::Attempt() {
  counts_.inserted = counts_.updated = counts_.unchanged = counts_.deleted = counts_.removed = 0;
  counts_.cascaded = 0;
  TRY(connection_.Execute("SAVEPOINT eclusa_attempt"));
  Status applied = Apply();
  if (applied.ok()) return true;
  if (applied.error().code() != code::database_error &&
      applied.error().code() != code::merge_swallowed) {
    return std::move(applied).error();
  }
  error_ = connection_.last_error();
  if (applied.error().code() == code::merge_swallowed) {
    error_ = {.sql_state = "eclusa", .message = "swallowed"};
    return false;
  }
  if (!IsRowsFault(error_.sql_state)) return std::move(applied).error();
  TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_attempt"));
  return false;
}

Status Merger::Apply() {
  const std::string accepted = Accepted();
  int64_t asked_deletes = 0;
  if (plan_.Deletes()) {
    const std::string is_delete = RowImage(plan_).IsDelete() + " AND " + accepted;
    const int64_t asked = TRY(CountRows(is_delete));
    if (asked > 0 && TRY(SomeToDelete())) TRY(Delete(When::kBeforeMerge));
    asked_deletes = asked;
  }
  if (plan_.mode == Mode::kReplace) TRY(Remove());
  if (plan_.mode != Mode::kDelete) TRY(Upsert());
  if (plan_.has_operations && RefersToItself(plan_)) {
    if (plan_.mode == Mode::kMixed && counts_.deleted < asked_deletes && TRY(SomeToDelete())) {
      TRY(Delete(When::kAfterMerge));
    }
    if (plan_.mode == Mode::kReplace && TRY(SomeToRemove())) TRY(RemoveNow(When::kAfterMerge));
  }
  counts_.unchanged += asked_deletes - counts_.deleted;
  TRY(connection_.Execute("SET CONSTRAINTS ALL IMMEDIATE"));
  if (plan_.Deletes() && plan_.table.triggers.before_delete_row) TRY(FindSwallowedDeletes());
  return Ok();
}

// Rows of other tables that go or change with the deleted ones are counted, where the contract
// allowed that.
Status Merger::Delete(When when) {
  std::vector<std::string> tables;
  for (const ForeignKey& reference : plan_.table.referenced_by) {
    if (!reference.self)
      tables.push_back(QuoteLiteral(QuoteQualified(reference.other)) + "::regclass");
  }
  const std::string statistics =
      "SELECT coalesce(sum(n_tup_del + n_tup_upd), 0)::bigint FROM pg_stat_xact_all_tables WHERE "
      "relid IN (" +
      Join(tables, ", ") + ")";
  int64_t before = 0;
  if (plan_.cascade_allowed && !tables.empty()) {
    before = TRY(connection_.Execute(statistics)).Int(0, 0);
  }
  counts_.deleted += TRY(connection_.Execute(BuildDelete(plan_, Accepted(), when))).affected();
  if (plan_.cascade_allowed && !tables.empty()) {
    counts_.cascaded += TRY(connection_.Execute(statistics)).Int(0, 0) - before;
  }
  return Ok();
}

// With a BEFORE DELETE trigger: rows that were to go and are still there.
Status Merger::FindSwallowedDeletes() {
  QueryResult rows = TRY(connection_.Execute(
      "SELECT s._eclusa_row FROM " + plan_.stage + " s JOIN " + plan_.target + " t ON " +
      plan_.KeyMatch("t", "s") + " WHERE " + RowImage(plan_).IsDelete() + " AND " + Accepted()));
  return rows.rows() == 0 ? Ok() : CondemnSwallowed(rows);
}

// Mode replace: what the file no longer has. Nobody's row is to blame where a reference stands in
// the way, so that this is the operation's error.
Status Merger::Remove() {
  if (options_.max_removals) {
    const std::string inside = " FROM " + plan_.target + " t WHERE " + plan_.FilterCondition("t");
    QueryResult sizes =
        TRY(connection_.Execute("SELECT (SELECT count(*)" + inside + "), (SELECT count(*)" +
                                inside + " AND NOT EXISTS (SELECT FROM " + plan_.stage +
                                " s WHERE " + plan_.KeyMatch("t", "s") + "))"));
    const int64_t all = sizes.Int(0, 0);
    const int64_t removed = sizes.Int(0, 1);
    const Tolerance& most = *options_.max_removals;
    const bool too_many = (most.rows && removed > *most.rows) ||
                          (most.percent && static_cast<double>(removed) * 100 >
                                               *most.percent * static_cast<double>(all));
    if (too_many) {
      return Error(ErrorKind::kInvalid, code::replace_too_many_removals,
                   {{"removed", std::to_string(removed)}, {"rows", std::to_string(all)}});
    }
  }
  if (!TRY(SomeToRemove())) return Ok();
  return RemoveNow(When::kBeforeMerge);
}

// Asked first, for a statement that finds nothing still fires triggers of the statement.
Result<bool> Merger::SomeToRemove() {
  QueryResult some =
      TRY(connection_.Execute("SELECT EXISTS (SELECT FROM " + plan_.target + " t WHERE " +
                              plan_.FilterCondition("t") + " AND NOT EXISTS (SELECT FROM " +
                              plan_.stage + " s WHERE " + plan_.KeyMatch("t", "s") + "))"));
  return some.Bool(0, 0);
}

Result<bool> Merger::SomeToDelete() {
  QueryResult some =
      TRY(connection_.Execute("SELECT EXISTS (SELECT FROM " + plan_.stage + " s JOIN " +
                              plan_.target + " t ON " + plan_.KeyMatch("t", "s") + " WHERE " +
                              RowImage(plan_).IsDelete() + " AND " + Accepted() + ")"));
  return some.Bool(0, 0);
}

Status Merger::RemoveNow(When when) {
  auto removed = connection_.Execute(BuildRemoval(plan_, when));
  if (!removed.ok()) {
    if (removed.error().sql_state() == "23503") {
      return Error(
          ErrorKind::kInvalid, code::replace_referenced,
          {{"table", connection_.last_error().table}, {"detail", connection_.last_error().detail}});
    }
    return std::move(removed).error();
  }
  counts_.removed += removed->affected();
  return Ok();
}

Status Merger::Upsert() {
  const std::string accepted = Accepted();
  const int64_t asked = TRY(CountUpserts());
  if (asked == 0) return Ok();
  const bool may_be_unchanged =
      plan_.mode != Mode::kAppend && plan_.mode != Mode::kInsert && !plan_.key.empty();
  if (may_be_unchanged) {
    // Most loads change something among their first rows; only then is the question cheap to skip.
    bool changes =
        TRY(connection_.Execute(BuildHasChanges(plan_, accepted, kChangesSample))).Bool(0, 0);
    if (!changes) {
      changes = TRY(connection_.Execute(BuildHasChanges(plan_, accepted, 0))).Bool(0, 0);
    }
    if (!changes) {
      counts_.unchanged += asked;
      return Ok();
    }
  }
  const bool watch = HasBeforeTriggers() && may_be_unchanged;
  const std::string work = Judge::TouchedTable(plan_.verdicts);
  if (watch) {
    TRY(connection_.Execute("TRUNCATE " + work));
    TRY(connection_.Execute("INSERT INTO " + work + " (_eclusa_row, held) " +
                            BuildDiffering(plan_, accepted)));
  }
  int64_t touched = 0;
  TRY(CountChanges(BuildUpsert(plan_, accepted), &touched));
  if (watch) TRY(FindSwallowed());
  if (!may_be_unchanged && touched != asked) return CondemnMissing();
  if (may_be_unchanged && plan_.version >= 0) TRY(CheckVersions());
  counts_.unchanged += asked - touched;
  return Ok();
}

// A newer row that somebody else wrote since the judgement was left alone by the merge: the load is
// judged again, so that the row is told as superseded.
Status Merger::CheckVersions() {
  const std::string& version = plan_.columns[plan_.version].name;
  QueryResult newer = TRY(connection_.Execute(
      "SELECT EXISTS (SELECT FROM " + plan_.stage + " s JOIN " + plan_.target + " t ON " +
      plan_.KeyMatch("t", "s") + " WHERE t." + version + " > s." + version + " AND " +
      RowImage(plan_).IsUpsert() + " AND " + Accepted() + ")"));
  return newer.Bool(0, 0) ? Status(Error(ErrorKind::kConflict, code::merge_restless)) : Ok();
}

// Inserted and updated rows apart: from the server's own count of this transaction, or from the
// statement where it can say so (PostgreSQL 17).
Status Merger::CountChanges(const std::string& statement, int64_t* touched) {
  if (!statement.starts_with("MERGE")) {
    counts_.inserted = *touched = TRY(connection_.Execute(statement)).affected();
    return Ok();
  }
  if (connection_.server_version() >= 170000) {
    QueryResult result = TRY(connection_.Execute(
        "WITH m AS (" + statement +
        " RETURNING merge_action() AS a) SELECT count(*) FILTER (WHERE a = 'INSERT'), count(*) "
        "FILTER (WHERE a = 'UPDATE') FROM m"));
    counts_.inserted = result.Int(0, 0);
    counts_.updated = result.Int(0, 1);
    *touched = counts_.inserted + counts_.updated;
    return Ok();
  }
  // Triggers may write the same table, and then the server's count is not of this statement alone.
  const bool upset =
      plan_.table.triggers.after_or_statement || HasBeforeTriggers() ||
      !TRY(connection_.Execute("SELECT current_setting('track_counts')::boolean")).Bool(0, 0);
  if (upset) {
    counts_.inserted = TRY(connection_.Execute(BuildCountNew(plan_, Accepted()))).Int(0, 0);
    *touched = TRY(connection_.Execute(statement)).affected();
    counts_.updated = *touched - counts_.inserted;
    return Ok();
  }
  std::string oids = std::to_string(plan_.table.oid);
  for (const uint32_t leaf : plan_.table.leaf_oids) oids += ", " + std::to_string(leaf);
  const std::string statistics =
      "SELECT coalesce(sum(n_tup_ins), 0)::bigint, coalesce(sum(n_tup_del), 0)::bigint FROM "
      "pg_stat_xact_all_tables WHERE relid IN (" +
      oids + ")";
  QueryResult before = TRY(connection_.Execute(statistics));
  *touched = TRY(connection_.Execute(statement)).affected();
  QueryResult after = TRY(connection_.Execute(statistics));
  // A row that moves to another partition is a delete and an insert.
  const int64_t moved = after.Int(0, 1) - before.Int(0, 1);
  counts_.inserted = after.Int(0, 0) - before.Int(0, 0) - moved;
  counts_.updated = *touched - counts_.inserted;
  return Ok();
}

// With BEFORE triggers: rows that differed and still stand as they stood.
Status Merger::FindSwallowed() {
  const std::string work = Judge::TouchedTable(plan_.verdicts);
  const std::string& key = plan_.columns[plan_.key.front()].name;
  QueryResult rows =
      TRY(connection_.Execute("SELECT s._eclusa_row FROM " + work + " w JOIN " + plan_.stage +
                              " s ON s._eclusa_row = w._eclusa_row LEFT JOIN " + plan_.target +
                              " t ON " + plan_.KeyMatch("t", "s") + " WHERE t." + key +
                              " IS NULL OR t.tableoid::text || t.ctid::text = w.held"));
  if (rows.rows() == 0) return Ok();
  return CondemnSwallowed(rows);
}

// Rows inserted without being matched by a key, fewer than asked: each is tried alone.
Status Merger::CondemnMissing() {
  TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_attempt"));
  TRY(Bisect());
  return Error(ErrorKind::kInternal, code::merge_swallowed);
}

Status Merger::CondemnSwallowed(const QueryResult& rows) {
  TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_attempt"));
  judge_.BeginCondemning();
  for (int i = 0; i < rows.rows(); ++i) {
    TRY(judge_.Condemn(rows.Int(i, 0), {.code = std::string(code::database_suppressed)}));
  }
  counts_.judged = TRY(judge_.FinishCondemning());
  return Error(ErrorKind::kInternal, code::merge_swallowed);
}

}  // namespace eclusa
