#include "types/date_pattern.h"

#include <set>

#include "types/digits.h"

namespace eclusa {

std::optional<DatePattern::Part> DatePattern::PartOf(char letter, size_t run) {
  const auto count = static_cast<uint8_t>(run);
  // Two digits for a doubled letter, one or two for a single one.
  const auto short_number = [&](Field field) -> std::optional<Part> {
    return run <= 2 ? std::optional(Part{field, count, 2, 0}) : std::nullopt;
  };
  switch (letter) {
    case 'y':
      return run == 4 || run == 2 ? std::optional(Part{Field::kYear, count, count, 0})
                                  : std::nullopt;
    case 'M':
      return short_number(Field::kMonth);
    case 'd':
      return short_number(Field::kDay);
    case 'H':
      return short_number(Field::kHour);
    case 'm':
      return short_number(Field::kMinute);
    case 's':
      return short_number(Field::kSecond);
    case 'S':
      return run <= 9 ? std::optional(Part{Field::kFraction, 1, count, 0}) : std::nullopt;
    case 'X':
      return run <= 3 ? std::optional(Part{Field::kOffset, 0, 0, 0}) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<DatePattern> DatePattern::Compile(std::string_view pattern,
                                                std::optional<int> pivot_year) {
  DatePattern compiled;
  std::set<Field> seen;
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
    const std::optional<Part> part = PartOf(c, run);
    if (!part || !seen.insert(part->field).second) return std::nullopt;
    compiled.has_short_year_ |= part->field == Field::kYear && part->digits_max == 2;
    compiled.parts_.push_back(*part);
  }
  if (compiled.has_short_year_ && !pivot_year) return std::nullopt;
  compiled.pivot_year_ = pivot_year.value_or(0);
  const auto has = [&seen](Field field) { return seen.count(field) != 0; };
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
  int year = value(Field::kYear);
  if (has_short_year_) year = pivot_year_ + (year + 100 - pivot_year_ % 100) % 100;
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
