// Text encodings of files: which bytes are valid, and the way to and from UTF-8.
//
// Windows-1252 has five bytes without a character (81 8D 8F 90 9D): not valid, as in PostgreSQL.
// ISO-8859-1 has a character for each byte. Pure functions, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eclusa {

enum class TextEncoding : uint8_t { kUtf8, kWindows1252, kIso88591 };

std::string_view Name(TextEncoding encoding);  // "utf-8"
// By the usual names, in any case: utf8, cp1252, latin1 ... Nothing: not an encoding of ours.
std::optional<TextEncoding> ParseEncoding(std::string_view name);

bool IsValidUtf8(std::string_view bytes);
size_t ValidUtf8Prefix(std::string_view bytes);  // bytes before the first that belongs nowhere
// Whether each byte has a character (UTF-8: whether the sequences are sound).
bool IsValid(std::string_view bytes, TextEncoding encoding);

// UTF-8, unless the bytes are not valid UTF-8 and bytes that are not outnumber its sequences of
// several bytes: then Windows-1252. A file in UTF-8 with a few wrong rows stays UTF-8, so that
// those rows fail instead of all the others being misread. A sequence cut by the end is no fault.
TextEncoding DetectEncoding(std::string_view bytes);
// How many bytes DetectEncoding is shown, from the first one of the file that is not ASCII.
inline constexpr size_t kEncodingEvidenceBytes = 256 << 10;

// How many bytes at the beginning are ASCII.
size_t AsciiBytes(std::string_view bytes);
// Whether there are bytes that are not ASCII and all of them make up sound UTF-8: in a file of
// another encoding hardly ever a coincidence.
bool LooksLikeUtf8(std::string_view bytes);

// UTF-8 of each byte of a one-byte encoding; length 0: no character.
struct ByteCharacters {
  struct Character {
    std::array<char, 3> bytes;
    uint8_t length;
  };
  std::array<Character, 256> of;
};
const ByteCharacters& CharactersOf(TextEncoding encoding);  // not kUtf8

// Valid bytes of an encoding as UTF-8.
std::string ToUtf8(std::string_view bytes, TextEncoding encoding);
// UTF-8 in another encoding; characters that it lacks become ?.
std::string FromUtf8(std::string_view text, TextEncoding encoding);

// For messages: ASCII as it is, other bytes as \xE9, at most `bytes_max` bytes of the input.
std::string EscapedBytes(std::string_view bytes, size_t bytes_max);

}  // namespace eclusa
