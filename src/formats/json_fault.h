// JsonFaultReason: what a cursor found wrong, as a Reason. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/json_cursor.h"
#include "model/reason.h"

namespace eclusa {

std::string_view CodeOf(JsonFault fault);
// The bytes that stand at a fault, for people.
std::string JsonExcerpt(const char* at, const char* end);

// `line` and `byte`: of the text's first byte at `begin`.
Reason JsonFaultReason(const JsonCursor& cursor, const char* begin, int64_t line, int64_t byte);

}  // namespace eclusa
