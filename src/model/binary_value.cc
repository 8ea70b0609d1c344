#include "model/binary_value.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/check.h"

namespace eclusa {
namespace {

constexpr int kDigitsPerGroup = 4;  // DEC_DIGITS of numeric.c
constexpr int kGroupBase = 10000;   // NBASE
constexpr size_t kNumericHeadBytes = 8;

// Lowest scale of Arrow's 128-bit decimals, and far inside numeric's limits.
constexpr int32_t kNegativeScaleMax = 1000;

constexpr uint16_t kSignPositive = 0x0000;
constexpr uint16_t kSignNegative = 0x4000;
constexpr uint16_t kSignNaN = 0xC000;
constexpr uint16_t kSignInfinity = 0xD000;
constexpr uint16_t kSignMinusInfinity = 0xF000;

template <class Unsigned>
void PutBigEndian(Unsigned value, char* to) {
  for (size_t i = 0; i < sizeof(Unsigned); ++i) {
    to[i] = static_cast<char>(value >> (8 * (sizeof(Unsigned) - 1 - i)));
  }
}

template <class Unsigned>
void AppendBigEndian(Unsigned value, std::vector<char>& out) {
  const size_t at = out.size();
  out.resize(at + sizeof(Unsigned));
  PutBigEndian(value, out.data() + at);
}

uint16_t GetUint16(const char* from) {
  return static_cast<uint16_t>(static_cast<uint8_t>(from[0]) << 8 | static_cast<uint8_t>(from[1]));
}

void PutNumericHead(size_t groups, int32_t weight, uint16_t sign, int32_t scale, char* to) {
  PutBigEndian(static_cast<uint16_t>(groups), to);
  PutBigEndian(static_cast<uint16_t>(weight), to + 2);
  PutBigEndian(sign, to + 4);
  PutBigEndian(static_cast<uint16_t>(scale), to + 6);
}

// Division that rounds down, for positions of digits on both sides of the point.
int32_t FloorDivide(int32_t dividend, int32_t divisor) {
  const int32_t quotient = dividend / divisor;
  return dividend % divisor < 0 ? quotient - 1 : quotient;
}

bool IsDigit(char c) { return '0' <= c && c <= '9'; }

// The digits of a Decimal by their place: At(0) is the one before the point, At(-1) the one after.
class DigitPlaces {
 public:
  explicit DigitPlaces(const Decimal& value)
      : whole_(value.whole),
        fraction_(value.fraction),
        point_(static_cast<int32_t>(value.whole.size()) + value.exponent) {}

  int At(int32_t place) const {
    const int64_t index = int64_t{point_} - 1 - place;
    if (index < 0) return 0;
    const auto at = static_cast<size_t>(index);
    if (at < whole_.size()) return whole_[at] - '0';
    if (at - whole_.size() < fraction_.size()) return fraction_[at - whole_.size()] - '0';
    return 0;
  }

  // The four digits from place 4 * group up.
  int Group(int32_t group) const {
    const int32_t low = group * kDigitsPerGroup;
    return ((At(low + 3) * 10 + At(low + 2)) * 10 + At(low + 1)) * 10 + At(low);
  }

