// JsonLayout: how the documents of a JSON file stand in it, found in its head.
//
//   ndjson     a document a line
//   array      [ document, document ... ]
//   envelope   { "next": null, "result": [ document, document ... ], ... }
//   documents  one document, or several behind one another, on as many lines as they like
// The list of an envelope is where the pointer (RFC 6901) says. Without a pointer an object that is
// the whole file is an envelope where exactly one member is a list, of objects or empty, and either
// that is its only member, or the others have names of paging (next, count, ...), or the caller
// expects names that the list's first object has and the envelope has not. Otherwise it is one
// document. A pointer is followed where the file is one object; lines and arrays have no use for
// it, so that a failures file is read with its input's contract. Errors: json.pointer. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "formats/field_shape.h"

namespace eclusa {

// What of a file decides on its layout and columns, where it is longer.
inline constexpr size_t kJsonHeadBytes = 1 << 20;

enum class JsonLayoutKind : uint8_t { kLines, kArray, kEnvelope, kDocuments };
std::string_view Name(JsonLayoutKind kind);  // "ndjson"

struct JsonLayout {
  JsonLayoutKind kind = JsonLayoutKind::kLines;
  size_t begin = 0;  // of what holds the documents: the first line, or behind the list's bracket
  int depth = 0;     // objects and lists around the list
};

struct JsonHead {
  std::string_view text;  // without the mark; behind it as JsonCursor wants
  bool whole = false;     // the file ends with it
  std::string path;       // for errors
  std::optional<std::string> pointer;
  const std::vector<FieldShape>* expected = nullptr;
};

// Nothing: more of the file must be seen to tell.
Result<std::optional<JsonLayout>> FindJsonLayout(const JsonHead& head);

// Whether a text file that begins so is JSON: an object, or an array of objects. CSV may begin with
// such brackets too ([id],[name]).
bool LooksLikeJson(std::string_view first_bytes);

}  // namespace eclusa
