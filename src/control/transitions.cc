#include "control/transitions.h"

#include <array>

#include "model/codes.h"

namespace eclusa {
namespace {

using enum JobState;

constexpr std::string_view kStartEffect = "none: nothing was read yet";
constexpr std::string_view kMergeEffect = "every row read is staged or failed";
constexpr std::string_view kRestageEffect =
    "rows are read again; failures of the parts are replaced";
constexpr std::string_view kGiveBackEffect =
    "the next attempt goes on with parts that were staged, and reads all other rows again";
constexpr std::string_view kSucceededEffect = "every row has its outcome, none failed";
constexpr std::string_view kPartlyEffect =
    "every row has its outcome, some failed within tolerance";
constexpr std::string_view kRejectedEffect = "rows with reasons failed, all others skipped";
constexpr std::string_view kFailedEffect = "rows with stored failures failed, all others skipped";
constexpr std::string_view kCancelingEffect = "none until the worker stops";
constexpr std::string_view kLateEffect = "as the merge, which had committed, counted them";

constexpr std::array kStateTable = std::to_array<StateTableRow>({
    {kQueued, "start", kLoading, kStartEffect},
    {kQueued, "fail", kFailed, kFailedEffect},
    {kQueued, "request_cancel", kCanceling, kCancelingEffect},
    {kLoading, "begin_merge", kMerging, kMergeEffect},
    {kLoading, "give_back", kQueued, kGiveBackEffect},
    {kLoading, "fail", kFailed, kFailedEffect},
    {kLoading, "request_cancel", kCanceling, kCancelingEffect},
    {kMerging, "restage", kLoading, kRestageEffect},
    {kMerging, "give_back", kQueued, kGiveBackEffect},
    {kMerging, "finish", kSucceeded, kSucceededEffect},
    {kMerging, "finish", kSucceededWithFailures, kPartlyEffect},
    {kMerging, "finish", kRejected, kRejectedEffect},
    {kMerging, "fail", kFailed, kFailedEffect},
    {kMerging, "request_cancel", kCanceling, kCancelingEffect},
    {kCanceling, "cancel", kCanceled, kFailedEffect},
    {kCanceling, "finish", kSucceeded, kLateEffect},
    {kCanceling, "finish", kSucceededWithFailures, kLateEffect},
    {kCanceling, "finish", kRejected, kLateEffect},
});

Error Refusal(JobState from, std::string_view event) {
  return Error(ErrorKind::kConflict, code::job_wrong_state,
               {{"state", std::string(Name(from))}, {"event", std::string(event)}});
}

std::optional<Error> Require(bool allowed, JobState from, std::string_view event) {
  if (allowed) return std::nullopt;
  return Refusal(from, event);
}

bool IsAtWork(JobState state) { return state == kQueued || state == kLoading || state == kMerging; }

}  // namespace

std::optional<Error> StartTransition::CanApply(JobState from) const {
  return Require(from == kQueued, from, kEvent);
}
JobState StartTransition::Apply(JobState from) const {
  CHECK(!CanApply(from));
  return kLoading;
}

std::optional<Error> BeginMergeTransition::CanApply(JobState from) const {
  return Require(from == kLoading, from, kEvent);
}
JobState BeginMergeTransition::Apply(JobState from) const {
  CHECK(!CanApply(from));
  return kMerging;
}

std::optional<Error> RestageTransition::CanApply(JobState from) const {
  return Require(from == kMerging, from, kEvent);
}
JobState RestageTransition::Apply(JobState from) const {
  CHECK(!CanApply(from));
  return kLoading;
}

std::optional<Error> GiveBackTransition::CanApply(JobState from) const {
  return Require(from == kLoading || from == kMerging, from, kEvent);
}
JobState GiveBackTransition::Apply(JobState from) const {
  CHECK(!CanApply(from));
  return kQueued;
}

std::optional<Error> FinishTransition::CanApply(JobState from) const {
  const bool known = to == kSucceeded || to == kSucceededWithFailures || to == kRejected;
  return Require(known && (from == kMerging || from == kCanceling), from, kEvent);
}
JobState FinishTransition::Apply(JobState from) const {
  CHECK(!CanApply(from));
  return to;
}

std::optional<Error> FailTransition::CanApply(JobState from) const {
  return Require(IsAtWork(from), from, kEvent);
}
JobState FailTransition::Apply(JobState from) const {
  CHECK(!CanApply(from));
  return kFailed;
}

std::optional<Error> RequestCancelTransition::CanApply(JobState from) const {
  return Require(IsAtWork(from), from, kEvent);
}
JobState RequestCancelTransition::Apply(JobState from) const {
  CHECK(!CanApply(from));
  return kCanceling;
}

std::optional<Error> CancelTransition::CanApply(JobState from) const {
  return Require(from == kCanceling, from, kEvent);
}
JobState CancelTransition::Apply(JobState from) const {
  CHECK(!CanApply(from));
  return kCanceled;
}

std::span<const StateTableRow> StateTable() { return kStateTable; }

std::string StatesDocument() {
  std::string text =
      "# States of a job\n\n"
      "Present participles run, past participles are final. Clients must tolerate states that "
      "they\n"
      "do not know. Every transition is a row of `eclusa.job_events`. This page is compared with "
      "the\n"
      "program by a test.\n\n"
      "    QUEUED -> LOADING -> MERGING -> SUCCEEDED | SUCCEEDED_WITH_FAILURES | REJECTED | "
      "FAILED\n"
      "        \\________\\__________\\____-> CANCELING -> CANCELED\n\n"
      "| from | event | to | what it says of the rows |\n"
      "|---|---|---|---|\n";
  for (const StateTableRow& row : kStateTable) {
    text.append("| ").append(Name(row.from)).append(" | ").append(row.event).append(" | ");
    text.append(Name(row.to)).append(" | ").append(row.effect).append(" |\n");
  }
  return text;
}

}  // namespace eclusa
