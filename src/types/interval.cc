#include "types/interval.h"

#include "types/digits.h"

namespace eclusa {
namespace {

enum class Unit : uint8_t { kYear, kMonth, kWeek, kDay, kHour, kMinute, kSecond, kNone };

struct UnitName {
  std::string_view name;
  Unit unit;
};

constexpr UnitName kUnitNames[] = {
    {"year", Unit::kYear},      {"years", Unit::kYear},     {"mon", Unit::kMonth},
    {"mons", Unit::kMonth},     {"month", Unit::kMonth},    {"months", Unit::kMonth},
    {"week", Unit::kWeek},      {"weeks", Unit::kWeek},     {"day", Unit::kDay},
    {"days", Unit::kDay},       {"hour", Unit::kHour},      {"hours", Unit::kHour},
    {"min", Unit::kMinute},     {"mins", Unit::kMinute},    {"minute", Unit::kMinute},
    {"minutes", Unit::kMinute}, {"sec", Unit::kSecond},     {"secs", Unit::kSecond},
    {"second", Unit::kSecond},  {"seconds", Unit::kSecond},
};

constexpr unsigned kClockUnits = 1U << static_cast<unsigned>(Unit::kHour) |
                                 1U << static_cast<unsigned>(Unit::kMinute) |
                                 1U << static_cast<unsigned>(Unit::kSecond);

// Sums the parts of one interval.
class Reader {
 public:
  Reader(std::string_view text, FractionLimits limits, bool* bent)
      : text_(text), limits_(limits), bent_(bent) {}

  Fault ReadIso(Interval* interval) {
    iso_ = true;
    text_.remove_prefix(1);
    bool clock = false;
    bool any = false;
    while (!text_.empty()) {
      if (text_[0] == 'T') {
        if (clock || text_.size() == 1) return Fault::kForm;
        clock = true;
        text_.remove_prefix(1);
      }
      Number number;
      Fault fault = TakeNumber(&number);
      if (fault != Fault::kNone) return fault;
      if (text_.empty()) return Fault::kForm;
      const Unit unit = IsoUnit(text_[0], clock);
      text_.remove_prefix(1);
      fault = Add(number, unit);
      if (fault != Fault::kNone) return fault;
      any = true;
    }
    *interval = sum_;
    return any ? FitClock(interval) : Fault::kForm;
  }

  Fault ReadPostgres(Interval* interval) {
    while (true) {
      const size_t colon = text_.find(':');
      const size_t space = text_.find(' ');
      if (colon != text_.npos && colon < space) {
        const Fault fault = TakeClock();
        if (fault != Fault::kNone) return fault;
      } else {
        Number number;
        Fault fault = TakeNumber(&number);
        if (fault != Fault::kNone) return fault;
        if (text_.empty() || text_[0] != ' ') return Fault::kForm;
        text_.remove_prefix(1);
        fault = Add(number, TakeUnit());
        if (fault != Fault::kNone) return fault;
      }
      if (text_.empty()) break;
      if (text_[0] != ' ') return Fault::kForm;
      text_.remove_prefix(1);
    }
    *interval = sum_;
    return FitClock(interval);
  }

 private:
  struct Number {
    bool negative = false;
    bool has_fraction = false;
    int64_t whole = 0;  // without sign
    int64_t fraction_microseconds = 0;
  };

  static Unit IsoUnit(char c, bool clock) {
    switch (c) {
      case 'Y':
        return clock ? Unit::kNone : Unit::kYear;
      case 'M':
        return clock ? Unit::kMinute : Unit::kMonth;
      case 'W':
        return clock ? Unit::kNone : Unit::kWeek;
      case 'D':
        return clock ? Unit::kNone : Unit::kDay;
      case 'H':
        return clock ? Unit::kHour : Unit::kNone;
      case 'S':
        return clock ? Unit::kSecond : Unit::kNone;
      default:
        return Unit::kNone;
    }
  }

  bool TakeDigits(int64_t* value) {
    size_t count = 0;
    while (count < text_.size() && IsDigit(text_[count])) ++count;
    uint64_t digits = 0;
    if (count == 0 || count > 18 || !ReadDigits(text_.data(), count, &digits)) return false;
    *value = static_cast<int64_t>(digits);
    text_.remove_prefix(count);
    return true;
  }

  bool TakeSign() {
    const bool negative = !text_.empty() && text_[0] == '-';
    if (negative || (!text_.empty() && text_[0] == '+')) text_.remove_prefix(1);
    return negative;
  }

  Fault TakeFraction(int64_t* microseconds) {
    text_.remove_prefix(1);
    size_t count = 0;
    while (count < text_.size() && IsDigit(text_[count])) ++count;
    const FractionLimits all{6, limits_.excess};
    const Fault fault = ReadFraction(text_.substr(0, count), all, microseconds, bent_);
    text_.remove_prefix(count);
    return fault;
  }

