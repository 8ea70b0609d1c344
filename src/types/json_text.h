// Whether a text is JSON as PostgreSQL's json or jsonb takes it (RFC 8259), without building
// anything.
//
// Both: at most kJsonDepthMax open arrays and objects (PostgreSQL's own limit is its stack's);
// white space is space, tab, CR, LF; names may repeat. jsonb besides: no \u0000, surrogates in
// pairs, numbers within numeric's range, at most 256 MiB in all. The text must be valid UTF-8
// (check/text_column.h sees to it). No recursion, no allocation.
#pragma once

#include <string_view>

#include "types/fault.h"

namespace eclusa {

inline constexpr int kJsonDepthMax = 1000;

enum class JsonKind : uint8_t { kJson, kJsonb };

Fault CheckJson(std::string_view text, JsonKind kind);

}  // namespace eclusa
