#include "types/zone.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "types/datetime.h"
#include "types/digits.h"

namespace eclusa {
namespace {

constexpr size_t kTzifHeadBytes = 44;
constexpr int kRuleYearsEnd = 2401;
constexpr int64_t kBeginningOfTime = INT64_MIN / 4;

int64_t FloorDivide(int64_t dividend, int64_t divisor) {
  return dividend / divisor - (dividend % divisor < 0 ? 1 : 0);
}

// The seconds from 1970 of a day.
int64_t DayStart(int64_t year, int month, int day) {
  return (DaysFromCivil(year, month, day) + kPostgresEpochDays) * kSecondsPerDay;
}

// "M3.2.0/2": the second Sunday of March at two o'clock.
struct YearlyRule {
  int month = 0;
  int week = 0;  // 5: the last
  int weekday = 0;
  int32_t second = 7200;

  // Local clock time of the change in seconds from 1970.
  int64_t In(int64_t year) const {
    const int64_t first = DayStart(year, month, 1) / kSecondsPerDay;
    const auto first_weekday = static_cast<int>(((first + 4) % 7 + 7) % 7);
    int64_t day = first + (weekday - first_weekday + 7) % 7 + (week - 1) * 7;
    const int64_t next = DayStart(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1);
    while (day >= next / kSecondsPerDay) day -= 7;
    return day * kSecondsPerDay + second;
  }
};

// Reads the footer from left to right.
class FooterReader {
 public:
  explicit FooterReader(std::string_view text) : text_(text) {}

  bool AtEnd() const { return text_.empty(); }
  bool Take(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool TakeName() {
    size_t end = 0;
    if (!text_.empty() && text_[0] == '<') {
      end = text_.find('>');
      if (end == text_.npos) return false;
      ++end;
    } else {
      while (end < text_.size() && ((text_[end] | 0x20) >= 'a' && (text_[end] | 0x20) <= 'z'))
        ++end;
    }
    text_.remove_prefix(end);
    return end != 0;
  }
  // [+-]hh[:mm[:ss]] in seconds.
  bool TakeTime(int32_t* seconds) {
    const bool negative = Take('-');
    if (!negative) Take('+');
    int32_t total = 0;
    int32_t unit = 3600;
    do {
      int part;
      if (unit == 0 || !TakeNumber(&part)) return false;
      total += part * unit;
      unit /= 60;
    } while (Take(':'));
    *seconds = negative ? -total : total;
    return true;
  }
  bool TakeRule(YearlyRule* rule) {
    if (!Take(',') || !Take('M') || !TakeNumber(&rule->month) || !Take('.') ||
        !TakeNumber(&rule->week) || !Take('.') || !TakeNumber(&rule->weekday)) {
      return false;
    }
    if (rule->month < 1 || rule->month > 12 || rule->week < 1 || rule->week > 5 ||
        rule->weekday > 6) {
      return false;
    }
    return !Take('/') || TakeTime(&rule->second);
  }

 private:
  bool TakeNumber(int* number) {
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), *number);
    if (error != std::errc() || *number < 0 || *number > 1000) return false;
    text_.remove_prefix(static_cast<size_t>(end - text_.data()));
    return true;
  }

  std::string_view text_;
};

}  // namespace

// Reads one TZif file.
class TzifReader {
 public:
  explicit TzifReader(std::string_view bytes) : bytes_(bytes) {}

  std::optional<Zone> Read() {
    Counts counts;
    // The first block repeats the second with 32-bit times; it is passed over.
    if (!ReadHead(&counts) || bytes_.size() - at_ < counts.BlockBytes(4)) return std::nullopt;
    at_ += counts.BlockBytes(4);
    if (!ReadHead(&counts) || bytes_.size() - at_ < counts.BlockBytes(8) || counts.types == 0) {
      return std::nullopt;
    }
    if (!ReadTransitions(counts)) return std::nullopt;
    at_ += counts.BlockBytes(8);
    if (at_ >= bytes_.size() || bytes_[at_] != '\n' || bytes_.back() != '\n') return std::nullopt;
    const std::string_view footer = bytes_.substr(at_ + 1, bytes_.size() - at_ - 2);
    if (!footer.empty() && !ApplyFooter(footer)) return std::nullopt;
    return std::move(zone_);
  }

 private:
  struct Counts {
    size_t utc, standard, leaps, times, types, characters;
    size_t BlockBytes(size_t time_bytes) const {
      return times * (time_bytes + 1) + types * 6 + characters + leaps * (time_bytes + 4) +
             standard + utc;
    }
  };

  int64_t ReadBigEndian(size_t at, size_t bytes) const {
    uint64_t value = (bytes_[at] & 0x80) != 0 ? ~uint64_t{0} : 0;
    for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<uint8_t>(bytes_[at + i]);
    return static_cast<int64_t>(value);
  }

  bool ReadHead(Counts* counts) {
    if (bytes_.size() - at_ < kTzifHeadBytes || bytes_.substr(at_, 4) != "TZif" ||
        bytes_[at_ + 4] < '2') {
      return false;
    }
    size_t* const fields[] = {&counts->utc,   &counts->standard, &counts->leaps,
                              &counts->times, &counts->types,    &counts->characters};
    for (size_t i = 0; i < 6; ++i) {
      const int64_t count = ReadBigEndian(at_ + 20 + 4 * i, 4);
      if (count < 0 || count > 1000000) return false;
      *fields[i] = static_cast<size_t>(count);
    }
    at_ += kTzifHeadBytes;
    return true;
  }

