// JobState: where a job stands. Present participles run, past participles are final.
//
// Which state may follow which is control/transitions.h. Readers must tolerate states that they do
// not know: later versions may add some.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eclusa {

enum class JobState : uint8_t {
  kQueued,
  kLoading,
  kMerging,
  kSucceeded,
  kSucceededWithFailures,
  kRejected,
  kFailed,
  kCanceling,
  kCanceled,
};

inline constexpr std::array<std::string_view, 9> kJobStateNames = {
    "QUEUED",   "LOADING", "MERGING",   "SUCCEEDED", "SUCCEEDED_WITH_FAILURES",
    "REJECTED", "FAILED",  "CANCELING", "CANCELED"};

inline std::string_view Name(JobState state) { return kJobStateNames[static_cast<size_t>(state)]; }

inline std::optional<JobState> ParseJobState(std::string_view name) {
  for (size_t i = 0; i < kJobStateNames.size(); ++i) {
    if (kJobStateNames[i] == name) return static_cast<JobState>(i);
  }
  return std::nullopt;
}

inline bool IsFinal(JobState state) {
  return state == JobState::kSucceeded || state == JobState::kSucceededWithFailures ||
         state == JobState::kRejected || state == JobState::kFailed || state == JobState::kCanceled;
}

// Why a job waits again that was begun before.
struct NextTry {
  int64_t tries = 0;  // that came to nothing
  std::string at;     // not before this time
  std::string why;    // code of the last one's error, or worker_stops, lease_expired
};

}  // namespace eclusa
