// CopyShort, CopyDecoding: one value of text into the buffer of a column.
//
// Short values are copied 16 bytes at a time, whatever their length: kCopySlack bytes behind both
// sides may be read or written. Pure.
#pragma once

#include <cstddef>
#include <cstring>

#include "formats/text_encoding.h"

namespace eclusa {

inline constexpr size_t kCopySlack = 64;

[[gnu::always_inline]] inline void CopyShort(char* out, const char* in, size_t length) {
  std::memcpy(out, in, 16);
  if (length <= 16) return;
  std::memcpy(out + 16, in + 16, 16);
  if (length <= 32) return;
  std::memcpy(out + 32, in + 32, length - 32);
}

// Of a one-byte encoding as UTF-8; gives its length there, at most three times as long.
inline size_t CopyDecoding(char* out, const char* in, size_t length,
                           const ByteCharacters& characters) {
  char* const begin = out;
  for (size_t i = 0; i < length; ++i) {
    const ByteCharacters::Character& character = characters.of[static_cast<uint8_t>(in[i])];
    std::memcpy(out, character.bytes.data(), 3);
    out += character.length;
  }
  return static_cast<size_t>(out - begin);
}

}  // namespace eclusa
