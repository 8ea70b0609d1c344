// PostgreSQL's binary send formats for the kinds that a TypedColumn holds as ready bytes: numeric,
// arrays, inet and cidr.
//
// Every function appends one value to `out` and allocates nothing else; nothing is framed (COPY's
// length word is the stager's). Callers check limits first: a Decimal that FitsNumeric() refuses,
// an element count that is untrue, are program errors. Does not parse arrays or addresses.
// Source: PostgreSQL src/backend/utils/adt/numeric.c (numeric_send), arrayfuncs.c (array_send),
// network.c (network_send). Threads: pure functions.
//
//   numeric   int16 ndigits, int16 weight, uint16 sign, int16 dscale, ndigits x int16 digit
//             value = sum of digit[i] * 10000^(weight - i); dscale: digits shown after the point
//   array     int32 ndim, int32 has_nulls, uint32 element oid, ndim x (int32 length, int32 lower
//             bound), then each element: int32 byte length (-1: null), bytes
//   inet      uint8 family (2: IPv4, 3: IPv6), uint8 mask bits, uint8 is_cidr, uint8 byte count,
//   bytes
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace eclusa {

// Most digits that a PostgreSQL numeric holds before and after the point.
inline constexpr int32_t kNumericWholeDigitsMax = 131072;
inline constexpr int32_t kNumericScaleMax = 16383;

void AppendInt16(int16_t value, std::vector<char>& out);  // big-endian, all four
void AppendInt32(int32_t value, std::vector<char>& out);
void AppendInt64(int64_t value, std::vector<char>& out);
void AppendUint32(uint32_t value, std::vector<char>& out);

// A decimal number as its text has it. Views into that text: lives no longer than it.
struct Decimal {
  enum class Kind : uint8_t { kFinite, kNaN, kInfinity, kMinusInfinity };
  Kind kind = Kind::kFinite;
  bool negative = false;
  std::string_view whole;     // digits before the point, without leading zeros
  std::string_view fraction;  // digits after the point as written
  int32_t exponent = 0;       // of ten, as written after an e

  bool IsZero() const;
  // Digits before the point, without leading zeros: 0 of 0.05, 3 of 1.5e2.
  int32_t WholeDigits() const;
  // The same after rounding to `scale`: 4 of 999.96 at scale 1.
  int32_t WholeDigitsRounded(int32_t scale) const;
  // Digits after the point as written (PostgreSQL's dscale): 2 of 1.50, 0 of 1.5e2.
  int32_t Scale() const;
  // The same without trailing zeros: 1 of 1.50. Negative where the whole part ends in zeros: -2 of
  // 1500. 0 of zero.
  int32_t SignificantScale() const;
  // Whether an unbounded numeric can hold it.
  bool FitsNumeric() const;
};

// Reads [+-]digits[.digits][e[+-]digits], NaN, [+-]Infinity and [+-]inf (any case), as PostgreSQL
// does, but without space around it. Nothing: not such a text.
std::optional<Decimal> ParseDecimal(std::string_view text);

// A value, as it stands.
void AppendNumeric(const Decimal& value, std::vector<char>& out);
// The same, rounded half away from zero to `scale` digits after the point (as numeric(p,scale)
// does; negative: before the point) where it has more.
void AppendNumericRounded(const Decimal& value, int32_t scale, std::vector<char>& out);
// unscaled * 10^-scale, as Arrow's decimals and integers hold it; a scale below 0 counts as
// zeros before the point.
void AppendNumeric(__int128 unscaled, int32_t scale, std::vector<char>& out);

// An array's head. `lengths`: elements per dimension (one entry for a flat array; none: an empty
// array, after which no elements follow). Lower bounds are 1.
void AppendArrayHead(std::span<const int32_t> lengths, bool has_nulls, uint32_t element_oid,
                     std::vector<char>& out);
void AppendNullElement(std::vector<char>& out);
// An element whose bytes are at hand.
void AppendElement(std::string_view bytes, std::vector<char>& out);
// An element of unknown length: Begin, append its bytes, End with what Begin returned.
size_t BeginElement(std::vector<char>& out);
void EndElement(size_t begun, std::vector<char>& out);

// `address`: 4 or 16 bytes in network order; `bits`: of the mask, at most 32 or 128.
void AppendInet(std::span<const uint8_t> address, uint8_t bits, bool cidr, std::vector<char>& out);

}  // namespace eclusa
