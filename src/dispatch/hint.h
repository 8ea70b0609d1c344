// ReadyHint: what a message says: which job is ready, or which part of which.
//
//   message = job [ "/" part ]        both in decimal: "17" is job 17, "17/3" its part 3
//
// Nothing more: whoever reads it looks at the rows. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eclusa {

struct ReadyHint {
  int64_t job_id = 0;
  std::optional<int32_t> part = {};
  bool operator==(const ReadyHint&) const = default;
};

std::string TextOf(const ReadyHint& hint);
// Nothing: somebody else wrote it.
std::optional<ReadyHint> ParseHint(std::string_view text);

}  // namespace eclusa
