#include "judge/judges.h"

#include <algorithm>

#include "model/codes.h"

namespace eclusa {
namespace {

// The rule of a verdict that a child has from its document.
constexpr const char* kShared = "'_document'";

}  // namespace

Judges::Judges(Connection& connection, const std::vector<LoadPlan>& plans)
    : connection_(connection), plans_(plans), counts_(plans.size()) {
  for (const LoadPlan& plan : plans) {
    std::vector<const LoadPlan*> others;
    for (const LoadPlan& other : plans) {
      if (&other != &plan) others.push_back(&other);
    }
    judges_.push_back(std::make_unique<Judge>(connection, plan, std::move(others)));
  }
}

Status Judges::Run(const std::function<Status(size_t)>& try_suspects) {
  for (size_t table = 0; table < judges_.size(); ++table) {
    TRY(judges_[table]->Start([&] { return try_suspects(table); }));
  }
  // A document that fails in any of its rows does not win over another one of its key.
  if (plans_.size() > 1) {
    for (size_t table = 0; table < judges_.size(); ++table) TRY(FailTogether(table));
  }
  for (size_t table = 0; table < judges_.size(); ++table) {
    if (table > 0) TRY(ShareOutcomes(table));
    TRY(judges_[table]->Rounds(/*all=*/true));
  }
  return Settle();
}

Status Judges::Settle() {
  for (bool changed = plans_.size() > 1; changed;) {
    changed = false;
    for (size_t table = 0; table < judges_.size(); ++table) {
      if (TRY(FailTogether(table))) changed = true;
      if (table > 0 && TRY(ShareOutcomes(table))) changed = true;
      if (TRY(judges_[table]->JudgeReferencesAcross()) == 0) continue;
      TRY(judges_[table]->FinishCondemning());
      changed = true;
    }
  }
  for (size_t table = 0; table < judges_.size(); ++table) {
    counts_[table] = TRY(judges_[table]->Count());
  }
  return Ok();
}

// The stage places of documents that a row of theirs has failed.
std::string Judges::FailedDocuments() const {
  std::string failed =
      "SELECT v._eclusa_row FROM " + plans_[0].verdicts + " v WHERE v.outcome = 'F'";
  for (const LoadPlan& plan : plans_) {
    if (!plan.is_child() || plan.document.fails_alone) continue;
    // What failed with its parent alone is nobody's culprit.
    failed += " UNION SELECT s._eclusa_doc FROM " + plan.verdicts + " v JOIN " + plan.stage +
              " s ON s._eclusa_row = v._eclusa_row WHERE v.outcome = 'F' AND v.code <> "
              "'group.failed'";
  }
  return failed;
}

// Rows that fail with their document or with the row that they hang on.
Result<bool> Judges::FailTogether(size_t table) {
  const LoadPlan& plan = plans_[table];
  Judge& judge = *judges_[table];
  std::string fails = plan.DocumentOf("s") + " IN (" + FailedDocuments() + ")";
  if (plan.is_child() && plan.document.parent->is_child()) {
    fails = "(" + fails + " OR EXISTS (SELECT FROM " + plan.document.parent->verdicts +
            " v WHERE v._eclusa_row = s._eclusa_parent AND v.outcome = 'F'))";
  }
  judge.BeginCondemning();
  const int64_t added =
      TRY(judge.Add("SELECT s._eclusa_row, " + std::to_string(judge.step()) +
                    ", 'F', 'group.failed', NULL, NULL, NULL, NULL::bigint FROM " + plan.stage +
                    " s WHERE " + fails + " AND NOT EXISTS (SELECT FROM " + plan.verdicts +
                    " v WHERE v._eclusa_row = s._eclusa_row AND v.outcome = 'F')"));
  if (added == 0) return false;
  TRY(connection_.Execute("DELETE FROM " + plan.verdicts +
                          " v WHERE v.outcome <> 'F' AND EXISTS (SELECT FROM " + plan.verdicts +
                          " f WHERE f._eclusa_row = v._eclusa_row AND f.outcome = 'F')"));
  TRY(judge.FinishCondemning());
  return true;
}

// Rows of a document that is a duplicate, superseded or skipped.
Result<bool> Judges::ShareOutcomes(size_t table) {
  const LoadPlan& plan = plans_[table];
  Judge& judge = *judges_[table];
  const std::string documents = plans_[0].verdicts;
  QueryResult withdrawn = TRY(connection_.Execute(
      "DELETE FROM " + plan.verdicts + " v USING " + plan.stage + " s WHERE v.rule = " + kShared +
      " AND s._eclusa_row = v._eclusa_row AND NOT EXISTS (SELECT FROM " + documents +
      " d WHERE d._eclusa_row = s._eclusa_doc AND d.outcome = v.outcome)"));
  judge.BeginCondemning();
  const int64_t added = TRY(judge.Add(
      "SELECT s._eclusa_row, " + std::to_string(judge.step()) + ", d.outcome, NULL, NULL, " +
      kShared + ", NULL, NULL::bigint FROM " + plan.stage + " s JOIN " + documents +
      " d ON d._eclusa_row = s._eclusa_doc AND d.outcome <> 'F' WHERE NOT EXISTS "
      "(SELECT FROM " +
      plan.verdicts + " v WHERE v._eclusa_row = s._eclusa_row)"));
  // What is no longer left out is judged like the rest.
  if (withdrawn.affected() > 0) TRY(judge.Rounds(/*all=*/true));
  return added > 0 || withdrawn.affected() > 0;
}

void Judges::BeginCondemning() {
  for (const auto& judge : judges_) judge->BeginCondemning();
}

Status Judges::Condemn(size_t table, int64_t stage_place, const Reason& reason) {
  return judges_[table]->Condemn(stage_place, reason);
}

Result<int64_t> Judges::Skip(size_t table, const std::string& condition) {
  return judges_[table]->Skip(condition);
}

Status Judges::FinishCondemning() {
  for (const auto& judge : judges_) TRY(judge->FinishCondemning());
  return Settle();
}

int64_t Judges::failed() const {
  int64_t failed = 0;
  for (const JudgeCounts& counts : counts_) failed += counts.failed;
  return failed;
}

Result<std::vector<Verdict>> Judges::Failures() const {
  std::vector<Verdict> all;
  for (const auto& judge : judges_) {
    for (Verdict& verdict : TRY(judge->Failures())) {
      if (verdict.reason.code != code::group_failed) all.push_back(std::move(verdict));
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Verdict& left, const Verdict& right) {
    return left.stage_place < right.stage_place;
  });
  return all;
}

}  // namespace eclusa