  bool ReadTransitions(const Counts& counts) {
    const size_t type_indexes = at_ + counts.times * 8;
    const size_t types = type_indexes + counts.times;
    const auto offset_of = [&](size_t type) {
      return static_cast<int32_t>(ReadBigEndian(types + 6 * type, 4));
    };
    zone_.spans_.push_back({kBeginningOfTime, offset_of(0)});
    for (size_t i = 0; i < counts.times; ++i) {
      const auto type = static_cast<uint8_t>(bytes_[type_indexes + i]);
      if (type >= counts.types) return false;
      const int64_t begin = ReadBigEndian(at_ + 8 * i, 8);
      if (begin < zone_.spans_.back().begin) continue;
      zone_.spans_.push_back({begin, offset_of(type)});
    }
    return true;
  }

  bool ApplyFooter(std::string_view text) {
    FooterReader footer(text);
    int32_t west;
    if (!footer.TakeName() || !footer.TakeTime(&west)) return false;
    const int32_t standard = -west;
    if (footer.AtEnd()) return true;  // the last span goes on
    int32_t summer = standard + 3600;
    if (!footer.TakeName()) return false;
    YearlyRule begin;
    YearlyRule end;
    if (!footer.TakeRule(&begin)) {
      if (!footer.TakeTime(&west) || !footer.TakeRule(&begin)) return false;
      summer = -west;
    }
    if (!footer.TakeRule(&end) || !footer.AtEnd()) return false;
    const int64_t known = zone_.spans_.back().begin;
    const int64_t known_year = 1970 + FloorDivide(known, 31556952);
    for (int64_t year = std::max<int64_t>(known_year, 1970); year < kRuleYearsEnd; ++year) {
      Zone::Span changes[] = {{begin.In(year) - standard, summer},
                              {end.In(year) - summer, standard}};
      if (changes[1].begin < changes[0].begin) std::swap(changes[0], changes[1]);
      for (const Zone::Span& change : changes) {
        if (change.begin > known) zone_.spans_.push_back(change);
      }
    }
    zone_.local_end_ = DayStart(kRuleYearsEnd, 1, 1);
    return true;
  }

  std::string_view bytes_;
  size_t at_ = 0;
  Zone zone_;
};

std::optional<Zone> Zone::Fixed(std::string_view name) {
  int32_t offset = 0;
  if (name != "UTC" && !ReadOffset(name, &offset)) return std::nullopt;
  Zone zone;
  zone.spans_.push_back({kBeginningOfTime, offset});
  return zone;
}

std::optional<Zone> Zone::FromTzif(std::string_view bytes) { return TzifReader(bytes).Read(); }

bool Zone::ToUtc(int64_t local, int64_t* utc) const {
  if (spans_.size() == 1) {
    *utc = local - spans_[0].offset * kMicrosecondsPerSecond;
    return true;
  }
  const int64_t seconds =
      FloorDivide(local, kMicrosecondsPerSecond) + kPostgresEpochDays * kSecondsPerDay;
  if (seconds >= local_end_) return false;
  // The spans within a day and a half of the local time are all that can claim it.
  auto span = std::upper_bound(spans_.begin(), spans_.end(), seconds - 2 * kSecondsPerDay,
                               [](int64_t time, const Span& s) { return time < s.begin; });
  if (span != spans_.begin()) --span;
  int found = 0;
  int32_t offset = 0;
  for (; span != spans_.end() && span->begin <= seconds + 2 * kSecondsPerDay; ++span) {
    const int64_t instant = seconds - span->offset;
    const bool before_end = std::next(span) == spans_.end() || instant < std::next(span)->begin;
    if (span->begin <= instant && before_end) {
      // Two spans with one offset are no change of the clock.
      if (found == 0 || offset != span->offset) ++found;
      offset = span->offset;
    }
  }
  *utc = local - offset * kMicrosecondsPerSecond;
  return found == 1;
}

bool Zone::ToLocal(int64_t utc, int64_t* local) const {
  const int64_t seconds =
      FloorDivide(utc, kMicrosecondsPerSecond) + kPostgresEpochDays * kSecondsPerDay;
  const auto next =
      std::upper_bound(spans_.begin(), spans_.end(), seconds,
                       [](int64_t time, const Span& span) { return time < span.begin; });
  const int32_t offset = std::prev(next)->offset;
  *local = utc + offset * kMicrosecondsPerSecond;
  return local_end_ == INT64_MAX || seconds + offset < local_end_;
}

std::optional<std::string> ReadZoneFile(const std::string& name) {
  const bool plain = !name.empty() && name[0] != '/' && name.find("..") == name.npos &&
                     std::all_of(name.begin(), name.end(), [](unsigned char c) {
                       return IsDigit(static_cast<char>(c)) || (c >= 'A' && c <= 'Z') ||
                              (c >= 'a' && c <= 'z') || c == '/' || c == '_' || c == '-' ||
                              c == '+';
                     });
  if (!plain) return std::nullopt;
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  std::ostringstream bytes;
  if (!file || !(bytes << file.rdbuf())) return std::nullopt;
  return std::move(bytes).str();
}

}  // namespace eclusa
