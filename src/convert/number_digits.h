// NumberDigits: what the numbers of a column have in common: whether int64 holds them all, and how
// many digits a decimal needs that holds them without losing one.
//
// An exponent is worked out (1e3 is 1000, 1.5e-3 is 0.0015): the value is kept, its spelling not.
// Zeros at the end count (1.10 has two digits after the point). A negative zero is no decimal.
// Values; pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace eclusa {

class NumberDigits {
 public:
  static constexpr int kDigitsMax = 76;  // of decimal256

  // A number as JSON writes it, or with a plus or zeros before it. False: it is none; not counted.
  bool Add(std::string_view text);

  void Merge(const NumberDigits& other);

  bool any() const { return any_; }
  // All are digits with a minus at most, without a zero before them, and in int64's range.
  bool all_integers() const { return any_ && integers_; }
  bool fits_decimal() const { return any_ && exact_ && precision() <= kDigitsMax; }
  int precision() const { return whole_ + scale_ == 0 ? 1 : whole_ + scale_; }
  int scale() const { return scale_; }

 private:
  bool any_ = false;
  bool integers_ = true;
  bool exact_ = true;
  int whole_ = 0;  // digits before the point
  int scale_ = 0;  // and behind it
};

}  // namespace eclusa
