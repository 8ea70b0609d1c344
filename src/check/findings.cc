#include "check/findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "types/utf8.h"

namespace eclusa {

void Findings::Finish(size_t counters, CheckedBatch& checked) && {
  checked.accepted.assign(static_cast<size_t>(rows_), 1);
  checked.warnings.assign(counters, 0);
  std::stable_sort(reasons_.begin(), reasons_.end(),
                   [](const RowReason& a, const RowReason& b) { return a.row < b.row; });
  for (RowReason& found : reasons_) {
    if (checked.rejected.empty() || checked.rejected.back().index != found.row) {
      checked.rejected.push_back({found.row, {}});
      checked.accepted[static_cast<size_t>(found.row)] = 0;
    }
    checked.rejected.back().reasons.push_back(std::move(found.reason));
  }
  for (const auto& [row, counter] : events_) {
    checked.warnings[static_cast<size_t>(counter)] += checked.accepted[static_cast<size_t>(row)];
  }
  checked.operations = std::move(operations_);
}

std::string PresentableValue(std::string_view value) {
  if (IsUtf8(value) && !HasNul(value)) return ClipValue(value);
  // Longer than any message before clipping, shorter than a value of many megabytes.
  value = value.substr(0, 4 * kReasonValueCharactersMax);
  std::string text;
  for (size_t at = 0; at < value.size();) {
    size_t size = 1;
    while (size < 4 && at + size < value.size() &&
           (static_cast<uint8_t>(value[at + size]) & 0xC0) == 0x80) {
      ++size;
    }
    if (value[at] != 0 && IsUtf8(value.substr(at, size))) {
      text.append(value.substr(at, size));
    } else {
      for (size_t i = at; i < at + size; ++i) {
        text += fmt::format("\\x{:02X}", static_cast<uint8_t>(value[i]));
      }
    }
    at += size;
  }
  return ClipValue(text);
}

}  // namespace eclusa
