#include "load/merger.h"

#include <algorithm>
#include <optional>
#include <utility>

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
constexpr const char* kLockTimeout = "30s";

bool HangsOn(const LoadPlan& plan, const LoadPlan& above) {
  for (const LoadPlan* at = plan.document.parent; at != nullptr; at = at->document.parent) {
    if (at == &above) return true;
  }
  return false;
}

void PlaceInOrder(const std::vector<LoadPlan>& plans, size_t table, std::vector<bool>& seen,
                  std::vector<size_t>& order) {
  if (seen[table]) return;
  seen[table] = true;
  for (size_t other = 0; other < plans.size(); ++other) {
    const bool refers = std::ranges::any_of(
        plans[table].table.references,
        [&](const ForeignKey& reference) { return reference.other == plans[other].table.name; });
    const bool parent = plans[table].document.parent == &plans[other];
    if (parent || (refers && !HangsOn(plans[other], plans[table]))) {
      PlaceInOrder(plans, other, seen, order);
    }
  }
  order.push_back(table);
}

// Over alias t of a child's target: no row that the load writes has referred to it so far.
std::string FreeOfWrittenRows(const std::vector<LoadPlan>& plans, const LoadPlan& plan) {
  std::vector<std::string> free;
  if (!plan.is_child() || !plan.RemovesLeftOut()) return {};
  for (const LoadPlan& other : plans) {
    if (other.document.parent == &plan) continue;  // goes first
    for (const ForeignKey& reference : other.table.references) {
      if (!(reference.other == plan.table.name) || !LoadPlan::Restricts(reference)) continue;
      std::vector<std::string> match;
      for (size_t i = 0; i < reference.columns.size(); ++i) {
        match.push_back("o." + QuoteIdentifier(other.table.columns[reference.columns[i]].name) +
                        " = t." + QuoteIdentifier(reference.other_columns[i]));
      }
      free.push_back("NOT EXISTS (SELECT FROM " + other.target + " o JOIN " + other.stage +
                     " w ON " + other.KeyMatch("o", "w") + " WHERE " + Join(match, " AND ") +
                     " AND " + other.WithoutVerdict("w") + ")");
    }
  }
  return Join(free, " AND ");
}

}  // namespace

Merger::Merger(Connection& connection, const std::vector<LoadPlan>& plans, MergeOptions options)
    : connection_(connection),
      options_(std::move(options)),
      judges_(connection, plans),
      skipped_(plans.size()) {
  for (size_t i = 0; i < plans.size(); ++i) {
    tables_.emplace_back(
        connection, plans[i],
        TableMergeOptions{.staged = options_.staged.at(i),
                          .max_removals = options_.max_removals,
                          .free_before_merge = FreeOfWrittenRows(plans, plans[i]),
                          .part_begins = i == 0 ? options_.part_begins : std::vector<int64_t>()});
  }
  std::vector<bool> seen(plans.size());
  for (size_t i = 0; i < plans.size(); ++i) PlaceInOrder(plans, i, seen, order_);
}

Result<MergeCounts> Merger::Run() {
  TRY(connection_.Execute("SAVEPOINT eclusa_merge"));
  if (options_.locking == Locking::kExclusive) TRY(Lock());
  TRY(JudgeAll());
  kJudged.Reach();
  int blames = 0;
  while (true) {
    if (TRY(Attempt())) break;
    // A row may want a value that is freed only when the updates have let a removed row go.
    if (error_.sql_state == "23505" && tables_[failed_].PutsOff() &&
        !std::exchange(updates_first_, true)) {
      continue;
    }
    // Somebody else's change, perhaps: what the judge knows of, it now sees.
    const bool may_be_others = error_.sql_state.starts_with("23");
    if (may_be_others && !counts_.locked) {
      if (counts_.judgements >= kOptimisticJudgements) TRY(Lock());
      const int64_t failed_before = judges_.failed();
      TRY(JudgeAll());
      // Nothing new to be seen: no use in waiting for a third time.
      if (judges_.failed() == failed_before && !counts_.locked) TRY(Lock());
      continue;
    }
    if (++blames > kBlamesMax + kBisectionsMax) {
      return Error(ErrorKind::kInternal, code::merge_restless);
    }
    TRY(blames > kBlamesMax ? Bisect() : Diagnose());
  }
  kApplied.Reach();
  for (const TableMerger& table : tables_) counts_.tables.push_back(table.counts());
  return counts_;
}

Status Merger::JudgeAll() {
  std::fill(skipped_.begin(), skipped_.end(), 0);
  for (size_t i = 0; i < tables_.size(); ++i) tables_[i].Begin({}, 0);
  TRY(judges_.Run([this](size_t table) { return TrySuspects(table); }));
  ++counts_.judgements;
  return Ok();
}

