#include "load/table_merger.h"

#include <numeric>

#include "load/merge_statements.h"
#include "model/codes.h"
#include "pg/identifier.h"

namespace eclusa {
namespace {

// Staged rows looked at before asking whether anything changes at all.
constexpr int kChangesSample = 1000;

}  // namespace

TableMerger::TableMerger(Connection& connection, const LoadPlan& plan, TableMergeOptions options)
    : connection_(connection), plan_(plan), options_(std::move(options)) {}

void TableMerger::Begin(const JudgeCounts& judged, int64_t skipped) {
  counts_ = {};
  counts_.judged = judged;
  counts_.skipped = skipped;
  has_verdicts_ = !judged.clean() || skipped > 0;
  swallowed_.clear();
  asked_deletes_ = 0;
}

std::string TableMerger::Accepted() const { return ::eclusa::WithoutVerdict(plan_, has_verdicts_); }

bool TableMerger::HasBeforeTriggers() const {
  const Triggers& triggers = plan_.table.triggers;
  return triggers.before_insert_row || triggers.before_update_row || triggers.before_delete_row;
}

bool TableMerger::PutsOff() const {
  if (plan_.is_child()) return !options_.free_before_merge.empty();
  return plan_.has_operations && RefersToItself(plan_);
}

Result<int64_t> TableMerger::CountRows(const std::string& condition) const {
  QueryResult result =
      TRY(connection_.Execute("SELECT count(*) FROM " + plan_.stage + " s WHERE " + condition));
  return result.Int(0, 0);
}

// Rows to be inserted or updated; counted on the server only where the stage holds others too.
Result<int64_t> TableMerger::CountUpserts() const {
  const bool others = plan_.has_operations || plan_.is_child();
  if (others) return CountRows(RowImage(plan_).IsUpsert() + " AND " + Accepted());
  const JudgeCounts& judged = counts_.judged;
  return options_.staged - judged.failed - judged.duplicate - judged.superseded - counts_.skipped;
}

Status TableMerger::Clear() {
  if (plan_.is_child()) return ClearChildren();
  if (plan_.Deletes()) {
    asked_deletes_ = TRY(CountRows(RowImage(plan_).IsDelete() + " AND " + Accepted()));
    if (asked_deletes_ > 0 && TRY(SomeToDelete())) TRY(Delete(When::kBeforeMerge));
  }
  return plan_.mode == Mode::kReplace ? Remove() : Ok();
}

Status TableMerger::ClearChildren(const std::string& documents) {
  if (plan_.RemovesLeftOut()) {
    std::string left_out = plan_.LeftOutOfList("t", documents);
    if (!options_.free_before_merge.empty()) left_out += " AND " + options_.free_before_merge;
    counts_.removed += TRY(DeleteWhere(left_out));
  }
  for (const std::string& goes : plan_.GoesWithParent("t", documents)) {
    counts_.cascaded += TRY(DeleteWhere(goes));
  }
  return Ok();
}

// A statement that finds nothing still fires triggers of the statement: where there are such, it is
// asked first. By count, for where a first row is all that is wanted the server plans loops, which
// are quadratic when there is none.
Result<int64_t> TableMerger::DeleteWhere(const std::string& condition) {
  const std::string rows = " FROM " + plan_.target + " t WHERE " + condition;
  if (plan_.table.triggers.after_or_statement) {
    const int64_t found = TRY(connection_.Execute("SELECT count(*)" + rows)).Int(0, 0);
    if (found == 0) return 0;
  }
  return DeleteCounted("DELETE" + rows);
}

// The updates alone. The whole merge that follows takes what they did for unchanged.
Status TableMerger::UpdateFirst() {
  int64_t updated = 0;
  TRY(CountChanges(Part::kUpdates, &updated));
  counts_.unchanged -= updated;
  return Ok();
}

// Where the load's tables refer to this one: what their rows referred to until the merge.
Status TableMerger::ClearPutOff() {
  if (!PutsOff()) return Ok();
  if (plan_.is_child()) {
    counts_.removed += TRY(DeleteWhere(plan_.LeftOutOfList("t")));
    return Ok();
  }
  if (plan_.mode == Mode::kMixed && counts_.deleted < asked_deletes_ && TRY(SomeToDelete())) {
    TRY(Delete(When::kAfterMerge));
  }
  if (plan_.mode == Mode::kReplace && TRY(SomeToRemove())) TRY(RemoveNow(When::kAfterMerge));
  return Ok();
}

Status TableMerger::Finish() {
  counts_.unchanged += asked_deletes_ - counts_.deleted;
  return plan_.Deletes() && plan_.table.triggers.before_delete_row ? FindSwallowedDeletes() : Ok();
}

// Rows of other tables that go or change with the deleted ones are counted, where the contract
// allowed that. Those of the document's lists have gone before.
Result<int64_t> TableMerger::DeleteCounted(const std::string& statement) {
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
  const int64_t deleted = TRY(connection_.Execute(statement)).affected();
  if (plan_.cascade_allowed && !tables.empty()) {
    counts_.cascaded += TRY(connection_.Execute(statistics)).Int(0, 0) - before;
  }
  return deleted;
}

Status TableMerger::Delete(When when) {
  counts_.deleted += TRY(DeleteCounted(BuildDelete(plan_, Accepted(), when)));
  return Ok();
}

// With a BEFORE DELETE trigger: rows that were to go and are still there.
Status TableMerger::FindSwallowedDeletes() {
  QueryResult rows = TRY(connection_.Execute(
      "SELECT s._eclusa_row FROM " + plan_.stage + " s JOIN " + plan_.target + " t ON " +
      plan_.KeyMatch("t", "s") + " WHERE " + RowImage(plan_).IsDelete() + " AND " + Accepted()));
  return Swallowed(rows);
}

// Mode replace: what the file no longer has. Nobody's row is to blame where a reference stands in
// the way, so that this is the operation's error.
Status TableMerger::Remove() {
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
Result<bool> TableMerger::SomeToRemove() {
  QueryResult some =
      TRY(connection_.Execute("SELECT EXISTS (SELECT FROM " + plan_.target + " t WHERE " +
                              plan_.FilterCondition("t") + " AND NOT EXISTS (SELECT FROM " +
                              plan_.stage + " s WHERE " + plan_.KeyMatch("t", "s") + "))"));
  return some.Bool(0, 0);
}

Result<bool> TableMerger::SomeToDelete() {
  QueryResult some =
      TRY(connection_.Execute("SELECT EXISTS (SELECT FROM " + plan_.stage + " s JOIN " +
                              plan_.target + " t ON " + plan_.KeyMatch("t", "s") + " WHERE " +
                              RowImage(plan_).IsDelete() + " AND " + Accepted() + ")"));
  return some.Bool(0, 0);
}

Status TableMerger::RemoveNow(When when) {
  auto removed = DeleteCounted(BuildRemoval(plan_, when));
  if (!removed.ok()) {
    if (removed.error().sql_state() == "23503") {
      return Error(
          ErrorKind::kInvalid, code::replace_referenced,
          {{"table", connection_.last_error().table}, {"detail", connection_.last_error().detail}});
    }
    return std::move(removed).error();
  }
  counts_.removed += *removed;
  return Ok();
}

Result<bool> TableMerger::TargetIsEmpty() const {
  return TRY(connection_.Execute("SELECT NOT EXISTS (SELECT FROM " + plan_.target + ")"))
      .Bool(0, 0);
}

// Most loads change something among their first rows; only then is the question cheap to skip.
Result<bool> TableMerger::SomeChange(const std::string& accepted) const {
  QueryResult sample = TRY(connection_.Execute(BuildHasChanges(plan_, accepted, kChangesSample)));
  if (sample.Bool(0, 0)) return true;
  return TRY(connection_.Execute(BuildHasChanges(plan_, accepted, 0))).Bool(0, 0);
}

Status TableMerger::Upsert() {
  if (plan_.mode == Mode::kDelete) return Ok();
  const std::string accepted = Accepted();
  const int64_t asked = TRY(CountUpserts());
  counts_.written_by_part.assign(options_.part_begins.size(), 0);
  if (asked == 0) return Ok();
  const bool may_be_unchanged =
      plan_.mode != Mode::kAppend && plan_.mode != Mode::kInsert && !plan_.key.empty();
  Part part = Part::kAll;
  if (may_be_unchanged && TRY(TargetIsEmpty())) {
    part = Part::kInserts;
  } else if (may_be_unchanged && !TRY(SomeChange(accepted))) {
    counts_.unchanged += asked;
    return Ok();
  }
  const bool watch = HasBeforeTriggers() && may_be_unchanged;
  const std::string work = Judge::TouchedTable(plan_.verdicts);
  if (watch) {
    TRY(connection_.Execute("TRUNCATE " + work));
    TRY(connection_.Execute("INSERT INTO " + work + " (_eclusa_row, held) " +
                            BuildDiffering(plan_, accepted)));
  }
  const bool some_differ = may_be_unchanged && part == Part::kAll;
  TRY(CountByPart(some_differ ? BuildDiffering(plan_, accepted)
                              : BuildUpsertPlaces(plan_, accepted)));
  int64_t touched = 0;
  TRY(CountChanges(part, &touched));
  const std::vector<int64_t>& written = counts_.written_by_part;
  if (std::accumulate(written.begin(), written.end(), int64_t{0}) != touched) {
    counts_.written_by_part.clear();
  }
  if (watch) TRY(FindSwallowed());
  // Rows inserted without being matched by a key, fewer than asked: which, nobody can tell.
  if (!may_be_unchanged && touched != asked) {
    return Error(ErrorKind::kInternal, code::merge_swallowed);
  }
  if (may_be_unchanged && plan_.version >= 0) TRY(CheckVersions());
  counts_.unchanged += asked - touched;
  return Ok();
}

// Of `rows`, a statement whose first column is _eclusa_row.
Status TableMerger::CountByPart(const std::string& rows) {
  if (options_.part_begins.empty()) return Ok();
  std::vector<std::string> begins;
  for (const int64_t begin : options_.part_begins) begins.push_back(std::to_string(begin));
  const QueryResult counts =
      TRY(connection_.Execute("SELECT width_bucket(r._eclusa_row, ARRAY[" + Join(begins, ", ") +
                              "]::bigint[]), count(*) FROM (" + rows + ") r GROUP BY 1"));
  for (int i = 0; i < counts.rows(); ++i) {
    counts_.written_by_part.at(static_cast<size_t>(counts.Int(i, 0)) - 1) = counts.Int(i, 1);
  }
  return Ok();
}

// A newer row that somebody else wrote since the judgement was left alone by the merge: the load is
// judged again, so that the row is told as superseded.
Status TableMerger::CheckVersions() {
  const std::string& version = plan_.columns[plan_.version].name;
  QueryResult newer = TRY(connection_.Execute(
      "SELECT EXISTS (SELECT FROM " + plan_.stage + " s JOIN " + plan_.target + " t ON " +
      plan_.KeyMatch("t", "s") + " WHERE t." + version + " > s." + version + " AND " +
      RowImage(plan_).IsUpsert() + " AND " + Accepted() + ")"));
  return newer.Bool(0, 0) ? Status(Error(ErrorKind::kConflict, code::merge_restless)) : Ok();
}

// Inserted and updated rows apart: from the server's own count of this transaction, or from the
// statement where it can say so (PostgreSQL 17).
Status TableMerger::CountChanges(Part part, int64_t* touched) {
  const std::string statement = BuildUpsert(plan_, Accepted(), part);
  if (!statement.starts_with("MERGE")) {
    *touched = TRY(connection_.Execute(statement)).affected();
    counts_.inserted += *touched;
    return Ok();
  }
  if (connection_.server_version() >= 170000) {
    QueryResult result = TRY(connection_.Execute(
        "WITH m AS (" + statement +
        " RETURNING merge_action() AS a) SELECT count(*) FILTER (WHERE a = 'INSERT'), count(*) "
        "FILTER (WHERE a = 'UPDATE') FROM m"));
    counts_.inserted += result.Int(0, 0);
    counts_.updated += result.Int(0, 1);
    *touched = result.Int(0, 0) + result.Int(0, 1);
    return Ok();
  }
  // Triggers may write the same table, and then the server's count is not of this statement alone.
  const bool upset =
      plan_.table.triggers.after_or_statement || HasBeforeTriggers() ||
      !TRY(connection_.Execute("SELECT current_setting('track_counts')::boolean")).Bool(0, 0);
  if (upset) {
    const int64_t missing = TRY(connection_.Execute(BuildCountNew(plan_, Accepted()))).Int(0, 0);
    const int64_t inserted = part == Part::kAll ? missing : 0;
    *touched = TRY(connection_.Execute(statement)).affected();
    counts_.inserted += inserted;
    counts_.updated += *touched - inserted;
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
  const int64_t inserted = after.Int(0, 0) - before.Int(0, 0) - moved;
  counts_.inserted += inserted;
  counts_.updated += *touched - inserted;
  return Ok();
}

// With BEFORE triggers: rows that differed and still stand as they stood.
Status TableMerger::FindSwallowed() {
  const std::string work = Judge::TouchedTable(plan_.verdicts);
  const std::string& key = plan_.columns[plan_.key.front()].name;
  QueryResult rows =
      TRY(connection_.Execute("SELECT s._eclusa_row FROM " + work + " w JOIN " + plan_.stage +
                              " s ON s._eclusa_row = w._eclusa_row LEFT JOIN " + plan_.target +
                              " t ON " + plan_.KeyMatch("t", "s") + " WHERE t." + key +
                              " IS NULL OR t.tableoid::text || t.ctid::text = w.held"));
  return Swallowed(rows);
}

Status TableMerger::Swallowed(const QueryResult& rows) {
  for (int i = 0; i < rows.rows(); ++i) swallowed_.push_back(rows.Int(i, 0));
  return swallowed_.empty() ? Ok() : Status(Error(ErrorKind::kInternal, code::merge_swallowed));
}

}  // namespace eclusa
