#include "types/date_pattern.h"

#include "types/digits.h"

namespace eclusa {

std::optional<DatePattern> DatePattern::Compile(std::string_view pattern) {
  DatePattern compiled;
  unsigned seen = 0;
  const auto literal = [&](char c) { compiled.parts_.push_back({Field::kLiteral, 0, 0, c}); };
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\'') {
      const size_t end = pattern.find('\'', i + 1);
      if (end == pattern.npos) return std::nullopt;
      if (end == i + 1) literal('\'');
      for (size_t k = i + 1; k < end; ++k) literal(pattern[k]);
      i = end + 1;
      continue;
    }
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
      if (IsDigit(c)) return std::nullopt;
      literal(c);
      ++i;
      continue;
    }
    size_t run = 1;
    while (i + run < pattern.size() && pattern[i + run] == c) ++run;
    i += run;
    Part part{Field::kLiteral, static_cast<uint8_t>(run), 2, 0};
    switch (c) {
      case 'y':
        part = {Field::kYear, 4, 4, 0};
        break;
      case 'M':
        part.field = Field::kMonth;
        break;
      case 'd':
        part.field = Field::kDay;
        break;
      case 'H':
        part.field = Field::kHour;
        break;
      case 'm':
        part.field = Field::kMinute;
        break;
      case 's':
        part.field = Field::kSecond;
        break;
      case 'S':
        part = {Field::kFraction, 1, static_cast<uint8_t>(run), 0};
        break;
      case 'X':
        part = {Field::kOffset, 0, 0, 0};
        break;
      default:
        return std::nullopt;
    }
    const bool length_ok = c == 'y'   ? run == 4
                           : c == 'S' ? run <= 9
                           : c == 'X' ? run <= 3
                                      : run <= 2;
    const unsigned bit = 1U << static_cast<unsigned>(part.field);
    if (!length_ok || (seen & bit) != 0) return std::nullopt;
    seen |= bit;
    compiled.parts_.push_back(part);
  }
  const auto has = [seen](Field field) { return (seen >> static_cast<unsigned>(field) & 1U) != 0; };
  compiled.has_time_ = has(Field::kHour);
  const bool finer =
      has(Field::kMinute) || has(Field::kSecond) || has(Field::kFraction) || has(Field::kOffset);
  const bool gaps = (finer && !has(Field::kHour)) ||
                    (has(Field::kSecond) && !has(Field::kMinute)) ||
                    (has(Field::kFraction) && !has(Field::kSecond));
  if (!has(Field::kYear) || !has(Field::kMonth) || !has(Field::kDay) || gaps) return std::nullopt;
  return compiled;
}

Fault DatePattern::Read(std::string_view text, FractionLimits limits, WrittenTimestamp* written,
                        bool* bent) const {
  int values[9] = {};
  int64_t fraction = 0;
  size_t at = 0;
  for (const Part& part : parts_) {
    if (part.field == Field::kLiteral) {
      if (at >= text.size() || text[at] != part.literal) return Fault::kForm;
      ++at;
      continue;
    }
    if (part.field == Field::kOffset) {
      size_t end = at;
      while (end < text.size() && (IsDigit(text[end]) || text[end] == ':' || (end == at))) ++end;
      if (!ReadOffset(text.substr(at, end - at), &written->offset_seconds)) return Fault::kForm;
      written->has_offset = true;
      at = end;
      continue;
    }
    size_t digits = 0;
    while (digits < part.digits_max && at + digits < text.size() && IsDigit(text[at + digits]))
      ++digits;
    if (digits < part.digits_min) return Fault::kForm;
    if (part.field == Field::kFraction) {
      const Fault fault = ReadFraction(text.substr(at, digits), limits, &fraction, bent);
      if (fault != Fault::kNone) return fault;
    } else {
      uint64_t value = 0;
      ReadDigits(text.data() + at, digits, &value);
      values[static_cast<size_t>(part.field)] = static_cast<int>(value);
    }
    at += digits;
  }
  if (at != text.size()) return Fault::kForm;
  const auto value = [&values](Field field) { return values[static_cast<size_t>(field)]; };
  const int year = value(Field::kYear);
  if (year == 0 || !IsCivilDate(year, value(Field::kMonth), value(Field::kDay)) ||
      value(Field::kHour) > 23 || value(Field::kMinute) > 59 || value(Field::kSecond) > 59) {
    return Fault::kForm;
  }
  const int64_t seconds =
      (value(Field::kHour) * 60 + value(Field::kMinute)) * 60 + value(Field::kSecond);
  written->microseconds =
      DaysFromCivil(year, value(Field::kMonth), value(Field::kDay)) * kMicrosecondsPerDay +
      seconds * kMicrosecondsPerSecond + fraction;
  return Fault::kNone;
}

}  // namespace eclusa
