#include "formats/text_encoding.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "core/check.h"

namespace eclusa {
namespace {

// Unicode of the bytes 80 to 9F in Windows-1252; 0: none.
constexpr std::array<uint16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

constexpr uint32_t CodePoint(uint8_t byte, TextEncoding encoding) {
  if (encoding == TextEncoding::kWindows1252 && byte >= 0x80 && byte < 0xA0) {
    return kWindows1252[byte - 0x80];
  }
  return byte;
}

constexpr ByteCharacters MakeCharacters(TextEncoding encoding) {
  ByteCharacters characters = {};
  for (int byte = 0; byte < 256; ++byte) {
    const uint32_t point = CodePoint(static_cast<uint8_t>(byte), encoding);
    ByteCharacters::Character& character = characters.of[byte];
    if (point == 0 && byte != 0) continue;
    if (point < 0x80) {
      character = {{static_cast<char>(point), 0, 0}, 1};
    } else if (point < 0x800) {
      character = {
          {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F)), 0}, 2};
    } else {
      character = {
          {static_cast<char>(0xE0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 0x3F)),
           static_cast<char>(0x80 | (point & 0x3F))},
          3};
    }
  }
  return characters;
}

constexpr ByteCharacters kWindows1252Characters = MakeCharacters(TextEncoding::kWindows1252);
constexpr ByteCharacters kIso88591Characters = MakeCharacters(TextEncoding::kIso88591);

uint8_t ByteAt(std::string_view text, size_t at) { return static_cast<uint8_t>(text[at]); }

// Bytes of the well-formed sequence at `at` (Unicode 15, table 3-7); 0: none. A sequence that the
// end cuts is not one.
size_t SequenceLength(std::string_view text, size_t at) {
  const uint8_t lead = ByteAt(text, at);
  if (lead < 0x80) return 1;
  const size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || at + length > text.size()) return 0;
  const uint8_t second = ByteAt(text, at + 1);
  const uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (second < low || second > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((ByteAt(text, at + i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

uint32_t Decode(std::string_view text, size_t at, size_t length) {
  constexpr uint8_t kLeadBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  uint32_t point = ByteAt(text, at) & kLeadBits[length];
  for (size_t i = 1; i < length; ++i) point = point << 6 | (ByteAt(text, at + i) & 0x3F);
  return point;
}

char EncodedByte(uint32_t point, TextEncoding encoding) {
  if (point < 0x80) return static_cast<char>(point);
  for (int byte = 0x80; byte < 0x100; ++byte) {
    if (CodePoint(static_cast<uint8_t>(byte), encoding) == point) return static_cast<char>(byte);
  }
  return '?';
}

size_t AsciiPrefix(std::string_view text, size_t at) {
  const size_t begin = at;
  constexpr uint64_t kHighBits = 0x8080808080808080;
  for (uint64_t words[4]; at + sizeof words <= text.size(); at += sizeof words) {
    std::memcpy(words, text.data() + at, sizeof words);
    if (((words[0] | words[1] | words[2] | words[3]) & kHighBits) != 0) break;
  }
  for (uint64_t eight; at + 8 <= text.size(); at += 8) {
    std::memcpy(&eight, text.data() + at, 8);
    if ((eight & kHighBits) != 0) break;
  }
  while (at < text.size() && ByteAt(text, at) < 0x80) ++at;
  return at - begin;
}

}  // namespace

std::string_view Name(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::kUtf8:
      return "utf-8";
    case TextEncoding::kWindows1252:
      return "windows-1252";
    case TextEncoding::kIso88591:
      return "iso-8859-1";
  }
  CHECK(false);
}

std::optional<TextEncoding> ParseEncoding(std::string_view name) {
  std::string plain;  // lower case, without - and _
  for (const char c : name) {
    if (c == '-' || c == '_') continue;
    plain += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  if (plain == "utf8") return TextEncoding::kUtf8;
  if (plain == "windows1252" || plain == "cp1252" || plain == "win1252") {
    return TextEncoding::kWindows1252;
  }
  if (plain == "iso88591" || plain == "latin1") return TextEncoding::kIso88591;
  return std::nullopt;
}

bool IsValidUtf8(std::string_view bytes) {
  return bytes.empty() || simdjson::validate_utf8(bytes.data(), bytes.size());
}

size_t ValidUtf8Prefix(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    at += AsciiPrefix(bytes, at);
    while (at < bytes.size() && ByteAt(bytes, at) >= 0x80) {
      const size_t length = SequenceLength(bytes, at);
      if (length == 0) return at;
      at += length;
    }
  }
  return at;
}

bool IsValid(std::string_view bytes, TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::kUtf8:
      return IsValidUtf8(bytes);
    case TextEncoding::kWindows1252:
      return std::all_of(bytes.begin(), bytes.end(), [](char c) {
        return kWindows1252Characters.of[static_cast<uint8_t>(c)].length != 0;
      });
    case TextEncoding::kIso88591:
      return true;
  }
  CHECK(false);
}

namespace {

// The last bytes may be the beginning of a sequence.
bool GoesOnBehindTheEnd(std::string_view last) {
  return last.size() <= 3 && static_cast<uint8_t>(last[0]) >= 0xC2 &&
         std::all_of(last.begin() + 1, last.end(),
                     [](char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; });
}

}  // namespace

size_t AsciiBytes(std::string_view bytes) { return AsciiPrefix(bytes, 0); }

bool LooksLikeUtf8(std::string_view bytes) {
  const size_t ascii = AsciiPrefix(bytes, 0);
  return ascii < bytes.size() && IsValidUtf8(bytes.substr(ascii));
}

TextEncoding DetectEncoding(std::string_view bytes) {
  size_t sequences = 0;
  size_t wrong = 0;
  for (size_t at = 0; at < bytes.size();) {
    at += AsciiPrefix(bytes, at);
    if (at == bytes.size()) break;
    const size_t length = SequenceLength(bytes, at);
    if (length > 0) {
      ++sequences;
      at += length;
    } else {
      if (GoesOnBehindTheEnd(bytes.substr(at))) break;
      ++wrong;
      ++at;
    }
  }
  return wrong > sequences ? TextEncoding::kWindows1252 : TextEncoding::kUtf8;
}

const ByteCharacters& CharactersOf(TextEncoding encoding) {
  CHECK(encoding != TextEncoding::kUtf8);
  return encoding == TextEncoding::kWindows1252 ? kWindows1252Characters : kIso88591Characters;
}

std::string ToUtf8(std::string_view bytes, TextEncoding encoding) {
  if (encoding == TextEncoding::kUtf8) return std::string(bytes);
  const ByteCharacters& characters = CharactersOf(encoding);
  std::string text;
  for (const char c : bytes) {
    const ByteCharacters::Character& character = characters.of[static_cast<uint8_t>(c)];
    text.append(character.bytes.data(), character.length);
  }
  return text;
}

std::string FromUtf8(std::string_view text, TextEncoding encoding) {
  if (encoding == TextEncoding::kUtf8) return std::string(text);
  std::string bytes;
  for (size_t at = 0; at < text.size();) {
    const size_t length = SequenceLength(text, at);
    bytes += length == 0 ? '?' : EncodedByte(Decode(text, at, length), encoding);
    at += std::max<size_t>(length, 1);
  }
  return bytes;
}

std::string EscapedBytes(std::string_view bytes, size_t bytes_max) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes.substr(0, bytes_max)) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      text += c;
    } else {
      text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text;
}

}  // namespace eclusa
