#include "types/interval.h"

#include <gtest/gtest.h>

#include <string>

namespace eclusa {
namespace {

constexpr int64_t kHour = 3600 * kMicrosecondsPerSecond;

void ExpectInterval(std::string_view text, int32_t months, int32_t days, int64_t microseconds) {
  Interval interval;
  bool bent = false;
  ASSERT_EQ(ReadInterval(text, {}, &interval, &bent), Fault::kNone) << text;
  EXPECT_EQ(interval.months, months) << text;
  EXPECT_EQ(interval.days, days) << text;
  EXPECT_EQ(interval.microseconds, microseconds) << text;
}

TEST(ReadInterval, TakesIso8601) {
  ExpectInterval("P1Y2M3DT4H5M6.5S", 14, 3, 4 * kHour + 306500000);
  ExpectInterval("P2W", 0, 14, 0);
  ExpectInterval("PT0S", 0, 0, 0);
  ExpectInterval("P-1Y-2DT-3H", -12, -2, -3 * kHour);
  ExpectInterval("PT1M", 0, 0, 60 * kMicrosecondsPerSecond);
  ExpectInterval("P1M", 1, 0, 0);
}

TEST(ReadInterval, TakesWhatPostgresPrints) {
  ExpectInterval("1 year 2 mons 3 days 04:05:06.5", 14, 3, 4 * kHour + 306500000);
  ExpectInterval("-1 days +02:03:00", 0, -1, 2 * kHour + 180000000);
  ExpectInterval("-00:00:01", 0, 0, -1000000);
  ExpectInterval("00:00:00", 0, 0, 0);
  ExpectInterval("100:00:00", 0, 0, 100 * kHour);
  ExpectInterval("1 day 12 hours 30 minutes", 0, 1, 12 * kHour + 1800000000);
  ExpectInterval("1.5 seconds", 0, 0, 1500000);
}

TEST(ReadInterval, RefusesTheRest) {
  Interval interval;
  bool bent = false;
  for (const std::string text : {"",
                                 "P",
                                 "PT",
                                 "5",
                                 "1 day ago",
                                 "@ 1 day",
                                 "1.5 days",
                                 "P1.5D",
                                 "1 day 2 days",
                                 "1 day  2 hours",
                                 "P1S",
                                 "PT1D",
                                 "P1YT",
                                 "1 hour 02:00:00",
                                 "1 dia",
                                 "1 DAY",
                                 "04:60:00",
                                 "01:02.5",
                                 "PT+1H",
                                 "4:5",
                                 "1day",
                                 " 1 day",
                                 "1 day ",
                                 "P1Y1Y",
                                 "1 year 04:05:06 2 days x"}) {
    EXPECT_EQ(ReadInterval(text, {}, &interval, &bent), Fault::kForm) << text;
  }
  for (const std::string text : {"P178956971Y", "3000000000 days", "PT2562047789H"}) {
    EXPECT_EQ(ReadInterval(text, {}, &interval, &bent), Fault::kOverflow) << text;
  }
  EXPECT_EQ(ReadInterval("PT0.0000001S", {}, &interval, &bent), Fault::kScale);
}

}  // namespace
}  // namespace eclusa
