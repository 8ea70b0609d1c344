#include "types/datetime.h"

#include "types/digits.h"

namespace eclusa {
namespace {

constexpr int kYearDigitsMax = 7;
constexpr int kOffsetHoursMax = 15;  // MAX_TZDISP_HOUR of datetime.c
constexpr int64_t kYearMax = 5874897;

// `lower` is in lower case.
bool EqualsLower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

bool ReadInfinity(std::string_view text, bool* negative) {
  if (text.size() < 8 || text.size() > 9) return false;
  *negative = text[0] == '-';
  if (text[0] == '-') text.remove_prefix(1);
  return EqualsLower(text, "infinity");
}

struct Civil {
  int64_t year = 0;
  int month = 0;
  int day = 0;
};

// yyyy-MM-dd, ten characters, in one word and two digits.
bool ReadShortCivil(const char* at, Civil* civil) {
  // Both hyphens become zeros, so that all eight are digits: yyyy0MM0.
  constexpr uint64_t kHyphens = uint64_t{'-' ^ '0'} << 32 | uint64_t{'-' ^ '0'} << 56;
  const uint64_t word = LoadEight(at) ^ kHyphens;
  if (at[4] != '-' || at[7] != '-' || !AreEightDigits(word)) return false;
  const uint32_t value = ValueOfEightDigits(word);
  civil->year = value / 10000;
  civil->month = static_cast<int>(value % 10000 / 10);
  return ReadTwoDigits(at + 8, &civil->day) && civil->year != 0;
}

// HH:mm:ss, eight characters, in one word; in seconds.
bool ReadShortClock(const char* at, int64_t* seconds) {
  constexpr uint64_t kColons = uint64_t{':' ^ '0'} << 16 | uint64_t{':' ^ '0'} << 40;
  const uint64_t word = LoadEight(at) ^ kColons;
  if (at[2] != ':' || at[5] != ':' || !AreEightDigits(word)) return false;
  const uint32_t value = ValueOfEightDigits(word);  // HH0mm0ss
  const uint32_t hour = value / 1000000;
  const uint32_t minute = value / 1000 % 1000;
  const uint32_t second = value % 1000;
  *seconds = (hour * 60 + minute) * 60 + second;
  return hour < 24 && minute < 60 && second < 60;
}

// yyyy-MM-dd at the head of `text`; how many characters it takes, 0: not such a text.
size_t ReadCivil(std::string_view text, Civil* civil) {
  size_t digits = 0;
  while (digits < text.size() && digits <= kYearDigitsMax && IsDigit(text[digits])) ++digits;
  if (digits < 4 || digits > kYearDigitsMax || text.size() < digits + 6) return 0;
  uint64_t year = 0;
  const char* rest = text.data() + digits;
  if (rest[0] != '-' || rest[3] != '-' || !ReadDigits(text.data(), digits, &year) ||
      !ReadTwoDigits(rest + 1, &civil->month) || !ReadTwoDigits(rest + 4, &civil->day)) {
    return 0;
  }
  civil->year = static_cast<int64_t>(year);
  return digits + 6;
}

// Takes " BC" off the end of `text`.
bool TakeEra(std::string_view* text) {
  if (text->size() < 3 || !EqualsLower(text->substr(text->size() - 2), "bc") ||
      (*text)[text->size() - 3] != ' ') {
    return false;
  }
  text->remove_suffix(3);
  return true;
}

Fault CivilDays(Civil civil, bool before_christ, int64_t* days) {
  if (civil.year == 0 || civil.year > kYearMax) return Fault::kOverflow;
  if (before_christ) civil.year = 1 - civil.year;
  if (!IsCivilDate(civil.year, civil.month, civil.day)) return Fault::kForm;
  *days = DaysFromCivil(civil.year, civil.month, civil.day);
  return Fault::kNone;
}

// HH:mm[:ss[.f]] at the head of `text`, its length in *used.
Fault ReadClock(std::string_view text, FractionLimits limits, int64_t* microseconds, size_t* used,
                bool* bent) {
  int hour, minute, second = 0;
  if (text.size() < 5 || text[2] != ':' || !ReadTwoDigits(text.data(), &hour) ||
      !ReadTwoDigits(text.data() + 3, &minute)) {
    return Fault::kForm;
  }
  size_t at = 5;
  int64_t fraction = 0;
  if (text.size() > at && text[at] == ':') {
    if (text.size() < at + 3 || !ReadTwoDigits(text.data() + at + 1, &second)) return Fault::kForm;
    at += 3;
    if (text.size() > at && text[at] == '.') {
      const size_t begin = ++at;
      while (at < text.size() && IsDigit(text[at])) ++at;
      const Fault fault = ReadFraction(text.substr(begin, at - begin), limits, &fraction, bent);
      if (fault != Fault::kNone) return fault;
    }
  }
  if (hour > 24 || minute > 59 || second > 59) return Fault::kForm;
  const int64_t seconds = (hour * 60 + minute) * 60 + second;
  *microseconds = seconds * kMicrosecondsPerSecond + fraction;
  *used = at;
  return *microseconds > kMicrosecondsPerDay ? Fault::kForm : Fault::kNone;
}

}  // namespace

int64_t DaysFromCivil(int64_t year, int month, int day) {
  // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March.
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468 - kPostgresEpochDays;
}

bool IsCivilDate(int64_t year, int month, int day) {
  static constexpr uint8_t kDays[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  if (day <= kDays[month]) return true;
  return month == 2 && day == 29 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

Fault ReadDate(std::string_view text, int32_t* days) {
  Civil civil;
  int64_t wide;
  if (text.size() == 10 && ReadShortCivil(text.data(), &civil)) [[likely]] {
    if (!IsCivilDate(civil.year, civil.month, civil.day)) return Fault::kForm;
    *days = static_cast<int32_t>(DaysFromCivil(civil.year, civil.month, civil.day));
    return Fault::kNone;
  }
  bool negative;
  if (ReadInfinity(text, &negative)) {
    *days = negative ? kDateMinusInfinity : kDateInfinity;
    return Fault::kNone;
  }
  const bool before_christ = TakeEra(&text);
  if (text.empty() || ReadCivil(text, &civil) != text.size()) return Fault::kForm;
  const Fault fault = CivilDays(civil, before_christ, &wide);
  if (fault != Fault::kNone) return fault;
  if (wide < kDateMin || wide >= kDateEnd) return Fault::kOverflow;
  *days = static_cast<int32_t>(wide);
  return Fault::kNone;
}

Fault ReadTime(std::string_view text, FractionLimits limits, int64_t* microseconds, bool* bent) {
  size_t used = 0;
  const Fault fault = ReadClock(text, limits, microseconds, &used, bent);
  if (fault != Fault::kNone) return fault;
  return used == text.size() ? Fault::kNone : Fault::kForm;
}

namespace {

// The usual spelling, yyyy-MM-dd HH:mm:ss[.f][offset], without looking at anything twice; false:
// take the long way.
bool ReadUsualTimestamp(std::string_view text, FractionLimits limits, WrittenTimestamp* written,
                        bool* bent) {
  Civil civil;
  int64_t seconds = 0;
  if (text.size() < 19 || (text[10] != ' ' && text[10] != 'T') ||
      !ReadShortCivil(text.data(), &civil) || !ReadShortClock(text.data() + 11, &seconds) ||
      !IsCivilDate(civil.year, civil.month, civil.day)) {
    return false;
  }
  size_t at = 19;
  int64_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    const size_t begin = ++at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    if (ReadFraction(text.substr(begin, at - begin), limits, &fraction, bent) != Fault::kNone)
      return false;
  }
  if (at < text.size()) {
    if (!ReadOffset(text.substr(at), &written->offset_seconds)) return false;
    written->has_offset = true;
  }
  written->microseconds = DaysFromCivil(civil.year, civil.month, civil.day) * kMicrosecondsPerDay +
                          seconds * kMicrosecondsPerSecond + fraction;
  return true;
}

}  // namespace

Fault ReadTimestamp(std::string_view text, FractionLimits limits, WrittenTimestamp* written,
                    bool* bent) {
  if (ReadUsualTimestamp(text, limits, written, bent)) [[likely]]
    return Fault::kNone;
  bool negative;
  if (ReadInfinity(text, &negative)) {
    written->kind =
        negative ? WrittenTimestamp::Kind::kMinusInfinity : WrittenTimestamp::Kind::kInfinity;
    return Fault::kNone;
  }
  const bool before_christ = TakeEra(&text);
  Civil civil;
  const size_t date_end = ReadCivil(text, &civil);
  if (date_end == 0) return Fault::kForm;
  int64_t days;
  Fault fault = CivilDays(civil, before_christ, &days);
  if (fault != Fault::kNone) return fault;
  text.remove_prefix(date_end);
  int64_t clock = 0;
  if (!text.empty()) {
    if (text[0] != ' ' && text[0] != 'T') return Fault::kForm;
    text.remove_prefix(1);
    size_t used = 0;
    fault = ReadClock(text, limits, &clock, &used, bent);
    if (fault != Fault::kNone) return fault;
    if (clock == kMicrosecondsPerDay) return Fault::kForm;
    text.remove_prefix(used);
    if (text.size() > 1 && text[0] == ' ') text.remove_prefix(1);
    if (!text.empty()) {
      if (!ReadOffset(text, &written->offset_seconds)) return Fault::kForm;
      written->has_offset = true;
    }
  }
  // The day after the last one: an offset may still bring it back. There is room for it in 64 bits.
  if (days < kDateMin || days > kTimestampEnd / kMicrosecondsPerDay) return Fault::kOverflow;
  written->microseconds = days * kMicrosecondsPerDay + clock;
  return Fault::kNone;
}

Fault ToTimestamp(const WrittenTimestamp& written, int64_t* microseconds) {
  if (written.kind != WrittenTimestamp::Kind::kFinite) {
    const bool negative = written.kind == WrittenTimestamp::Kind::kMinusInfinity;
    *microseconds = negative ? kTimestampMinusInfinity : kTimestampInfinity;
    return Fault::kNone;
  }
  if (written.has_offset) return Fault::kZone;
  *microseconds = written.microseconds;
  return IsTimestampInRange(*microseconds) ? Fault::kNone : Fault::kOverflow;
}

Fault FitFraction(FractionLimits limits, int64_t* microseconds, bool* bent) {
  if (limits.digits_max >= 6) return Fault::kNone;
  const auto unit = static_cast<int64_t>(kPowersOfTen[6 - limits.digits_max]);
  int64_t excess = *microseconds % unit;
  if (excess == 0) return Fault::kNone;
  if (limits.excess == Excess::kRefuse) return Fault::kScale;
  *bent = true;
  // Downwards, before the epoch too: what is cut off is digits of the text.
  if (excess < 0) excess += unit;
  *microseconds -= excess;
  if (limits.excess == Excess::kRound && 2 * excess >= unit) *microseconds += unit;
  return Fault::kNone;
}

Fault ReadFraction(std::string_view digits, FractionLimits limits, int64_t* microseconds,
                   bool* bent) {
  if (digits.empty()) return Fault::kForm;
  uint64_t value = 0;
  const size_t kept = digits.size() < 6 ? digits.size() : 6;
  if (!ReadDigits(digits.data(), kept, &value)) return Fault::kForm;
  *microseconds = static_cast<int64_t>(value * kPowersOfTen[6 - kept]);
  const size_t more = digits.find_first_not_of('0', kept);
  if (more != digits.npos) {
    if (limits.excess == Excess::kRefuse) return Fault::kScale;
    *bent = true;
    // Rounding to fewer than six digits looks at the sixth, never at what is beyond it.
    if (limits.excess == Excess::kRound && limits.digits_max >= 6 && digits[kept] >= '5') {
      ++*microseconds;
    }
  }
  return FitFraction(limits, microseconds, bent);
}

bool ReadOffset(std::string_view text, int32_t* seconds) {
  if (text == "Z" || text == "z") {
    *seconds = 0;
    return true;
  }
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return false;
  int hour, minute = 0, second = 0;
  const char* at = text.data();
  if (!ReadTwoDigits(at + 1, &hour)) return false;
  switch (text.size()) {
    case 3:
      break;
    case 5:
      if (!ReadTwoDigits(at + 3, &minute)) return false;
      break;
    case 9:
      if (at[6] != ':' || !ReadTwoDigits(at + 7, &second)) return false;
      [[fallthrough]];
    case 6:
      if (at[3] != ':' || !ReadTwoDigits(at + 4, &minute)) return false;
      break;
    default:
      return false;
  }
  if (hour > kOffsetHoursMax || minute > 59 || second > 59) return false;
  const int32_t magnitude = (hour * 60 + minute) * 60 + second;
  *seconds = text[0] == '-' ? -magnitude : magnitude;
  return true;
}

}  // namespace eclusa
