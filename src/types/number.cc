#include "types/number.h"

#include <fast_float/fast_float.h>

#include <cmath>
#include <cstdlib>
#include <vector>

namespace eclusa {
namespace {

constexpr size_t kHeadBytes = 8;
constexpr unsigned kGroupBase = 10000;
constexpr int kGroupDigits = 4;
// Five groups before the point (18 digits), four after it (16 digits).
constexpr int kWholeGroupsMax = 5;
constexpr int kFastScaleMax = 16;
constexpr size_t kFastBytesMax = kHeadBytes + 2 * (kWholeGroupsMax + kFastScaleMax / kGroupDigits);
// Digits that an unsigned 64-bit sum holds for certain.
constexpr size_t kFastDigitsMax = 18;

void PutUint16(unsigned value, char* to) {
  const uint16_t swapped = __builtin_bswap16(static_cast<uint16_t>(value));
  std::memcpy(to, &swapped, 2);
}

uint16_t GetUint16(std::string_view value, size_t at) {
  uint16_t word;
  std::memcpy(&word, value.data() + at, 2);
  return __builtin_bswap16(word);
}

// A number whose digits before the point and whose digits after it, `scale` of them, fit a word
// each.
struct ShortNumber {
  bool negative = false;
  uint64_t whole = 0;
  uint64_t fraction = 0;
  int scale = 0;
};

void AppendShort(const ShortNumber& number, ByteBuffer& out) {
  // groups[kWholeGroupsMax - 1] has weight 0.
  uint16_t groups[kWholeGroupsMax + kFastScaleMax / kGroupDigits];
  int first = kWholeGroupsMax;
  for (uint64_t rest = number.whole; rest != 0; rest /= kGroupBase) {
    groups[--first] = static_cast<uint16_t>(rest % kGroupBase);
  }
  const int fraction_groups = (number.scale + kGroupDigits - 1) / kGroupDigits;
  int end = kWholeGroupsMax + fraction_groups;
  uint64_t rest = number.fraction * kPowersOfTen[fraction_groups * kGroupDigits - number.scale];
  for (int i = end - 1; i >= kWholeGroupsMax; --i, rest /= kGroupBase) {
    groups[i] = static_cast<uint16_t>(rest % kGroupBase);
  }
  while (end > first && groups[end - 1] == 0) --end;
  while (first < end && groups[first] == 0) ++first;

  char* to = out.Reserve(kFastBytesMax);
  const int count = end - first;
  PutUint16(static_cast<unsigned>(count), to);
  PutUint16(static_cast<unsigned>(count == 0 ? 0 : kWholeGroupsMax - 1 - first), to + 2);
  PutUint16(number.negative && count != 0 ? 0x4000 : 0, to + 4);
  PutUint16(static_cast<unsigned>(number.scale), to + 6);
  for (int i = 0; i < count; ++i) PutUint16(groups[first + i], to + kHeadBytes + 2 * i);
  out.Commit(kHeadBytes + 2 * static_cast<size_t>(count));
}

bool HasFastLimits(const NumericLimits& limits) {
  return limits.precision < 0 ||
         (limits.scale >= 0 && limits.scale <= kFastScaleMax && limits.scale <= limits.precision);
}

// Brings `number` to the scale of the limits and looks at its size.
Fault FitShort(const NumericLimits& limits, ShortNumber* number, bool* bent) {
  if (limits.precision < 0) return Fault::kNone;
  if (number->scale > limits.scale) {
    const uint64_t unit = kPowersOfTen[number->scale - limits.scale];
    const uint64_t excess = number->fraction % unit;
    number->fraction /= unit;
    if (excess != 0) {
      if (limits.excess == Excess::kRefuse) return Fault::kScale;
      *bent = true;
      if (limits.excess == Excess::kRound && excess >= unit / 2) {
        if (++number->fraction == kPowersOfTen[limits.scale]) {
          number->fraction = 0;
          ++number->whole;
        }
      }
    }
  } else {
    number->fraction *= kPowersOfTen[limits.scale - number->scale];
  }
  number->scale = limits.scale;
  const int whole_digits = limits.precision - limits.scale;
  if (whole_digits < 19 && number->whole >= kPowersOfTen[whole_digits]) return Fault::kOverflow;
  return Fault::kNone;
}

// The text of a number of at most 18 digits without exponent; false: take the long way.
bool ReadShort(std::string_view text, char point, ShortNumber* number) {
  const char* at = text.data();
  size_t count = text.size();
  if (count == 0) return false;
  number->negative = *at == '-';
  if (number->negative || *at == '+') {
    ++at;
    --count;
  }
  if (count == 0 || count > kFastDigitsMax + 1) return false;
  size_t whole = 0;
  while (whole < count && at[whole] != point) ++whole;
  const size_t fraction = whole == count ? 0 : count - whole - 1;
  if (whole + fraction == 0 || whole > kFastDigitsMax || fraction > size_t{kFastScaleMax})
    return false;
  number->scale = static_cast<int>(fraction);
  return ReadDigits(at, whole, &number->whole) &&
         ReadDigits(at + whole + 1, fraction, &number->fraction);
}

// The digits of a Decimal, one view after the other, without leading and trailing zeros, and the
// place of the first: 0 is the one before the point.
struct SignificantDigits {
  std::string digits;
  int64_t first_place = 0;
  explicit SignificantDigits(const Decimal& value) {
    digits.reserve(value.whole.size() + value.fraction.size());
    digits.append(value.whole).append(value.fraction);
    first_place = static_cast<int64_t>(value.whole.size()) + value.exponent - 1;
    const size_t first = digits.find_first_not_of('0');
    if (first == digits.npos) {
      digits.clear();
      first_place = 0;
      return;
    }
    digits.erase(0, first);
    first_place -= static_cast<int64_t>(first);
    digits.erase(digits.find_last_not_of('0') + 1);
  }
  int64_t LastPlace() const { return first_place - static_cast<int64_t>(digits.size()) + 1; }
};

// Gives up the digits below `scale` places after the point.
void CutDigits(int32_t scale, bool round, SignificantDigits* value) {
  const int64_t kept = value->first_place + 1 + scale;
  if (kept >= static_cast<int64_t>(value->digits.size())) return;
  const bool up = round && kept >= 0 && value->digits[static_cast<size_t>(kept)] >= '5';
  value->digits.resize(kept > 0 ? static_cast<size_t>(kept) : 0);
  if (!up) return;
  size_t i = value->digits.size();
  while (i > 0 && value->digits[i - 1] == '9') value->digits[--i] = '0';
  if (i > 0) {
    ++value->digits[i - 1];
  } else {
    value->digits.insert(value->digits.begin(), '1');
    value->first_place = value->digits.size() == 1 ? -scale : value->first_place + 1;
  }
}

void AppendDecimal(const Decimal& value, ByteBuffer& out) {
  std::vector<char> bytes;
  AppendNumeric(value, bytes);
  out.Append({bytes.data(), bytes.size()});
}

template <class Float>
Fault ReadAnyFloat(std::string_view text, Float* value) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (begin != end && *begin == '+') {
    ++begin;
    if (begin != end && (*begin == '-' || *begin == '+')) return Fault::kForm;
  }
  if (begin == end) return Fault::kForm;
  const auto [stop, error] = fast_float::from_chars(begin, end, *value);
  if (stop != end || (error != std::errc() && error != std::errc::result_out_of_range)) {
    return Fault::kForm;
  }
  const char* digits = begin + (*begin == '-');
  if (!IsDigit(*digits) && *digits != '.') {
    // PostgreSQL knows NaN without a sign or a payload.
    const bool nan = std::isnan(*value);
    return nan && text.size() != 3 ? Fault::kForm : Fault::kNone;
  }
  if (std::isinf(*value)) return Fault::kOverflow;
  if (*value == 0) {
    for (const char* c = digits; c != end && *c != 'e' && *c != 'E'; ++c) {
      if (*c != '0' && *c != '.') return Fault::kOverflow;
    }
  }
  return Fault::kNone;
}

}  // namespace

