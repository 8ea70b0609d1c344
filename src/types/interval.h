// Intervals from text: ISO 8601 with designators ("P1Y2M3DT4H5M6.5S") and what PostgreSQL itself
// prints
// ("1 year 2 mons 3 days -04:05:06.5").
//
// Each unit at most once; a fraction only in seconds; a sign before any number. Not accepted
// although PostgreSQL does: bare numbers, "ago", "@", fractions of larger units, weeks and days
// mixed into clock fields. Pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "types/datetime.h"
#include "types/fault.h"

namespace eclusa {

// As TypedColumn holds it.
struct Interval {
  int64_t microseconds = 0;
  int32_t days = 0;
  int32_t months = 0;
};
static_assert(sizeof(Interval) == 16);

Fault ReadInterval(std::string_view text, FractionLimits limits, Interval* interval, bool* bent);

}  // namespace eclusa