  Fault TakeNumber(Number* number) {
    // ISO 8601 knows no plus.
    if (iso_ && text_.starts_with('+')) return Fault::kForm;
    number->negative = TakeSign();
    if (!TakeDigits(&number->whole)) return Fault::kForm;
    if (text_.empty() || text_[0] != '.') return Fault::kNone;
    number->has_fraction = true;
    return TakeFraction(&number->fraction_microseconds);
  }

  Unit TakeUnit() {
    size_t end = text_.find(' ');
    if (end == text_.npos) end = text_.size();
    const std::string_view word = text_.substr(0, end);
    text_.remove_prefix(end);
    for (const UnitName& known : kUnitNames) {
      if (known.name == word) return known.unit;
    }
    return Unit::kNone;
  }

  // Each unit at most once.
  bool Claim(unsigned units) {
    const bool free = (claimed_ & units) == 0;
    claimed_ |= units;
    return free;
  }

  Fault Add(const Number& number, Unit unit) {
    if (unit == Unit::kNone || !Claim(1U << static_cast<unsigned>(unit)) ||
        (number.has_fraction && unit != Unit::kSecond)) {
      return Fault::kForm;
    }
    const int64_t value = number.negative ? -number.whole : number.whole;
    switch (unit) {
      case Unit::kYear:
        return AddTo(&sum_.months, value, 12);
      case Unit::kMonth:
        return AddTo(&sum_.months, value, 1);
      case Unit::kWeek:
        return AddTo(&sum_.days, value, 7);
      case Unit::kDay:
        return AddTo(&sum_.days, value, 1);
      case Unit::kHour:
        return AddTo(&sum_.microseconds, value, 3600 * kMicrosecondsPerSecond);
      case Unit::kMinute:
        return AddTo(&sum_.microseconds, value, 60 * kMicrosecondsPerSecond);
      default:
        break;
    }
    const Fault fault = AddTo(&sum_.microseconds, value, kMicrosecondsPerSecond);
    if (fault != Fault::kNone) return fault;
    const int64_t fraction = number.fraction_microseconds;
    return AddTo(&sum_.microseconds, number.negative ? -fraction : fraction, 1);
  }

  template <class T>
  static Fault AddTo(T* sum, int64_t value, int64_t unit) {
    int64_t product;
    if (__builtin_mul_overflow(value, unit, &product) ||
        __builtin_add_overflow(*sum, product, sum)) {
      return Fault::kOverflow;
    }
    return Fault::kNone;
  }

  // [+-]HH:mm[:ss[.f]], any number of hours.
  Fault TakeClock() {
    if (!Claim(kClockUnits)) return Fault::kForm;
    const bool negative = TakeSign();
    int64_t hours, fraction = 0;
    int minutes, seconds = 0;
    if (!TakeDigits(&hours) || !TakeSexagesimal(&minutes)) return Fault::kForm;
    // PostgreSQL reads 01:02.5 as minutes and seconds: a fraction wants its seconds before it.
    if (!text_.empty() && text_[0] == ':') {
      if (!TakeSexagesimal(&seconds)) return Fault::kForm;
      if (!text_.empty() && text_[0] == '.') {
        const Fault fault = TakeFraction(&fraction);
        if (fault != Fault::kNone) return fault;
      }
    }
    int64_t total = 0;
    if (AddTo(&total, hours, 3600) != Fault::kNone ||
        AddTo(&total, minutes * 60 + seconds, 1) != Fault::kNone) {
      return Fault::kOverflow;
    }
    const int sign = negative ? -1 : 1;
    const Fault fault = AddTo(&sum_.microseconds, sign * total, kMicrosecondsPerSecond);
    return fault != Fault::kNone ? fault : AddTo(&sum_.microseconds, sign * fraction, 1);
  }

  bool TakeSexagesimal(int* value) {
    if (text_.size() < 3 || text_[0] != ':' || !ReadTwoDigits(text_.data() + 1, value) ||
        *value > 59) {
      return false;
    }
    text_.remove_prefix(3);
    return true;
  }

  Fault FitClock(Interval* interval) {
    return FitFraction(limits_, &interval->microseconds, bent_);
  }

  std::string_view text_;
  FractionLimits limits_;
  bool* bent_;
  bool iso_ = false;
  Interval sum_;
  unsigned claimed_ = 0;
};

}  // namespace

Fault ReadInterval(std::string_view text, FractionLimits limits, Interval* interval, bool* bent) {
  if (text.empty()) return Fault::kForm;
  Reader reader(text, limits, bent);
  return text[0] == 'P' ? reader.ReadIso(interval) : reader.ReadPostgres(interval);
}

}  // namespace eclusa
