#include "convert/number_digits.h"

#include <algorithm>

#include "types/digits.h"
#include "types/number.h"

namespace eclusa {
namespace {

constexpr int kExponentMost = 100'000;  // far beyond any decimal; keeps sums in range

std::string_view TakeDigits(std::string_view& text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

bool TakeSign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

// False: no exponent that is one. Nothing at all is the exponent 0.
bool ReadExponent(std::string_view text, int* exponent) {
  *exponent = 0;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  const bool negative = TakeSign(text);
  const std::string_view digits = TakeDigits(text);
  if (digits.empty() || !text.empty()) return false;
  for (const char c : digits) *exponent = std::min(*exponent * 10 + (c - '0'), kExponentMost);
  if (negative) *exponent = -*exponent;
  return true;
}

int SizeOf(std::string_view digits) {
  return static_cast<int>(std::min(digits.size(), size_t{kExponentMost}));
}

}  // namespace

bool NumberDigits::Add(std::string_view text) {
  std::string_view rest = text;
  const bool negative = TakeSign(rest);
  const std::string_view whole = TakeDigits(rest);
  std::string_view fraction;
  const bool point = rest.starts_with('.');
  if (point) {
    rest.remove_prefix(1);
    fraction = TakeDigits(rest);
  }
  int exponent = 0;
  const bool has_exponent = !rest.empty();
  if (whole.empty() || (point && fraction.empty()) || !ReadExponent(rest, &exponent)) return false;

  any_ = true;
  const size_t first = whole.find_first_not_of('0');
  const bool zero =
      first == whole.npos && fraction.find_first_not_of('0') == std::string_view::npos;
  const bool plain = !point && !has_exponent && !text.starts_with('+') &&
                     (whole[0] != '0' || (whole.size() == 1 && !negative));
  int64_t value = 0;
  integers_ = integers_ && plain && ReadInteger(text, &value) == Fault::kNone;
  exact_ = exact_ && !(zero && negative);
  const int whole_digits = first == whole.npos ? 0 : SizeOf(whole.substr(first));
  const int scale = std::max(0, SizeOf(fraction) - exponent);
  scale_ = std::max(scale_, scale);
  if (!zero) whole_ = std::max(whole_, whole_digits + exponent);
  return true;
}

void NumberDigits::Merge(const NumberDigits& other) {
  if (!other.any_) return;
  any_ = true;
  integers_ = integers_ && other.integers_;
  exact_ = exact_ && other.exact_;
  whole_ = std::max(whole_, other.whole_);
  scale_ = std::max(scale_, other.scale_);
}

}  // namespace eclusa
