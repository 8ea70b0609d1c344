// Transitions: the only ways in which a job's state changes, as values.
//
// Each transition is one struct: CanApply says nothing or why not (a kConflict with the state and
// the event), Apply gives the state that follows. StateTable() is the same as data: the test's
// source and the table in docs/states.md. Knows nothing of SQL; control/job.h applies them to rows.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "model/job_state.h"

namespace eclusa {

// A worker takes the job: QUEUED -> LOADING.
struct StartTransition {
  static constexpr std::string_view kEvent = "start";
  std::optional<Error> CanApply(JobState from) const;
  JobState Apply(JobState from) const;
};

// Every part is staged: LOADING -> MERGING.
struct BeginMergeTransition {
  static constexpr std::string_view kEvent = "begin_merge";
  std::optional<Error> CanApply(JobState from) const;
  JobState Apply(JobState from) const;
};

// The stage was lost (a server crash empties it): MERGING -> LOADING, with a new attempt.
struct RestageTransition {
  static constexpr std::string_view kEvent = "restage";
  std::optional<Error> CanApply(JobState from) const;
  JobState Apply(JobState from) const;
};

// Its worker stops, is gone, or could not go on: LOADING, MERGING -> QUEUED.
struct GiveBackTransition {
  static constexpr std::string_view kEvent = "give_back";
  std::optional<Error> CanApply(JobState from) const;
  JobState Apply(JobState from) const;
};

// The one transaction decided: MERGING -> `to`; also from CANCELING, where the merge had committed
// before the cancellation reached it.
struct FinishTransition {
  static constexpr std::string_view kEvent = "finish";
  JobState to;  // SUCCEEDED, SUCCEEDED_WITH_FAILURES or REJECTED
  std::optional<Error> CanApply(JobState from) const;
  JobState Apply(JobState from) const;
};

// The operation failed: QUEUED, LOADING, MERGING -> FAILED.
struct FailTransition {
  static constexpr std::string_view kEvent = "fail";
  std::optional<Error> CanApply(JobState from) const;
  JobState Apply(JobState from) const;
};

// Somebody asks to stop: QUEUED, LOADING, MERGING -> CANCELING.
struct RequestCancelTransition {
  static constexpr std::string_view kEvent = "request_cancel";
  std::optional<Error> CanApply(JobState from) const;
  JobState Apply(JobState from) const;
};

// The worker has stopped, the target is untouched: CANCELING -> CANCELED.
struct CancelTransition {
  static constexpr std::string_view kEvent = "cancel";
  std::optional<Error> CanApply(JobState from) const;
  JobState Apply(JobState from) const;
};

struct StateTableRow {
  JobState from;
  std::string_view event;
  JobState to;
  std::string_view effect;  // on the counts of rows, in English, for the documentation
};

std::span<const StateTableRow> StateTable();

// docs/states.md, whole.
std::string StatesDocument();

}  // namespace eclusa
