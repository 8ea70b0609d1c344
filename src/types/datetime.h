// Dates, times and timestamps from text, as PostgreSQL counts them: days and microseconds from
// 2000-01-01, proleptic Gregorian.
//
// Text: yyyy-MM-dd with four to seven digits of year, optionally followed by " BC"; HH:mm[:ss[.f]];
// both joined by one space or T; an offset Z, +HH, +HHmm, +HH:mm or +HH:mm:ss; infinity and
// -infinity. Never words like 'tomorrow', never month names, no space around.
// Ranges are PostgreSQL's: dates 4713-01-01 BC to 5874897-12-31 (PostgreSQL itself begins at
// 4714-11-24 BC, and so does this), timestamps to 294276-12-31. Other patterns:
// types/date_pattern.h. Pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "types/fault.h"

namespace eclusa {

inline constexpr int64_t kMicrosecondsPerSecond = 1000000;
inline constexpr int64_t kSecondsPerDay = 86400;
inline constexpr int64_t kMicrosecondsPerDay = kSecondsPerDay * kMicrosecondsPerSecond;
// Days from 1970-01-01 to 2000-01-01.
inline constexpr int64_t kPostgresEpochDays = 10957;
inline constexpr int32_t kDateInfinity = INT32_MAX;
inline constexpr int32_t kDateMinusInfinity = INT32_MIN;
inline constexpr int64_t kTimestampInfinity = INT64_MAX;
inline constexpr int64_t kTimestampMinusInfinity = INT64_MIN;
// DATETIME_MIN_JULIAN, DATE_END_JULIAN, MIN_TIMESTAMP and END_TIMESTAMP of datatype/timestamp.h.
inline constexpr int64_t kDateMin = -2451545;
inline constexpr int64_t kDateEnd = 2147483494 - 2451545;
inline constexpr int64_t kTimestampMin = -211813488000000000;
inline constexpr int64_t kTimestampEnd = 9223371331200000000;

// How many digits of a second are kept, and what becomes of more.
struct FractionLimits {
  int digits_max = 6;
  Excess excess = Excess::kRefuse;
};

// A timestamp as its text has it.
struct WrittenTimestamp {
  enum class Kind : uint8_t { kFinite, kInfinity, kMinusInfinity };
  Kind kind = Kind::kFinite;
  bool has_offset = false;
  int32_t offset_seconds = 0;  // east of UTC
  int64_t microseconds = 0;    // the written date and time from 2000-01-01
};

// Year 0 is 1 BC. No check of ranges.
int64_t DaysFromCivil(int64_t year, int month, int day);
bool IsCivilDate(int64_t year, int month, int day);

Fault ReadDate(std::string_view text, int32_t* days);
// 24:00:00 is a time of its own, as in PostgreSQL.
Fault ReadTime(std::string_view text, FractionLimits limits, int64_t* microseconds, bool* bent);
Fault ReadTimestamp(std::string_view text, FractionLimits limits, WrittenTimestamp* written,
                    bool* bent);

// Of a timestamp without time zone: an offset in the text would be lost, so that it is refused.
Fault ToTimestamp(const WrittenTimestamp& written, int64_t* microseconds);
// Microseconds (from 2000-01-01) kept to the limits' digits.
Fault FitFraction(FractionLimits limits, int64_t* microseconds, bool* bent);
// Whether PostgreSQL holds it.
inline bool IsTimestampInRange(int64_t microseconds) {
  return kTimestampMin <= microseconds && microseconds < kTimestampEnd;
}

// The parts that date patterns share.
// [.f] digits after a second's point, at least one, into microseconds; more than six are rounded
// away only as the limits say.
Fault ReadFraction(std::string_view digits, FractionLimits limits, int64_t* microseconds,
                   bool* bent);
// Z, +HH, +HHmm, +HH:mm, +HH:mm:ss; false: not such a text.
bool ReadOffset(std::string_view text, int32_t* seconds);

}  // namespace eclusa