std::optional<std::string_view> PlainNumber(std::string_view text, NumberStyle style,
                                            std::string& scratch) {
  if (style.point == '.' && style.thousands == 0) return text;
  size_t whole_end = 0;
  const size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  bool grouped = false;
  scratch.assign(text.substr(0, sign));
  size_t run = 0;  // digits since the last mark
  for (whole_end = sign; whole_end < text.size(); ++whole_end) {
    const char c = text[whole_end];
    if (IsDigit(c)) {
      scratch.push_back(c);
      ++run;
    } else if (style.thousands != 0 && c == style.thousands) {
      if (grouped ? run != 3 : run == 0 || run > 3) return std::nullopt;
      grouped = true;
      run = 0;
    } else {
      break;
    }
  }
  if (grouped && run != 3) return std::nullopt;
  for (size_t i = whole_end; i < text.size(); ++i) {
    const char c = text[i];
    if (c == style.point) {
      scratch.push_back('.');
    } else if (c == '.' || (style.thousands != 0 && c == style.thousands)) {
      return std::nullopt;
    } else {
      scratch.push_back(c);
    }
  }
  return scratch;
}

Fault ReadFloat(std::string_view text, float* value) { return ReadAnyFloat(text, value); }
Fault ReadFloat(std::string_view text, double* value) { return ReadAnyFloat(text, value); }

