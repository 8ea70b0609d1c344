#include "formats/json_fault.h"

#include <algorithm>

#include "formats/text_encoding.h"
#include "model/codes.h"

namespace eclusa {

std::string_view CodeOf(JsonFault fault) {
  switch (fault) {
    case JsonFault::kControlCharacter:
      return code::json_control_character;
    case JsonFault::kDepth:
      return code::json_depth;
    case JsonFault::kDuplicateKey:
      return code::json_duplicate_key;
    case JsonFault::kEscape:
      return code::json_escape;
    case JsonFault::kKind:
      return code::json_kind;
    case JsonFault::kLateField:
      return code::json_late_field;
    case JsonFault::kLiteral:
      return code::json_literal;
    case JsonFault::kNotObject:
      return code::json_not_object;
    case JsonFault::kSurrogate:
      return code::json_surrogate;
    case JsonFault::kTrailingComma:
      return code::json_trailing_comma;
    case JsonFault::kTruncated:
      return code::json_truncated;
    case JsonFault::kMalformed:
    case JsonFault::kNone:
      break;
  }
  return code::json_malformed;
}

std::string JsonExcerpt(const char* at, const char* end) {
  constexpr ptrdiff_t kBytes = 40;
  const std::string_view bytes(at, static_cast<size_t>(std::min(kBytes, end - at)));
  return ClipValue(EscapedBytes(bytes.substr(0, bytes.find('\n')), kBytes));
}

Reason JsonFaultReason(const JsonCursor& cursor, const char* begin, int64_t line, int64_t byte) {
  const char* const at = cursor.fault_at();
  Reason reason;
  reason.code = CodeOf(cursor.fault());
  reason.column = cursor.fault_path();
  reason.value = JsonExcerpt(at, cursor.end());
  if (cursor.fault() == JsonFault::kDepth) reason.rule = std::to_string(kJsonDepthMax);
  reason.arguments = {{"line", std::to_string(line + std::count(begin, at, '\n'))},
                      {"at", std::to_string(byte + (at - begin))}};
  return reason;
}

}  // namespace eclusa
