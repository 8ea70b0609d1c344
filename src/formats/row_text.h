// Rows of text that could not be read: where their line ends, and what is shown and kept of them.
#pragma once

#include <span>
#include <string>

#include "formats/text_encoding.h"
#include "model/reason.h"

namespace eclusa {

// What is kept of an unreadable row, at most.
inline constexpr size_t kRawBytesMax = 64 << 10;

inline size_t FindLineEnd(std::span<const char> data, size_t from) {
  while (from < data.size() && data[from] != '\n' && data[from] != '\r') ++from;
  return from;
}

// The beginning of the bytes, as a reason's value.
inline std::string EscapedStart(std::span<const char> bytes) {
  return ClipValue(EscapedBytes({bytes.data(), bytes.size()}, kReasonValueCharactersMax));
}

}  // namespace eclusa