Fault AppendNumericDecimal(const Decimal& value, const NumericLimits& limits, ByteBuffer& out,
                           bool* bent) {
  if (limits.precision < 0 || value.kind == Decimal::Kind::kNaN) {
    if (!value.FitsNumeric()) return Fault::kOverflow;
    AppendDecimal(value, out);
    return Fault::kNone;
  }
  if (value.kind != Decimal::Kind::kFinite) return Fault::kOverflow;
  SignificantDigits significant(value);
  if (!significant.digits.empty() && -significant.LastPlace() > limits.scale) {
    if (limits.excess == Excess::kRefuse) return Fault::kScale;
    *bent = true;
    CutDigits(limits.scale, limits.excess == Excess::kRound, &significant);
  }
  Decimal fitted;
  if (!significant.digits.empty()) {
    if (significant.first_place >= limits.precision - limits.scale) return Fault::kOverflow;
    fitted.negative = value.negative;
    fitted.whole = significant.digits;
    fitted.exponent = static_cast<int32_t>(significant.LastPlace());
  }
  std::vector<char> bytes;
  AppendNumeric(fitted, bytes);
  PutUint16(static_cast<unsigned>(std::max(limits.scale, 0)), bytes.data() + 6);
  out.Append({bytes.data(), bytes.size()});
  return Fault::kNone;
}

Fault AppendNumericText(std::string_view text, NumberStyle style, const NumericLimits& limits,
                        ByteBuffer& out, bool* bent) {
  ShortNumber number;
  if (ReadShort(text, style.point, &number) && HasFastLimits(limits)) [[likely]] {
    const Fault fault = FitShort(limits, &number, bent);
    if (fault == Fault::kNone) AppendShort(number, out);
    return fault;
  }
  std::string scratch;
  const auto plain = PlainNumber(text, style, scratch);
  if (!plain) return Fault::kForm;
  const std::optional<Decimal> value = ParseDecimal(*plain);
  if (!value) return Fault::kForm;
  return AppendNumericDecimal(*value, limits, out, bent);
}

Fault AppendNumericInteger(__int128 unscaled, int32_t scale, const NumericLimits& limits,
                           ByteBuffer& out, bool* bent) {
  const bool negative = unscaled < 0;
  auto magnitude = static_cast<unsigned __int128>(unscaled);
  if (negative) magnitude = 0 - magnitude;
  if (scale >= 0 && scale <= kFastScaleMax && magnitude < kPowersOfTen[18] &&
      HasFastLimits(limits)) {
    const auto digits = static_cast<uint64_t>(magnitude);
    ShortNumber number{negative, digits, 0, scale};
    if (scale == 2) {  // money: a division by a constant
      number.whole = digits / 100;
      number.fraction = digits % 100;
    } else if (scale != 0) {
      number.whole = digits / kPowersOfTen[scale];
      number.fraction = digits % kPowersOfTen[scale];
    }
    const Fault fault = FitShort(limits, &number, bent);
    if (fault == Fault::kNone) AppendShort(number, out);
    return fault;
  }
  char text[48];
  char* end = text + sizeof text;
  char* begin = end;
  do {
    *--begin = static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  } while (magnitude != 0);
  while (end - begin <= scale && end - begin < 40) *--begin = '0';
  const auto size = static_cast<int32_t>(end - begin);
  Decimal value;
  value.negative = negative;
  if (scale > 0 && scale < size) {
    value.whole = {begin, static_cast<size_t>(size - scale)};
    value.fraction = {end - scale, static_cast<size_t>(scale)};
  } else {
    value.whole = {begin, static_cast<size_t>(size)};
    value.exponent = -scale;
  }
  value.whole.remove_prefix(std::min(value.whole.find_first_not_of('0'), value.whole.size()));
  return AppendNumericDecimal(value, limits, out, bent);
}

