// Decimal digits read eight at a time.
//
// Eight characters are one 64-bit word; digits are told apart and summed with a few operations on
// the whole word instead of one step per character (Daniel Lemire, "Quickly parsing eight digits",
// 2018). Little-endian machines only, which is all that the product is built for.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace eclusa {

static_assert(std::endian::native == std::endian::little);

inline constexpr uint64_t kPowersOfTen[] = {1ULL,
                                            10ULL,
                                            100ULL,
                                            1000ULL,
                                            10000ULL,
                                            100000ULL,
                                            1000000ULL,
                                            10000000ULL,
                                            100000000ULL,
                                            1000000000ULL,
                                            10000000000ULL,
                                            100000000000ULL,
                                            1000000000000ULL,
                                            10000000000000ULL,
                                            100000000000000ULL,
                                            1000000000000000ULL,
                                            10000000000000000ULL,
                                            100000000000000000ULL,
                                            1000000000000000000ULL,
                                            10000000000000000000ULL};

inline bool IsDigit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

inline uint64_t LoadEight(const char* from) {
  uint64_t word;
  std::memcpy(&word, from, 8);
  return word;
}

// One to eight characters in the low bytes of a word, without reading beyond them.
inline uint64_t LoadUpToEight(const char* from, size_t count) {
  if (count == 8) return LoadEight(from);
  if (count >= 4) {
    uint32_t low, high;
    std::memcpy(&low, from, 4);
    std::memcpy(&high, from + count - 4, 4);
    return low | uint64_t{high} << (8 * (count - 4));
  }
  const auto at = [from](size_t i) { return uint64_t{static_cast<uint8_t>(from[i])}; };
  return at(0) | at(count / 2) << (8 * (count / 2)) | at(count - 1) << (8 * (count - 1));
}

inline bool AreEightDigits(uint64_t word) {
  return ((word & 0xF0F0F0F0F0F0F0F0ULL) |
          (((word + 0x0606060606060606ULL) & 0xF0F0F0F0F0F0F0F0ULL) >> 4)) == 0x3333333333333333ULL;
}

inline uint32_t ValueOfEightDigits(uint64_t word) {
  word -= 0x3030303030303030ULL;
  word = (word * 10) + (word >> 8);
  return static_cast<uint32_t>((((word & 0x000000FF000000FFULL) * 0x000F424000000064ULL) +
                                (((word >> 16) & 0x000000FF000000FFULL) * 0x0000271000000001ULL)) >>
                               32);
}

// Value of `count` digits, at most 19; false: one of them is none. No digits are zero.
inline bool ReadDigits(const char* from, size_t count, uint64_t* value) {
  uint64_t sum = 0;
  size_t head = count & 7;
  if (head != 0) {
    const uint64_t word =
        (LoadUpToEight(from, head) << (64 - 8 * head)) | (0x3030303030303030ULL >> (8 * head));
    if (!AreEightDigits(word)) return false;
    sum = ValueOfEightDigits(word);
    from += head;
  }
  for (size_t rest = count - head; rest != 0; rest -= 8, from += 8) {
    const uint64_t word = LoadEight(from);
    if (!AreEightDigits(word)) return false;
    sum = sum * 100000000ULL + ValueOfEightDigits(word);
  }
  *value = sum;
  return true;
}

inline bool ReadTwoDigits(const char* from, int* value) {
  const unsigned high = static_cast<unsigned char>(from[0] - '0');
  const unsigned low = static_cast<unsigned char>(from[1] - '0');
  *value = static_cast<int>(high * 10 + low);
  return high < 10 && low < 10;
}

}  // namespace eclusa