 private:
  std::string_view whole_;
  std::string_view fraction_;
  int32_t point_;  // digits before the point, counted from the first written one
};

// Ends a numeric whose groups stand in `out` from `begin` (after room for the head), the first of
// weight `weight`: strips zero groups at both ends, as numeric.c's strip_var does, and writes the
// head.
void FinishNumeric(size_t begin, int32_t weight, bool negative, int32_t scale,
                   std::vector<char>& out) {
  const size_t digits = begin + kNumericHeadBytes;
  size_t end = out.size();
  while (end > digits && GetUint16(out.data() + end - 2) == 0) end -= 2;
  size_t first = digits;
  while (first < end && GetUint16(out.data() + first) == 0) {
    first += 2;
    --weight;
  }
  if (first != digits) std::memmove(out.data() + digits, out.data() + first, end - first);
  const size_t groups = (end - first) / 2;
  out.resize(digits + 2 * groups);
  const uint16_t sign = negative && groups > 0 ? kSignNegative : kSignPositive;
  PutNumericHead(groups, groups > 0 ? weight : 0, sign, scale, out.data() + begin);
}

// 39 digits and the padding.
constexpr size_t kInt128GroupsMax = 11;

// Cuts a number into groups, lowest first; the lowest is filled up with `padding` zeros (0 to 3),
// so that the point falls between two groups. Returns how many groups.
template <class Unsigned>
size_t SplitGroups(Unsigned number, int32_t padding, uint16_t (&groups)[kInt128GroupsMax]) {
  constexpr unsigned kPowers[] = {1, 10, 100, 1000};
  const unsigned fill = kPowers[padding];
  const unsigned lowest = kGroupBase / fill;
  if (number == 0) return 0;
  size_t count = 0;
  groups[count++] = static_cast<uint16_t>(static_cast<unsigned>(number % lowest) * fill);
  for (number /= lowest; number != 0; number /= kGroupBase) {
    groups[count++] = static_cast<uint16_t>(number % kGroupBase);
  }
  return count;
}

void AppendSpecial(Decimal::Kind kind, std::vector<char>& out) {
  const uint16_t sign = kind == Decimal::Kind::kNaN        ? kSignNaN
                        : kind == Decimal::Kind::kInfinity ? kSignInfinity
                                                           : kSignMinusInfinity;
  const size_t begin = out.size();
  out.resize(begin + kNumericHeadBytes);
  PutNumericHead(0, 0, sign, 0, out.data() + begin);
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) {
    return ('A' <= a && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

std::optional<Decimal> ParseSpecial(std::string_view text, bool is_signed, bool negative) {
  Decimal value;
  if (EqualsIgnoringCase(text, "nan") && !is_signed) {
    value.kind = Decimal::Kind::kNaN;
    return value;
  }
  if (EqualsIgnoringCase(text, "infinity") || EqualsIgnoringCase(text, "inf")) {
    value.kind = negative ? Decimal::Kind::kMinusInfinity : Decimal::Kind::kInfinity;
    return value;
  }
  return std::nullopt;
}

size_t CountDigits(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  return count;
}

// "e5", "E-3", or nothing at all. An exponent too long for an int32 is not a number to PostgreSQL
// either.
std::optional<int32_t> ParseExponent(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
  text.remove_prefix(1);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  int32_t exponent = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, exponent);
  // Half the range, so that a sum with a count of digits stays inside (as numeric.c has it).
  constexpr int32_t kExponentMax = INT32_MAX / 2;
  if (error != std::errc() || stop != end) return std::nullopt;
  if (exponent >= kExponentMax || exponent <= -kExponentMax) return std::nullopt;
  return exponent;
}

}  // namespace

void AppendInt16(int16_t value, std::vector<char>& out) {
  AppendBigEndian(static_cast<uint16_t>(value), out);
}
void AppendInt32(int32_t value, std::vector<char>& out) {
  AppendBigEndian(static_cast<uint32_t>(value), out);
}
void AppendInt64(int64_t value, std::vector<char>& out) {
  AppendBigEndian(static_cast<uint64_t>(value), out);
}
void AppendUint32(uint32_t value, std::vector<char>& out) { AppendBigEndian(value, out); }

bool Decimal::IsZero() const {
  const auto is_zero = [](char c) { return c == '0'; };
  return kind == Kind::kFinite && std::ranges::all_of(whole, is_zero) &&
         std::ranges::all_of(fraction, is_zero);
}

int32_t Decimal::WholeDigits() const {
  if (kind != Kind::kFinite || IsZero()) return 0;
  int32_t digits = static_cast<int32_t>(whole.size()) + exponent;
  if (whole.empty()) digits -= static_cast<int32_t>(fraction.find_first_not_of('0'));
  return std::max(digits, 0);
}

int32_t Decimal::Scale() const {
  return std::max(static_cast<int32_t>(fraction.size()) - exponent, 0);
}

int32_t Decimal::SignificantScale() const {
  if (kind != Kind::kFinite || IsZero()) return 0;
  const size_t last = fraction.find_last_not_of('0');
  if (last != fraction.npos) return static_cast<int32_t>(last) + 1 - exponent;
  const size_t zeros = whole.size() - 1 - whole.find_last_not_of('0');
  return -static_cast<int32_t>(zeros) - exponent;
}

bool Decimal::FitsNumeric() const {
  return kind != Kind::kFinite ||
         (WholeDigits() <= kNumericWholeDigitsMax && Scale() <= kNumericScaleMax);
}

std::optional<Decimal> ParseDecimal(std::string_view text) {
  Decimal value;
  const bool is_signed = text.starts_with('-') || text.starts_with('+');
  value.negative = text.starts_with('-');
  if (is_signed) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  if (!IsDigit(text[0]) && text[0] != '.') return ParseSpecial(text, is_signed, value.negative);

  value.whole = text.substr(0, CountDigits(text));
  text.remove_prefix(value.whole.size());
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    value.fraction = text.substr(0, CountDigits(text));
    text.remove_prefix(value.fraction.size());
  }
  if (value.whole.empty() && value.fraction.empty()) return std::nullopt;
  if (!text.empty()) {
    const std::optional<int32_t> exponent = ParseExponent(text);
    if (!exponent) return std::nullopt;
    value.exponent = *exponent;
  }
  value.whole.remove_prefix(std::min(value.whole.find_first_not_of('0'), value.whole.size()));
  return value;
}

int32_t Decimal::WholeDigitsRounded(int32_t scale) const {
  const int32_t digits = WholeDigits();
  if (SignificantScale() <= scale) return digits;
  // A carry reaches past the first digit where all that stay are nines and the next rounds up.
  const DigitPlaces places(*this);
  if (places.At(-scale - 1) < 5) return digits;
  for (int32_t place = -scale; place < digits; ++place) {
    if (places.At(place) != 9) return digits;
  }
  return std::max(digits, -scale) + 1;
}

void AppendNumeric(const Decimal& value, std::vector<char>& out) {
  constexpr size_t kInt64Digits = 18;
  const bool plain = value.kind == Decimal::Kind::kFinite && value.exponent == 0;
  if (plain && value.whole.size() + value.fraction.size() <= kInt64Digits) {
    int64_t unscaled = 0;
    for (const char c : value.whole) unscaled = unscaled * 10 + (c - '0');
    for (const char c : value.fraction) unscaled = unscaled * 10 + (c - '0');
    AppendNumeric(value.negative ? -unscaled : unscaled, value.Scale(), out);
    return;
  }
  AppendNumericRounded(value, kNumericScaleMax, out);
}

void AppendNumericRounded(const Decimal& value, int32_t scale, std::vector<char>& out) {
  if (value.kind != Decimal::Kind::kFinite) {
    AppendSpecial(value.kind, out);
    return;
  }
  CHECK(value.FitsNumeric());
  const bool rounds = value.SignificantScale() > scale;
  const int32_t last_place = rounds ? -scale : -value.Scale();
  const DigitPlaces digits(value);

  // One group more than the digits have takes the carry of a rounding.
  const int32_t top = FloorDivide(value.WholeDigits() - 1, kDigitsPerGroup) + (rounds ? 1 : 0);
  const int32_t bottom = FloorDivide(last_place, kDigitsPerGroup);
  const size_t begin = out.size();
  const int32_t weight = std::max(top, bottom);
  const size_t groups = static_cast<size_t>(weight - bottom) + 1;
  out.resize(begin + kNumericHeadBytes + 2 * groups);
  char* const first = out.data() + begin + kNumericHeadBytes;
  for (size_t i = 0; i < groups; ++i) {
    PutBigEndian(static_cast<uint16_t>(digits.Group(weight - static_cast<int32_t>(i))),
                 first + 2 * i);
  }

  if (rounds) {
    int unit = 1;  // of the last place that stays, in its group
    for (int32_t place = bottom * kDigitsPerGroup; place < last_place; ++place) unit *= 10;
    char* group = first + 2 * (groups - 1);
    int number = GetUint16(group) / unit * unit;
    if (digits.At(last_place - 1) >= 5) number += unit;
    while (number >= kGroupBase) {
      PutBigEndian(static_cast<uint16_t>(number - kGroupBase), group);
      CHECK(group > first);
      group -= 2;
      number = GetUint16(group) + 1;
    }
    PutBigEndian(static_cast<uint16_t>(number), group);
  }
  const int32_t shown = rounds ? std::max(scale, 0) : value.Scale();
  FinishNumeric(begin, weight, value.negative, shown, out);
}

void AppendNumeric(__int128 unscaled, int32_t scale, std::vector<char>& out) {
  CHECK(-kNegativeScaleMax <= scale && scale <= kNumericScaleMax);
  const bool negative = unscaled < 0;
  const auto magnitude = negative ? -static_cast<unsigned __int128>(unscaled)
                                  : static_cast<unsigned __int128>(unscaled);
  const int32_t bottom = FloorDivide(-scale, kDigitsPerGroup);
  const int32_t padding = -scale - bottom * kDigitsPerGroup;
  uint16_t groups[kInt128GroupsMax];
  // Most numbers fit 64 bits, where a division is many times cheaper.
  const size_t count = magnitude <= UINT64_MAX
                           ? SplitGroups(static_cast<uint64_t>(magnitude), padding, groups)
                           : SplitGroups(magnitude, padding, groups);
  const size_t begin = out.size();
  out.resize(begin + kNumericHeadBytes + 2 * count);
  for (size_t i = 0; i < count; ++i) {
    PutBigEndian(groups[count - 1 - i], out.data() + begin + kNumericHeadBytes + 2 * i);
  }
  FinishNumeric(begin, bottom + static_cast<int32_t>(count) - 1, negative, std::max(scale, 0), out);
}

void AppendArrayHead(std::span<const int32_t> lengths, bool has_nulls, uint32_t element_oid,
                     std::vector<char>& out) {
  constexpr size_t kDimensionsMax = 6;  // MAXDIM of array.h
  CHECK(lengths.size() <= kDimensionsMax);
  AppendInt32(static_cast<int32_t>(lengths.size()), out);
  AppendInt32(has_nulls ? 1 : 0, out);
  AppendUint32(element_oid, out);
  for (const int32_t length : lengths) {
    AppendInt32(length, out);
    AppendInt32(1, out);
  }
}

void AppendNullElement(std::vector<char>& out) { AppendInt32(-1, out); }

void AppendElement(std::string_view bytes, std::vector<char>& out) {
  AppendInt32(static_cast<int32_t>(bytes.size()), out);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

size_t BeginElement(std::vector<char>& out) {
  AppendInt32(0, out);
  return out.size();
}

void EndElement(size_t begun, std::vector<char>& out) {
  PutBigEndian(static_cast<uint32_t>(out.size() - begun), out.data() + begun - sizeof(uint32_t));
}

void AppendInet(std::span<const uint8_t> address, uint8_t bits, bool cidr, std::vector<char>& out) {
  constexpr size_t kBytes4 = 4;
  constexpr size_t kBytes6 = 16;
  constexpr char kFamily4 = 2;  // PGSQL_AF_INET
  constexpr char kFamily6 = 3;  // PGSQL_AF_INET6
  CHECK(address.size() == kBytes4 || address.size() == kBytes6);
  CHECK(bits <= 8 * address.size());
  out.push_back(address.size() == kBytes4 ? kFamily4 : kFamily6);
  out.push_back(static_cast<char>(bits));
  out.push_back(cidr ? 1 : 0);
  out.push_back(static_cast<char>(address.size()));
  out.insert(out.end(), address.begin(), address.end());
}

}  // namespace eclusa
