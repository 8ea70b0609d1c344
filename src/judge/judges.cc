#include "judge/judges.h"

#include <algorithm>

#include "model/codes.h"
#include "pg/identifier.h"

namespace eclusa {
namespace {

// Rows that failed in checking are counted there.
std::string NotPresent(const LoadPlan& plan) {
  return plan.has_present_rows() ? "s._eclusa_op <> 'P'" : "true";
}

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
  together_ = 0;
  if (plans_.size() == 1) {
    counts_[0] = TRY(judges_[0]->Run([&] { return try_suspects(0); }));
    return Ok();
  }
  for (size_t table = 0; table < judges_.size(); ++table) {
    TRY(judges_[table]->Start([&] { return try_suspects(table); }));
  }
  // A document that fails in any of its rows does not win over another one of its key.
  TRY(FailTogether());
  TRY(judges_[0]->Take(Judge::Step::kOperations, /*all=*/true));
  TRY(FailTogether());
  TRY(Round(std::vector<bool>(plans_.size(), true)));
  return Settle();
}

// `whole`: tables of which all rows are judged, not only those that the last round touched.
Status Judges::Round(std::vector<bool> whole) {
  judged_ = Reasons();
  for (const auto& judge : judges_) judge->BeginCondemning();
  for (size_t table = 0; table < judges_.size(); ++table) {
    if (table > 0 && TRY(ShareOutcomes(table))) whole[table] = true;
    TRY(judges_[table]->Take(Judge::Step::kWinners, whole[table]));
  }
  TRY(FailTogether());
  for (const Judge::Step step : {Judge::Step::kReferences, Judge::Step::kUniqueness}) {
    for (size_t table = 0; table < judges_.size(); ++table) {
      TRY(judges_[table]->Take(step, whole[table]));
    }
    for (size_t table = 0; step == Judge::Step::kReferences && table < judges_.size(); ++table) {
      TRY(JudgeLeftOut(table));
    }
    for (const auto& judge : judges_) TRY(judge->Publish());
    TRY(FailTogether());
  }
  return Ok();
}

// What failed in one table may also bring rows of another one's target back, which were to go.
Status Judges::NextRound() {
  std::vector<bool> whole(plans_.size());
  for (size_t table = 0; table < judges_.size(); ++table) {
    TRY(judges_[table]->FindTouched());
    whole[table] = RowsMayGo(table);
  }
  return Round(std::move(whole));
}

Status Judges::Settle() {
  while (Reasons() != judged_) TRY(NextRound());
  for (size_t table = 0; table < judges_.size(); ++table) {
    counts_[table] = TRY(judges_[table]->Count());
  }
  return Ok();
}

// Rows of the table's target may go, by a list or with their document.
bool Judges::RowsMayGo(size_t table) const {
  const LoadPlan* plan = &plans_[table];
  for (; plan->is_child(); plan = plan->document.parent) {
    if (plan->RemovesLeftOut()) return true;
  }
  return plan->Deletes();
}

int64_t Judges::Reasons() const {
  int64_t reasons = 0;
  for (const auto& judge : judges_) reasons += judge->failures();
  return reasons;
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
Status Judges::FailTogether() {
  if (Reasons() == together_) return Ok();
  for (size_t table = 0; table < judges_.size(); ++table) TRY(FailTogether(table));
  together_ = Reasons();
  return Ok();
}

Status Judges::FailTogether(size_t table) {
  const LoadPlan& plan = plans_[table];
  Judge& judge = *judges_[table];
  std::string fails = plan.DocumentOf("s") + " IN (" + FailedDocuments() + ")";
  if (plan.is_child() && plan.document.parent->is_child()) {
    fails = "(" + fails + " OR EXISTS (SELECT FROM " + plan.document.parent->verdicts +
            " v WHERE v._eclusa_row = s._eclusa_parent AND v.outcome = 'F'))";
  }
  const int64_t added = TRY(
      judge.Add("SELECT s._eclusa_row, " + std::to_string(judge.step()) +
                ", 'F', 'group.failed', NULL, NULL, NULL, NULL::bigint FROM " + plan.stage +
                " s WHERE " + NotPresent(plan) + " AND " + fails + " AND NOT EXISTS (SELECT FROM " +
                plan.verdicts + " v WHERE v._eclusa_row = s._eclusa_row AND v.outcome = 'F')"));
  if (added == 0) return Ok();
  TRY(connection_.Execute("DELETE FROM " + plan.verdicts +
                          " v WHERE v.outcome <> 'F' AND EXISTS (SELECT FROM " + plan.verdicts +
                          " f WHERE f._eclusa_row = v._eclusa_row AND f.outcome = 'F')"));
  return Ok();
}

// Rows that hang on one that is a duplicate, superseded or skipped. Whether some hang on one that
// no longer is: these are judged like the rest.
Result<bool> Judges::ShareOutcomes(size_t table) {
  const LoadPlan& plan = plans_[table];
  Judge& judge = *judges_[table];
  const std::string parents = plan.document.parent->verdicts;
  QueryResult withdrawn = TRY(connection_.Execute(
      "DELETE FROM " + plan.verdicts + " v USING " + plan.stage +
      " s WHERE v.rule = " + QuoteLiteral(kSharedRule) +
      " AND s._eclusa_row = v._eclusa_row AND NOT EXISTS (SELECT FROM " + parents +
      " d WHERE d._eclusa_row = s._eclusa_parent AND d.outcome = v.outcome)"));
  TRY(judge.Add("SELECT s._eclusa_row, " + std::to_string(judge.step()) +
                    ", d.outcome, NULL, NULL, " + QuoteLiteral(kSharedRule) +
                    ", NULL, NULL::bigint FROM " + plan.stage + " s JOIN " + parents +
                    " d ON d._eclusa_row = s._eclusa_parent AND d.outcome <> 'F' WHERE " +
                    NotPresent(plan) + " AND " + plan.WithoutVerdict("s"),
                Judge::Adds::kLosers));
  return withdrawn.affected() > 0;
}

// Children that a list leaves out, and that rows refer to which stay and are not written anew: the
// row with the list is at fault.
Status Judges::JudgeLeftOut(size_t table) {
  const LoadPlan& plan = plans_[table];
  if (!plan.is_child() || !plan.RemovesLeftOut()) return Ok();
  Judge& judge = *judges_[static_cast<size_t>(plan.document.parent - plans_.data())];
  for (const ForeignKey& reference : plan.table.referenced_by) {
    const auto other = std::find_if(plans_.begin(), plans_.end(), [&](const LoadPlan& p) {
      return p.table.name == reference.other;
    });
    const bool goes_first = other != plans_.end() && other->document.parent == &plan;
    if (!reference.readable || !LoadPlan::Restricts(reference) || goes_first) continue;
    std::vector<std::string> names, values, match;
    bool written = other != plans_.end();
    for (size_t i = 0; i < reference.columns.size(); ++i) {
      names.push_back(plan.table.columns[reference.columns[i]].name);
      values.push_back("t." + QuoteIdentifier(names.back()) + "::text");
      match.push_back("o." + QuoteIdentifier(reference.other_columns[i]) + " = t." +
                      QuoteIdentifier(names.back()));
      written = written && other->Bound(other->table.IndexOf(reference.other_columns[i])) >= 0;
    }
    std::string stays = "true";
    if (other != plans_.end()) stays = other->Stays("o");
    if (written) {
      stays += " AND NOT EXISTS (SELECT FROM " + other->stage + " w WHERE " +
               other->KeyMatch("o", "w") + " AND " + other->Writes("w") + ")";
    }
    TRY(judge.Add("SELECT p._eclusa_row, " + std::to_string(judge.step()) +
                  ", 'F', 'reference.in_use', " + QuoteLiteral(Join(names, ", ")) + ", " +
                  QuoteLiteral(reference.name + " <- " + reference.other.Display()) +
                  ", left(concat_ws(', ', " + Join(values, ", ") + "), 100), NULL::bigint FROM " +
                  plan.target + " t JOIN " + plan.document.parent->stage + " p ON " +
                  plan.Hangs("t", "p") + " WHERE " + plan.document.parent->WithoutVerdict("p") +
                  " AND " + plan.LeftOutOfList("t") + " AND EXISTS (SELECT FROM " +
                  QuoteQualified(reference.other) + " o WHERE " + Join(match, " AND ") + " AND " +
                  stays + ")"));
  }
  return Ok();
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
  if (plans_.size() == 1) {
    counts_[0] = TRY(judges_[0]->FinishCondemning());
    return Ok();
  }
  TRY(FailTogether());
  TRY(NextRound());
  return Settle();
}

int64_t Judges::failed() const {
  int64_t failed = 0;
  for (const JudgeCounts& counts : counts_) failed += counts.failed;
  return failed;
}

Result<std::vector<Verdict>> Judges::Failures() const {
  std::vector<Verdict> all;
  for (size_t table = 0; table < judges_.size(); ++table) {
    if (counts_[table].failed == 0) continue;
    for (Verdict& verdict : TRY(judges_[table]->Failures())) all.push_back(std::move(verdict));
  }
  std::stable_sort(all.begin(), all.end(), [](const Verdict& left, const Verdict& right) {
    return left.stage_place < right.stage_place;
  });
  return all;
}

}  // namespace eclusa
