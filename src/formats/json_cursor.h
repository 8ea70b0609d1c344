// JsonCursor: reads JSON text token by token, strictly, and says where and why it is none.
//
// RFC 8259 and no more: no trailing commas, no NaN, no comments, no control characters in strings,
// surrogates in pairs; a name must not stand twice in an object; at most kJsonDepthMax open objects
// and lists. Everything is looked at, also what is skipped, which is why this is no on-demand
// parser: those believe what nobody asks for. UTF-8 is not looked at (IsValidUtf8 is quicker over
// whole blocks). After a fault the cursor stands still. The byte at `end` must be readable and
// below 0x20 (a line end, a zero), as many as kJsonPadding behind it readable. Ownership: the text
// is the caller's. Threads: one at a time. Memory: the names of open objects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace eclusa {

inline constexpr size_t kJsonPadding = 16;
inline constexpr int kJsonDepthMax = 1000;  // as types/json_text.h, which checks json columns

enum class JsonFault : uint8_t {
  kNone,
  kControlCharacter,  // in a string
  kDepth,
  kDuplicateKey,
  kEscape,  // \x
  kKind,    // an object where a list stands otherwise
  kLateField,
  kLiteral,  // NaN, 01, yes
  kMalformed,
  kNotObject,  // the document
  kSurrogate,
  kTrailingComma,
  kTruncated,  // the end came first
};

// Bits of the 16 bytes at `at` that are a quote, a backslash or a control character.
inline unsigned JsonStringMarks(const char* at) {
#if defined(__x86_64__)
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i slashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  return static_cast<unsigned>(
      _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, slashes), controls)));
#else
  unsigned marks = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const auto c = static_cast<unsigned char>(at[i]);
    marks |= static_cast<unsigned>(c == '"' || c == '\\' || c < 0x20) << i;
  }
  return marks;
#endif
}

struct JsonString {
  std::string_view raw;  // between the quotes
  bool escaped = false;  // holds a backslash
};

class JsonCursor {
 public:
  JsonCursor() = default;
  JsonCursor(const char* begin, const char* end) : at_(begin), end_(end) {}
  // Begins anew with another text; cheaper than another cursor.
  void Reset(const char* begin, const char* end);

  const char* at() const { return at_; }
  const char* end() const { return end_; }
  void MoveTo(const char* at) { at_ = at; }

  JsonFault fault() const { return fault_; }
  const char* fault_at() const { return fault_at_; }
  const std::string& fault_path() const {
    return fault_path_;
  }  // of a field, where one is at fault
  bool Fail(JsonFault fault, const char* at);
  bool FailAt(JsonFault fault, const char* at, std::string path);

  void SkipSpace() {
    while (static_cast<unsigned char>(*at_) <= ' ') {
      if (at_ == end_ || !IsSpace(*at_)) return;
      ++at_;
    }
  }
  // The character at hand; a zero or line end where the text ends.
  char Peek() const { return *at_; }
  bool AtEnd() const { return at_ == end_; }
  bool Take(char c) {
    if (*at_ != c) return false;
    ++at_;
    return true;
  }
  // What is wrong where another character was wanted.
  bool FailHere() { return Fail(AtEnd() ? JsonFault::kTruncated : JsonFault::kMalformed, at_); }

  // Each wants to stand on the first character, and stands behind the last one afterwards.
  bool ReadString(JsonString* string);
  // A number, true, false or null.
  bool ReadLiteral(std::string_view* text);
  bool SkipValue();

  // Between the members of an object or the items of a list. After '{' or '[' was taken, and after
  // each value: whether another one comes (or *more is false: the closing one was taken).
  bool First(char close, bool* more);
  bool Next(char close, bool* more);
  // A name and its colon.
  bool ReadName(JsonString* name);
  bool TakeColon();

  // Names of objects that are open: from Mark on they belong to the innermost one.
  size_t MarkNames() const { return names_.size(); }
  bool AddName(const JsonString& name);
  bool CloseNames(size_t mark);

  // The text of a string with escapes, at most as long; nothing else than false, where they are
  // wrong. `out` holds as many bytes as the raw text.
  bool Unescape(std::string_view raw, char* out, size_t* size);
  bool TextOf(const JsonString& string, std::string* text);

 private:
  static bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  bool ReadNumber();
  bool ReadWord();
  bool ReadUnit(const char** at, const char* end, unsigned* unit);
  bool BeginValue(bool* opened);

  struct Open {
    bool object;
    size_t mark;
  };

  const char* at_ = nullptr;
  const char* end_ = nullptr;
  JsonFault fault_ = JsonFault::kNone;
  const char* fault_at_ = nullptr;
  std::string fault_path_;
  std::vector<Open> open_;
  std::vector<std::string_view> names_;
  std::deque<std::string> unescaped_;  // names that had escapes
  std::string scratch_;
};

}  // namespace eclusa