// Against other writers: of the targets by table locks, of the rows referred to by key locks.
Status Merger::Lock() {
  if (counts_.locked) return Ok();
  counts_.locked = true;
  TRY(connection_.Execute(std::string("SAVEPOINT eclusa_lock; SET LOCAL lock_timeout = '") +
                          kLockTimeout + "'"));
  std::vector<const LoadPlan*> plans;
  for (const TableMerger& table : tables_) plans.push_back(&table.plan());
  std::sort(plans.begin(), plans.end(), [](const LoadPlan* left, const LoadPlan* right) {
    return left->table.oid < right->table.oid;
  });
  for (const LoadPlan* plan : plans) {
    TRY(connection_.Execute("SAVEPOINT eclusa_table"));
    auto locked =
        connection_.Execute("LOCK TABLE " + plan->target + " IN SHARE ROW EXCLUSIVE MODE");
    if (locked.ok()) continue;
    if (locked.error().sql_state() != "42501") return std::move(locked).error();
    if (options_.locking == Locking::kExclusive) {
      return Error(ErrorKind::kInvalid, code::load_lock_denied,
                   {{"table", plan->table.name.Display()}});
    }
    // What others do meanwhile shows as the fault of a row.
    TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_table"));
  }
  for (const LoadPlan* plan : plans) TRY(LockParents(*plan));
  TRY(connection_.Execute("SET LOCAL lock_timeout = 0; RELEASE SAVEPOINT eclusa_lock"));
  return Ok();
}

Status Merger::LockParents(const LoadPlan& plan) {
  for (const ForeignKey& reference : plan.table.references) {
    std::vector<std::string> parents, children;
    bool bound = !reference.self && reference.readable && plan.mode != Mode::kDelete;
    for (size_t i = 0; i < reference.columns.size(); ++i) {
      bound = bound && plan.Bound(reference.columns[i]) >= 0;
      parents.push_back("p." + QuoteIdentifier(reference.other_columns[i]));
      children.push_back("s." + QuoteIdentifier(plan.table.columns[reference.columns[i]].name));
    }
    if (!bound) continue;
    // A role without UPDATE on the parent may not lock its rows; the merge still checks them.
    TRY(connection_.Execute("SAVEPOINT eclusa_parent"));
    auto keys =
        connection_.Execute("SELECT count(*) FROM (SELECT FROM " + QuoteQualified(reference.other) +
                            " p WHERE (" + Join(parents, ", ") + ") IN (SELECT " +
                            Join(children, ", ") + " FROM " + plan.stage + " s) FOR KEY SHARE) q");
    if (!keys.ok() && keys.error().sql_state() != "42501") return std::move(keys).error();
    TRY(connection_.Execute(keys.ok() ? "RELEASE SAVEPOINT eclusa_parent"
                                      : "ROLLBACK TO SAVEPOINT eclusa_parent"));
  }
  return Ok();
}

Result<bool> Merger::Attempt() {
  for (size_t i = 0; i < tables_.size(); ++i) tables_[i].Begin(judges_.counts(i), skipped_[i]);
  TRY(connection_.Execute("SAVEPOINT eclusa_attempt"));
  Status applied = Apply();
  if (applied.ok()) return true;
  const bool swallowed = applied.error().code() == code::merge_swallowed;
  if (!swallowed && applied.error().code() != code::database_error) {
    return std::move(applied).error();
  }
  error_ = connection_.last_error();
  if (swallowed) error_ = {.sql_state = "eclusa", .message = "swallowed"};
  if (!swallowed && !IsRowsFault(error_.sql_state)) return std::move(applied).error();
  TRY(connection_.Execute("ROLLBACK TO SAVEPOINT eclusa_attempt"));
  if (swallowed) TRY(CondemnSwallowed());
  return false;
}

// Step by step over all tables: rows go, children first, then rows come, parents first.
Status Merger::Apply() {
  const auto each = [&](Status (TableMerger::*step)()) -> Status {
    for (const size_t table : order_) {
      failed_ = table;
      TRY((tables_[table].*step)());
    }
    return Ok();
  };
  const auto each_from_last = [&](Status (TableMerger::*step)()) -> Status {
    for (size_t i = order_.size(); i-- > 0;) {
      failed_ = order_[i];
      TRY((tables_[failed_].*step)());
    }
    return Ok();
  };
  TRY(each_from_last(&TableMerger::Clear));
  if (updates_first_) {
    TRY(each(&TableMerger::UpdateFirst));
    TRY(each_from_last(&TableMerger::ClearPutOff));
  }
  TRY(each(&TableMerger::Upsert));
  TRY(each_from_last(&TableMerger::ClearPutOff));
  failed_ = 0;
  if (auto checked = connection_.Execute("SET CONSTRAINTS ALL IMMEDIATE"); !checked.ok()) {
    failed_ = TableOf(connection_.last_error());
    return std::move(checked).error();
  }
  TRY(each(&TableMerger::Finish));
  failed_ = 0;
  return Ok();
}

// Rows that a trigger has swallowed; where only their number is known, each is tried alone.
Status Merger::CondemnSwallowed() {
  const std::vector<int64_t>& rows = tables_[failed_].swallowed();
  if (rows.empty()) return Bisect();
  judges_.BeginCondemning();
  for (const int64_t row : rows) {
    TRY(judges_.Condemn(failed_, row, {.code = std::string(code::database_suppressed)}));
  }
  return judges_.FinishCondemning();
}

}  // namespace eclusa
