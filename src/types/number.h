// Numbers from text and from Arrow's values into PostgreSQL's: integers, floats, numeric.
//
// Text: [+-]digits for integers; [+-]digits[.digits][e[+-]digits], NaN and [+-]Infinity (any case,
// also inf) for floats and numeric, with the point and the thousands mark of a NumberStyle; no
// space around. Thousands stand in groups of exactly three, or not at all. Numeric values are
// appended in the binary send format (model/binary_value.h), canonical: no zero groups at either
// end. Numbers of up to 18 digits take a path of their own without allocation. Pure functions;
// nothing is bent unless `excess` says so, and then `*bent` becomes true.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/binary_value.h"
#include "types/byte_buffer.h"
#include "types/digits.h"
#include "types/fault.h"

namespace eclusa {

struct NumberStyle {
  char point = '.';
  char thousands = 0;  // 0: none
};

// What a numeric column keeps.
struct NumericLimits {
  int32_t precision = -1;  // -1: unbounded
  int32_t scale = 0;       // with a precision
  Excess excess = Excess::kRefuse;
};

// `text` with the style's marks taken out or put right, in `scratch`; nothing: a mark stands in a
// wrong place. Returns `text` itself where nothing had to be changed.
std::optional<std::string_view> PlainNumber(std::string_view text, NumberStyle style,
                                            std::string& scratch);

// Any int64; narrower types compare with their own limits.
inline Fault ReadInteger(std::string_view text, int64_t* value) {
  const char* at = text.data();
  size_t count = text.size();
  if (count == 0) return Fault::kForm;
  const bool negative = *at == '-';
  if (negative || *at == '+') {
    ++at;
    --count;
    if (count == 0) return Fault::kForm;
  }
  while (count > 19 && *at == '0') {
    ++at;
    --count;
  }
  if (count > 19) {
    for (size_t i = 0; i < count; ++i) {
      if (!IsDigit(at[i])) return Fault::kForm;
    }
    return Fault::kOverflow;
  }
  uint64_t magnitude;
  if (!ReadDigits(at, count, &magnitude)) return Fault::kForm;
  if (magnitude > uint64_t{INT64_MAX} + (negative ? 1 : 0)) return Fault::kOverflow;
  *value = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
  return Fault::kNone;
}

// Point '.', no thousands. Too large, or so small that only zero is left: kOverflow.
Fault ReadFloat(std::string_view text, float* value);
Fault ReadFloat(std::string_view text, double* value);

Fault AppendNumericText(std::string_view text, NumberStyle style, const NumericLimits& limits,
                        ByteBuffer& out, bool* bent);
Fault AppendNumericDecimal(const Decimal& value, const NumericLimits& limits, ByteBuffer& out,
                           bool* bent);
// unscaled * 10^-scale.
Fault AppendNumericInteger(__int128 unscaled, int32_t scale, const NumericLimits& limits,
                           ByteBuffer& out, bool* bent);

// Order of two numerics in the send format, as PostgreSQL has it: NaN is the largest and equals
// itself.
int CompareNumeric(std::string_view left, std::string_view right);

// A numeric in the send format as plain decimal text ("-12.50", "NaN").
std::string NumericText(std::string_view value);

// Whether `value` (send format) is a whole multiple of `unit` > 0 (plain decimal of at most 18
// digits). NaN and infinities are not.
bool IsMultiple(std::string_view value, const Decimal& unit);

}  // namespace eclusa
