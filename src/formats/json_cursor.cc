#include "formats/json_cursor.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace eclusa {
namespace {

// Names of an object that are compared each with each; more are sorted.
constexpr size_t kFewNames = 8;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// What a bare word may be made of: NaN, -Infinity, 0x1F, True.
bool IsWordByte(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '+' ||
         c == '-' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

size_t AppendUtf8(unsigned point, char* out) {
  if (point < 0x80) {
    out[0] = static_cast<char>(point);
    return 1;
  }
  if (point < 0x800) {
    out[0] = static_cast<char>(0xC0 | (point >> 6));
    out[1] = static_cast<char>(0x80 | (point & 0x3F));
    return 2;
  }
  if (point < 0x10000) {
    out[0] = static_cast<char>(0xE0 | (point >> 12));
    out[1] = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out[2] = static_cast<char>(0x80 | (point & 0x3F));
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | (point >> 18));
  out[1] = static_cast<char>(0x80 | ((point >> 12) & 0x3F));
  out[2] = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
  out[3] = static_cast<char>(0x80 | (point & 0x3F));
  return 4;
}

// Zero: no such escape.
char EscapedCharacter(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

void JsonCursor::Reset(const char* begin, const char* end) {
  at_ = begin;
  end_ = end;
  if (fault_ == JsonFault::kNone) return;
  fault_ = JsonFault::kNone;
  open_.clear();
  names_.clear();
  unescaped_.clear();
}

bool JsonCursor::Fail(JsonFault fault, const char* at) {
  fault_ = fault;
  fault_at_ = at;
  fault_path_.clear();
  return false;
}

bool JsonCursor::FailAt(JsonFault fault, const char* at, std::string path) {
  Fail(fault, at);
  fault_path_ = std::move(path);
  return false;
}

bool JsonCursor::ReadString(JsonString* string) {
  const char* const begin = ++at_;
  const char* at = begin;
  bool escaped = false;
  while (true) {
    const unsigned marks = JsonStringMarks(at);
    if (marks == 0) {
      at += 16;
      continue;
    }
    at += std::countr_zero(marks);
    if (*at == '"') break;
    if (*at != '\\') {
      return Fail(at == end_ ? JsonFault::kTruncated : JsonFault::kControlCharacter, at);
    }
    escaped = true;
    if (at + 1 == end_) return Fail(JsonFault::kTruncated, end_);
    at += 2;
  }
  *string = {{begin, static_cast<size_t>(at - begin)}, escaped};
  at_ = at + 1;
  return true;
}

bool JsonCursor::ReadLiteral(std::string_view* text) {
  const char* const begin = at_;
  const bool read = IsDigit(*at_) || *at_ == '-' ? ReadNumber() : ReadWord();
  if (!read) return false;
  *text = {begin, static_cast<size_t>(at_ - begin)};
  return true;
}

bool JsonCursor::ReadNumber() {
  const char* at = at_;
  const auto digits = [&] {
    const char* const first = at;
    while (IsDigit(*at)) ++at;
    return at != first;
  };
  if (*at == '-') ++at;
  bool sound = *at == '0' ? (++at, true) : digits();
  if (sound && *at == '.') {
    ++at;
    sound = digits();
  }
  if (sound && (*at == 'e' || *at == 'E')) {
    ++at;
    if (*at == '+' || *at == '-') ++at;
    sound = digits();
  }
  if (sound && !IsWordByte(*at)) {
    at_ = at;
    return true;
  }
  if (at == end_) return Fail(JsonFault::kTruncated, end_);
  return Fail(IsWordByte(*at) || at != at_ ? JsonFault::kLiteral : JsonFault::kMalformed, at_);
}

bool JsonCursor::ReadWord() {
  const auto is = [this](std::string_view word) {
    return std::memcmp(at_, word.data(), word.size()) == 0 && !IsWordByte(at_[word.size()]);
  };
  size_t size = 0;
  switch (*at_) {
    case 't':
      size = is("true") ? 4 : 0;
      break;
    case 'f':
      size = is("false") ? 5 : 0;
      break;
    case 'n':
      size = is("null") ? 4 : 0;
      break;
    default:
      break;
  }
  if (size > 0) {
    at_ += size;
    return true;
  }
  if (AtEnd()) return Fail(JsonFault::kTruncated, end_);
  const char* at = at_;
  while (at != end_ && IsWordByte(*at)) ++at;
  if (at == end_) return Fail(JsonFault::kTruncated, end_);
  return Fail(at == at_ ? JsonFault::kMalformed : JsonFault::kLiteral, at_);
}

bool JsonCursor::First(char close, bool* more) {
  SkipSpace();
  *more = !Take(close);
  return true;
}

bool JsonCursor::Next(char close, bool* more) {
  SkipSpace();
  if (*at_ == ',') {
    const char* const comma = at_++;
    SkipSpace();
    if (*at_ == close) return Fail(JsonFault::kTrailingComma, comma);
    *more = true;
    return true;
  }
  *more = false;
  return Take(close) || FailHere();
}

bool JsonCursor::ReadName(JsonString* name) {
  if (*at_ != '"') return FailHere();
  return ReadString(name) && TakeColon();
}

bool JsonCursor::TakeColon() {
  SkipSpace();
  if (!Take(':')) return FailHere();
  SkipSpace();
  return true;
}

bool JsonCursor::AddName(const JsonString& name) {
  if (!name.escaped) {
    names_.push_back(name.raw);
    return true;
  }
  std::string text;
  if (!TextOf(name, &text)) return false;
  names_.push_back(unescaped_.emplace_back(std::move(text)));
  return true;
}

bool JsonCursor::CloseNames(size_t mark) {
  const auto begin = names_.begin() + static_cast<ptrdiff_t>(mark);
  const size_t count = names_.size() - mark;
  auto twice = names_.end();
  if (count <= kFewNames) {
    for (auto name = begin; name != names_.end() && twice == names_.end(); ++name) {
      twice = std::find(name + 1, names_.end(), *name);
    }
  } else {
    std::sort(begin, names_.end());
    twice = std::adjacent_find(begin, names_.end());
  }
  if (twice != names_.end()) return FailAt(JsonFault::kDuplicateKey, at_, std::string(*twice));
  names_.resize(mark);
  if (mark == 0) unescaped_.clear();
  return true;
}

// Reads a scalar or an empty container, or opens one, and stands where its first value begins.
bool JsonCursor::BeginValue(bool* opened) {
  *opened = false;
  const char c = *at_;
  if (c == '"') {
    JsonString string;
    if (!ReadString(&string)) return false;
    if (!string.escaped) return true;
    scratch_.resize(string.raw.size());
    size_t size = 0;
    return Unescape(string.raw, scratch_.data(), &size);
  }
  if (c != '{' && c != '[') {
    std::string_view text;
    return ReadLiteral(&text);
  }
  if (static_cast<int>(open_.size()) >= kJsonDepthMax) return Fail(JsonFault::kDepth, at_);
  ++at_;
  First(c == '{' ? '}' : ']', opened);
  if (*opened) open_.push_back({c == '{', names_.size()});
  return true;
}

bool JsonCursor::SkipValue() {
  const size_t base = open_.size();
  while (true) {
    bool opened = false;
    if (!BeginValue(&opened)) break;
    bool more = opened;
    while (!more && open_.size() > base) {
      const Open innermost = open_.back();
      if (!Next(innermost.object ? '}' : ']', &more)) break;
      if (more) break;
      if (innermost.object && !CloseNames(innermost.mark)) break;
      open_.pop_back();
    }
    if (fault_ != JsonFault::kNone) break;
    if (!more) return true;
    if (!open_.back().object) continue;
    JsonString name;
    if (!ReadName(&name) || !AddName(name)) break;
  }
  open_.resize(base);
  return false;
}

bool JsonCursor::ReadUnit(const char** at, const char* end, unsigned* unit) {
  if (end - *at < 4) return false;
  *unit = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = *(*at)++;
    const char lower = static_cast<char>(c | 0x20);
    if (IsDigit(c)) {
      *unit = *unit << 4 | static_cast<unsigned>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      *unit = *unit << 4 | static_cast<unsigned>(lower - 'a' + 10);
    } else {
      return false;
    }
  }
  return true;
}

bool JsonCursor::Unescape(std::string_view raw, char* out, size_t* size) {
  const char* at = raw.data();
  const char* const end = at + raw.size();
  char* const begin = out;
  while (at != end) {
    const void* found = std::memchr(at, '\\', static_cast<size_t>(end - at));
    const char* const slash = found == nullptr ? end : static_cast<const char*>(found);
    std::memmove(out, at, static_cast<size_t>(slash - at));
    out += slash - at;
    if (slash == end) break;
    at = slash + 1;
    if (*at != 'u') {
      const char c = EscapedCharacter(*at++);
      if (c == 0) return Fail(JsonFault::kEscape, slash);
      *out++ = c;
      continue;
    }
    ++at;
    unsigned point = 0;
    if (!ReadUnit(&at, end, &point)) return Fail(JsonFault::kEscape, slash);
    if (point >= 0xD800 && point <= 0xDFFF) {
      unsigned low = 0;
      const bool pair = point < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u';
      if (pair) at += 2;
      if (!pair || !ReadUnit(&at, end, &low) || low < 0xDC00 || low > 0xDFFF) {
        return Fail(JsonFault::kSurrogate, slash);
      }
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    out += AppendUtf8(point, out);
  }
  *size = static_cast<size_t>(out - begin);
  return true;
}

bool JsonCursor::TextOf(const JsonString& string, std::string* text) {
  if (!string.escaped) {
    text->assign(string.raw);
    return true;
  }
  text->resize(string.raw.size());
  size_t size = 0;
  if (!Unescape(string.raw, text->data(), &size)) return false;
  text->resize(size);
  return true;
}

}  // namespace eclusa
