#include "formats/json_layout.h"

#include <algorithm>
#include <array>

#include "core/check.h"
#include "formats/json_cursor.h"
#include "formats/json_shape.h"
#include "model/codes.h"
#include "model/load_options.h"

namespace eclusa {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// What lists in pages usually carry beside their rows.
constexpr std::array<std::string_view, 16> kPaging = {
    "next",  "prev",   "previous", "first", "last",     "count",    "total", "page",
    "pages", "offset", "limit",    "size",  "per_page", "has_more", "links", "meta"};

size_t SkipSpace(std::string_view text, size_t at) {
  const size_t found = text.find_first_not_of(" \t\r\n", at);
  return found == std::string_view::npos ? text.size() : found;
}

// Moves the cursor to the value of a member. False: there is none, or a fault.
bool MoveToMember(JsonCursor& cursor, const std::string& token) {
  if (!cursor.Take('{')) return false;
  bool more = false;
  cursor.First('}', &more);
  std::string text;
  while (more) {
    JsonString name;
    if (!cursor.ReadName(&name) || !cursor.TextOf(name, &text)) return false;
    if (text == token) return true;
    if (!cursor.SkipValue() || !cursor.Next('}', &more)) return false;
  }
  return false;
}

// The names of an object's members, as far as the text goes.
std::vector<std::string> NamesOf(JsonCursor& cursor) {
  std::vector<std::string> names;
  if (!cursor.Take('{')) return names;
  bool more = false;
  cursor.First('}', &more);
  std::string text;
  while (more) {
    JsonString name;
    if (!cursor.ReadName(&name) || !cursor.TextOf(name, &text)) break;
    names.push_back(text);
    if (!cursor.SkipValue() || !cursor.Next('}', &more)) break;
  }
  return names;
}

bool KnowsAny(const std::vector<FieldShape>& expected, const std::vector<std::string>& names) {
  return std::ranges::any_of(
      names, [&](const std::string& name) { return FindExpected(expected, name) != nullptr; });
}

// What an object that fills the file was seen to hold.
struct Members {
  std::vector<std::string> others;  // without the first list
  int lists = 0;                    // of objects, or empty
  size_t list_at = 0;               // behind the first one's bracket
  std::vector<std::string> item_names;
};

Members LookAtMembers(std::string_view text, size_t begin) {
  Members members;
  JsonCursor cursor(text.data() + begin, text.data() + text.size());
  cursor.Take('{');
  bool more = false;
  cursor.First('}', &more);
  std::string name_text;
  while (more && cursor.at() - text.data() < static_cast<ptrdiff_t>(kJsonHeadBytes)) {
    JsonString name;
    if (!cursor.ReadName(&name) || !cursor.TextOf(name, &name_text)) return members;
    bool is_list = false;
    if (cursor.Peek() == '[') {
      JsonCursor inside(cursor.at() + 1, cursor.end());
      inside.SkipSpace();
      is_list = inside.Peek() == '{' || inside.Peek() == ']';
      if (is_list && ++members.lists == 1) {
        members.list_at = static_cast<size_t>(cursor.at() + 1 - text.data());
        members.item_names = NamesOf(inside);
      }
    }
    if (!is_list || members.lists > 1) members.others.push_back(name_text);
    if (!cursor.SkipValue() || !cursor.Next('}', &more)) return members;
  }
  return members;
}

bool IsEnvelope(const Members& members, const std::vector<FieldShape>& expected) {
  if (members.lists != 1) return false;
  if (KnowsAny(expected, members.others)) return false;
  if (members.others.empty() || KnowsAny(expected, members.item_names)) return true;
  return std::ranges::all_of(members.others, [](const std::string& name) {
    return std::ranges::find(kPaging, name) != kPaging.end();
  });
}

Error PointerError(const JsonHead& head) {
  return {
      ErrorKind::kInvalid, code::json_pointer, {{"path", head.path}, {"pointer", *head.pointer}}};
}

Result<std::optional<JsonLayout>> FollowPointer(const JsonHead& head, size_t begin) {
  const auto tokens = ParseJsonPointer(*head.pointer);
  if (!tokens) return PointerError(head);
  if (tokens->empty()) return std::optional(JsonLayout{JsonLayoutKind::kDocuments, begin});
  JsonCursor cursor(head.text.data() + begin, head.text.data() + head.text.size());
  for (const std::string& token : *tokens) {
    if (MoveToMember(cursor, token)) continue;
    if (!head.whole && cursor.AtEnd()) return std::optional<JsonLayout>();
    if (!head.whole && cursor.fault() == JsonFault::kTruncated) return std::optional<JsonLayout>();
    return PointerError(head);
  }
  if (cursor.AtEnd() && !head.whole) return std::optional<JsonLayout>();
  if (!cursor.Take('[')) return PointerError(head);
  return std::optional(JsonLayout{JsonLayoutKind::kEnvelope,
                                  static_cast<size_t>(cursor.at() - head.text.data()),
                                  static_cast<int>(tokens->size())});
}

// Whether the first document ends on the line where it begins and others do the same. Nothing: it
// cannot be told yet.
std::optional<bool> IsLines(const JsonHead& head, size_t begin) {
  const std::string_view text = head.text;
  const size_t line_end = std::min(text.find('\n', begin), text.size());
  if ((line_end == text.size() && !head.whole) || line_end > kJsonHeadBytes) return std::nullopt;
  JsonCursor cursor(text.data() + begin, text.data() + text.size());
  if (cursor.SkipValue()) {
    const auto end = static_cast<size_t>(cursor.at() - text.data());
    const size_t next = SkipSpace(text, end);
    if (end > line_end) return false;
    if (next == text.size()) return head.whole ? std::optional(false) : std::nullopt;
    return next > line_end || text[next] != '{';
  }
  // A document that is sound as far as it is known, and goes on behind the line's end.
  if (cursor.fault() == JsonFault::kTruncated) return false;
  const size_t next = SkipSpace(text, line_end);
  return next < text.size() && text[next] == '{' && text[next - 1] == '\n';
}

}  // namespace