namespace {

constexpr uint16_t kNegative = 0x4000;
constexpr uint16_t kNaN = 0xC000;
constexpr uint16_t kInfinity = 0xD000;
constexpr uint16_t kMinusInfinity = 0xF000;

// Position in the order of: -infinity, negative, zero, positive, infinity, NaN.
int Rank(std::string_view value) {
  const uint16_t sign = GetUint16(value, 4);
  if (sign == kNaN) return 3;
  if (sign == kInfinity) return 2;
  if (sign == kMinusInfinity) return -2;
  if (GetUint16(value, 0) == 0) return 0;
  return sign == kNegative ? -1 : 1;
}

int CompareMagnitude(std::string_view left, std::string_view right) {
  const auto left_weight = static_cast<int16_t>(GetUint16(left, 2));
  const auto right_weight = static_cast<int16_t>(GetUint16(right, 2));
  if (left_weight != right_weight) return left_weight < right_weight ? -1 : 1;
  const std::string_view left_digits = left.substr(kHeadBytes);
  const std::string_view right_digits = right.substr(kHeadBytes);
  // Groups are big-endian words, so that their order is the order of their bytes.
  const int order = left_digits.compare(right_digits);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

}  // namespace

int CompareNumeric(std::string_view left, std::string_view right) {
  const int left_rank = Rank(left);
  const int right_rank = Rank(right);
  if (left_rank != right_rank) return left_rank < right_rank ? -1 : 1;
  if (left_rank == 1) return CompareMagnitude(left, right);
  if (left_rank == -1) return CompareMagnitude(right, left);
  return 0;
}

std::string NumericText(std::string_view value) {
  const uint16_t sign = GetUint16(value, 4);
  if (sign == kNaN) return "NaN";
  if (sign == kInfinity) return "Infinity";
  if (sign == kMinusInfinity) return "-Infinity";
  const int groups = GetUint16(value, 0);
  const int weight = static_cast<int16_t>(GetUint16(value, 2));
  const int scale = GetUint16(value, 6);
  std::string text;
  const auto group = [&](int at_weight) {
    const int index = weight - at_weight;
    const bool there = index >= 0 && index < groups;
    const unsigned digits =
        there ? GetUint16(value, kHeadBytes + 2 * static_cast<size_t>(index)) : 0;
    for (unsigned unit = 1000; unit != 0; unit /= 10) {
      text.push_back(static_cast<char>('0' + digits / unit % 10));
    }
  };
  for (int w = std::max(weight, 0); w >= 0; --w) group(w);
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
  if (scale > 0) {
    text.push_back('.');
    const size_t point = text.size();
    for (int w = -1; static_cast<int>(text.size() - point) < scale; --w) group(w);
    text.resize(point + static_cast<size_t>(scale));
  }
  return sign == kNegative ? "-" + text : text;
}

bool IsMultiple(std::string_view value, const Decimal& unit) {
  const int rank = Rank(value);
  if (rank < -1 || rank > 1) return false;
  // In units of 10^-scale the unit is a whole number; a multiple of it has no smaller digits.
  const int scale = unit.SignificantScale();
  const std::string text = NumericText(value);
  const auto number = ParseDecimal(text);
  if (number->SignificantScale() > scale) return number->IsZero();
  SignificantDigits digits(*number);
  SignificantDigits unit_digits(unit);
  uint64_t modulus = 0;
  if (!ReadDigits(unit_digits.digits.data(), unit_digits.digits.size(), &modulus) || modulus == 0) {
    return false;
  }
  unsigned __int128 rest = 0;
  for (const char c : digits.digits) rest = (rest * 10 + static_cast<unsigned>(c - '0')) % modulus;
  for (int64_t place = digits.LastPlace(); place > -scale; --place) rest = rest * 10 % modulus;
  return rest == 0;
}

}  // namespace eclusa
