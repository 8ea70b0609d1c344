#include "contract/value_tally.h"

#include <algorithm>
#include <array>

#include "types/date_pattern.h"
#include "types/datetime.h"
#include "types/digits.h"
#include "types/number.h"
#include "types/scalar.h"

namespace eclusa {
namespace {

struct KnownPattern {
  std::string_view text;
  std::string_view twin;  // the same with day and month exchanged
};

constexpr KnownPattern kPatterns[] = {
    {"dd/MM/yyyy", "MM/dd/yyyy"},
    {"MM/dd/yyyy", "dd/MM/yyyy"},
    {"dd-MM-yyyy", "MM-dd-yyyy"},
    {"MM-dd-yyyy", "dd-MM-yyyy"},
    {"dd.MM.yyyy", ""},
    {"dd/MM/yyyy HH:mm:ss", "MM/dd/yyyy HH:mm:ss"},
    {"MM/dd/yyyy HH:mm:ss", "dd/MM/yyyy HH:mm:ss"},
    {"dd/MM/yyyy HH:mm", "MM/dd/yyyy HH:mm"},
    {"MM/dd/yyyy HH:mm", "dd/MM/yyyy HH:mm"},
};

const std::vector<DatePattern>& CompiledPatterns() {
  static const std::vector<DatePattern> compiled = [] {
    std::vector<DatePattern> patterns;
    for (const KnownPattern& pattern : kPatterns) {
      patterns.push_back(*DatePattern::Compile(pattern.text));
    }
    return patterns;
  }();
  return compiled;
}

bool AreDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return IsDigit(c); });
}

// 0, 12, not 012: a leading zero is a code's.
bool IsWhole(std::string_view text) {
  return AreDigits(text) && (text.size() == 1 || text[0] != '0');
}

// 1.234.567
bool IsGrouped(std::string_view text) {
  const size_t first = text.find('.');
  if (first == text.npos || first > 3 || !IsWhole(text.substr(0, first))) return false;
  for (size_t at = first; at < text.size(); at += 4) {
    if (text[at] != '.' || !AreDigits(text.substr(at + 1, 3)) || at + 4 > text.size()) return false;
  }
  return true;
}

bool IsBooleanWord(std::string_view text) {
  static constexpr std::string_view kWords[] = {"true", "false", "yes", "no"};
  return std::ranges::any_of(kWords,
                             [&](std::string_view word) { return EqualsIgnoringCase(text, word); });
}

}  // namespace

ValueTally::ValueTally() : patterns_(std::size(kPatterns), 1) {}

void ValueTally::Add(std::string_view value) {
  ++values_;
  boolean_ = boolean_ && IsBooleanWord(value);
  AddNumber(value);
  if (uuid_) {
    uint8_t bytes[16];
    uuid_ = value.size() == 36 && ReadUuid(value, bytes) == Fault::kNone;
  }
  AddDate(value);
}

void ValueTally::AddNumber(std::string_view value) {
  if (!point_ && !comma_) {
    integer_ = false;
    return;
  }
  std::string_view digits = value;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  int64_t number = 0;
  const bool whole = IsWhole(digits);
  integer_ = integer_ && whole && ReadInteger(value, &number) == Fault::kNone;
  const auto split = [&](char mark) {
    const size_t at = std::min(digits.find(mark), digits.size());
    return std::pair(digits.substr(0, at), digits.substr(std::min(at + 1, digits.size())));
  };
  const auto [before_point, after_point] = split('.');
  const bool point = IsWhole(before_point) && AreDigits(after_point);
  point_ = point_ && (whole || point);
  has_point_ = has_point_ || point;
  const auto [before_comma, after_comma] = split(',');
  const bool grouped = IsGrouped(before_comma);
  const bool comma = (IsWhole(before_comma) || grouped) && AreDigits(after_comma);
  const bool grouped_whole = grouped && before_comma.size() == digits.size();
  comma_ = comma_ && (whole || comma || grouped_whole);
  has_comma_ = has_comma_ || comma;
  thousands_point_ = thousands_point_ || grouped;
}

void ValueTally::AddDate(std::string_view value) {
  // "infinity" is a date to PostgreSQL and a word to people.
  const bool digit = !value.empty() && IsDigit(value[0]);
  int32_t days = 0;
  int64_t microseconds = 0;
  bool bent = false;
  date_ = date_ && digit && value.size() >= 10 && ReadDate(value, &days) == Fault::kNone;
  time_ = time_ && digit && ReadTime(value, {}, &microseconds, &bent) == Fault::kNone;
  if (timestamp_ || timestamptz_) {
    WrittenTimestamp written;
    const bool read = digit && value.find(':') != value.npos &&
                      ReadTimestamp(value, {}, &written, &bent) == Fault::kNone;
    timestamp_ = timestamp_ && read && !written.has_offset;
    timestamptz_ = timestamptz_ && read && written.has_offset;
  }
  for (size_t i = 0; i < patterns_.size(); ++i) {
    if (patterns_[i] == 0) continue;
    WrittenTimestamp written;
    patterns_[i] = CompiledPatterns()[i].Read(value, {}, &written, &bent) == Fault::kNone ? 1 : 0;
  }
}

bool ValueTally::HasDecimalComma() const {
  return values_ > 0 && comma_ && has_comma_ && !integer_;
}

bool ValueTally::HasDecimalPoint() const {
  return values_ > 0 && point_ && has_point_ && !integer_;
}

void ValueTally::Describe(ColumnSample& column) const {
  if (values_ == 0) return;
  column.type = boolean_                                 ? SampledType::kBoolean
                : integer_                               ? SampledType::kInteger
                : HasDecimalPoint() || HasDecimalComma() ? SampledType::kNumber
                : uuid_                                  ? SampledType::kUuid
                : date_                                  ? SampledType::kDate
                : time_                                  ? SampledType::kTime
                : timestamp_                             ? SampledType::kTimestamp
                : timestamptz_                           ? SampledType::kTimestamptz
                                                         : SampledType::kText;
  if (column.type != SampledType::kText) return;
  for (size_t i = 0; i < patterns_.size(); ++i) {
    if (patterns_[i] == 0) continue;
    const auto* const twin = std::ranges::find(kPatterns, kPatterns[i].twin, &KnownPattern::text);
    if (twin != std::end(kPatterns) && patterns_[static_cast<size_t>(twin - kPatterns)] != 0) {
      column.ambiguous_date = true;
      return;
    }
    column.type = CompiledPatterns()[i].has_time() ? SampledType::kTimestamp : SampledType::kDate;
    column.date_pattern = kPatterns[i].text;
    return;
  }
}

void DescribeTexts(const std::vector<ValueTally>& tallies, FileSample& sample) {
  bool comma = false;
  bool thousands = false;
  for (size_t i = 0; i < tallies.size(); ++i) {
    ColumnSample& column = sample.columns[i];
    if (column.from_schema || column.type == SampledType::kNested) continue;
    tallies[i].Describe(column);
    comma = comma || tallies[i].HasDecimalComma();
    thousands = thousands || tallies[i].HasThousandsPoint();
  }
  if (!comma) return;
  // One file writes its numbers in one way; a column that does otherwise is not what it seems.
  sample.dialect.decimal = ',';
  if (thousands) sample.dialect.thousands = '.';
  for (size_t i = 0; i < tallies.size(); ++i) {
    ColumnSample& column = sample.columns[i];
    if (column.type != SampledType::kNumber || column.from_schema) continue;
    if (tallies[i].HasDecimalComma()) continue;
    column.type = SampledType::kText;
    column.ambiguous_number = true;
  }
}

}  // namespace eclusa