std::string_view Name(JsonLayoutKind kind) {
  switch (kind) {
    case JsonLayoutKind::kLines:
      return "ndjson";
    case JsonLayoutKind::kArray:
      return "array";
    case JsonLayoutKind::kEnvelope:
      return "envelope";
    case JsonLayoutKind::kDocuments:
      return "documents";
  }
  CHECK(false);
}

Result<std::optional<JsonLayout>> FindJsonLayout(const JsonHead& head) {
  static const std::vector<FieldShape> kNothing;
  const size_t begin = SkipSpace(head.text, 0);
  if (begin == head.text.size()) {
    if (!head.whole) return std::optional<JsonLayout>();
    return std::optional(JsonLayout{});
  }
  if (head.text[begin] == '[') return std::optional(JsonLayout{JsonLayoutKind::kArray, begin + 1});
  if (head.text[begin] != '{') return std::optional(JsonLayout{JsonLayoutKind::kLines, begin});
  const std::optional<bool> lines = IsLines(head, begin);
  if (lines == true) return std::optional(JsonLayout{JsonLayoutKind::kLines, begin});
  if (head.pointer) return FollowPointer(head, begin);
  const Members members = LookAtMembers(head.text, begin);
  // A list that does not end in the head is what the object is for.
  if (!lines && members.lists == 0 && !head.whole) return std::optional<JsonLayout>();
  const std::vector<FieldShape>& expected = head.expected == nullptr ? kNothing : *head.expected;
  if (IsEnvelope(members, expected)) {
    return std::optional(JsonLayout{JsonLayoutKind::kEnvelope, members.list_at, 1});
  }
  return std::optional(JsonLayout{JsonLayoutKind::kDocuments, begin});
}

bool LooksLikeJson(std::string_view first_bytes) {
  if (first_bytes.starts_with(kByteOrderMark)) first_bytes.remove_prefix(3);
  const size_t begin = SkipSpace(first_bytes, 0);
  if (begin == first_bytes.size()) return false;
  const size_t next = SkipSpace(first_bytes, begin + 1);
  if (next == first_bytes.size()) return false;
  const char c = first_bytes[next];
  if (first_bytes[begin] == '{') return c == '"' || c == '}';
  return first_bytes[begin] == '[' && (c == '{' || c == ']');
}

}  // namespace eclusa
