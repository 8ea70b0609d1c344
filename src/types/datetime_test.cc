#include "types/datetime.h"

#include <gtest/gtest.h>

#include <string>

namespace eclusa {
namespace {

int64_t Date(std::string_view text) {
  int32_t days = 0;
  EXPECT_EQ(ReadDate(text, &days), Fault::kNone) << text;
  return days;
}

Fault DateFault(std::string_view text) {
  int32_t days = 0;
  return ReadDate(text, &days);
}

Fault Timestamp(std::string_view text, int64_t* value, FractionLimits limits = {},
                bool* bent = nullptr) {
  WrittenTimestamp written;
  bool ignored = false;
  const Fault fault = ReadTimestamp(text, limits, &written, bent == nullptr ? &ignored : bent);
  return fault == Fault::kNone ? ToTimestamp(written, value) : fault;
}

TEST(ReadDate, CountsDaysFrom2000) {
  EXPECT_EQ(Date("2000-01-01"), 0);
  EXPECT_EQ(Date("1999-12-31"), -1);
  EXPECT_EQ(Date("2024-02-29"), 8825);
  EXPECT_EQ(Date("1970-01-01"), -10957);
  EXPECT_EQ(Date("0001-01-01"), -730119);
  EXPECT_EQ(Date("0001-12-31 BC"), -730120);
  EXPECT_EQ(Date("4714-11-24 BC"), kDateMin);
  EXPECT_EQ(Date("5874897-12-31"), 2145031948);
  EXPECT_EQ(Date("infinity"), kDateInfinity);
  EXPECT_EQ(Date("-Infinity"), kDateMinusInfinity);
}

TEST(ReadDate, RefusesWhatIsNoDate) {
  for (const std::string text : {"",
                                 "2024-02-30",
                                 "2023-02-29",
                                 "1900-02-29",
                                 "2024-13-01",
                                 "2024-00-10",
                                 "2024-01-00",
                                 "24-01-01",
                                 "2024/01/01",
                                 "20240101",
                                 "2024-1-1",
                                 "01/02/2024",
                                 "today",
                                 "2024-01-01 ",
                                 " 2024-01-01",
                                 "2024-01-01T00:00",
                                 "2024-01-01BC",
                                 "-2024-01-01",
                                 "infinity ",
                                 "epoch"}) {
    EXPECT_EQ(DateFault(text), Fault::kForm) << text;
  }
  for (const std::string text : {"0000-01-01", "5874898-01-01", "4714-11-23 BC", "9999999-01-01"}) {
    EXPECT_EQ(DateFault(text), Fault::kOverflow) << text;
  }
}

TEST(ReadDate, KnowsEveryDayOfTheGregorianCycle) {
  int64_t days = Date("1600-01-01");
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int year = 1600; year < 2000; ++year) {
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0); ++day) {
        ASSERT_EQ(DaysFromCivil(year, month, day), days++);
      }
    }
  }
  EXPECT_EQ(days, 0);
}

TEST(ReadTime, TakesHoursMinutesSecondsAndFraction) {
  int64_t value = 0;
  bool bent = false;
  EXPECT_EQ(ReadTime("04:05", {}, &value, &bent), Fault::kNone);
  EXPECT_EQ(value, 14700000000);
  EXPECT_EQ(ReadTime("23:59:59.999999", {}, &value, &bent), Fault::kNone);
  EXPECT_EQ(value, kMicrosecondsPerDay - 1);
  EXPECT_EQ(ReadTime("24:00:00", {}, &value, &bent), Fault::kNone);
  EXPECT_EQ(value, kMicrosecondsPerDay);
  for (const std::string text : {"", "4:05", "24:00:01", "12:60", "12:00:60", "12:00:00.", "12",
                                 "12:0", "12:00 PM", "12:00:00Z", "25:00"}) {
    EXPECT_EQ(ReadTime(text, {}, &value, &bent), Fault::kForm) << text;
  }
  EXPECT_FALSE(bent);
}

TEST(ReadTime, KeepsSoManyDigitsOfASecond) {
  int64_t value = 0;
  bool bent = false;
  EXPECT_EQ(ReadTime("00:00:01.120000000", {2}, &value, &bent), Fault::kNone);
  EXPECT_EQ(value, 1120000);
  EXPECT_EQ(ReadTime("00:00:01.1234567", {}, &value, &bent), Fault::kScale);
  EXPECT_EQ(ReadTime("00:00:01.125", {2}, &value, &bent), Fault::kScale);
  EXPECT_FALSE(bent);
  EXPECT_EQ(ReadTime("00:00:01.125", {2, Excess::kRound}, &value, &bent), Fault::kNone);
  EXPECT_EQ(value, 1130000);
  EXPECT_TRUE(bent);
  EXPECT_EQ(ReadTime("00:00:01.1299999", {2, Excess::kTruncate}, &value, &bent), Fault::kNone);
  EXPECT_EQ(value, 1120000);
  EXPECT_EQ(ReadTime("00:00:01.0000005", {6, Excess::kRound}, &value, &bent), Fault::kNone);
  EXPECT_EQ(value, 1000001);
}

TEST(ReadTimestamp, TakesDateAndTime) {
  int64_t value = 0;
  EXPECT_EQ(Timestamp("2000-01-01 00:00:00", &value), Fault::kNone);
  EXPECT_EQ(value, 0);
  EXPECT_EQ(Timestamp("2000-01-02T03:04:05.678", &value), Fault::kNone);
  EXPECT_EQ(value, kMicrosecondsPerDay + 11045678000);
  EXPECT_EQ(Timestamp("2000-01-02", &value), Fault::kNone);
  EXPECT_EQ(value, kMicrosecondsPerDay);
  EXPECT_EQ(Timestamp("294276-12-31 23:59:59.999999", &value), Fault::kNone);
  EXPECT_EQ(value, kTimestampEnd - 1);
  EXPECT_EQ(Timestamp("4714-11-24 00:00:00 BC", &value), Fault::kNone);
  EXPECT_EQ(value, kTimestampMin);
  EXPECT_EQ(Timestamp("294277-01-01 00:00:00", &value), Fault::kOverflow);
  EXPECT_EQ(Timestamp("4714-11-23 23:59:59 BC", &value), Fault::kOverflow);
  EXPECT_EQ(Timestamp("infinity", &value), Fault::kNone);
  EXPECT_EQ(value, kTimestampInfinity);
}

TEST(ReadTimestamp, RefusesAnOffsetWhereItWouldBeLost) {
  int64_t value = 0;
  EXPECT_EQ(Timestamp("2024-01-01 10:00:00Z", &value), Fault::kZone);
  EXPECT_EQ(Timestamp("2024-01-01 10:00:00-03", &value), Fault::kZone);
}

TEST(ReadTimestamp, ReadsOffsets) {
  for (const auto& [text, seconds] :
       std::vector<std::pair<std::string, int>>{{"Z", 0},
                                                {"z", 0},
                                                {"+00", 0},
                                                {"-03", -10800},
                                                {"+0530", 19800},
                                                {"-03:00", -10800},
                                                {"+05:30", 19800},
                                                {"+01:02:03", 3723},
                                                {"+15:59:59", 57599}}) {
    WrittenTimestamp written;
    bool bent = false;
    for (const std::string between : {"", " "}) {
      EXPECT_EQ(ReadTimestamp("2024-01-01 10:00:00" + between + text, {}, &written, &bent),
                Fault::kNone)
          << text;
      EXPECT_TRUE(written.has_offset);
      EXPECT_EQ(written.offset_seconds, seconds) << text;
    }
  }
  for (const std::string text :
       {"+16", "+3", "+03:60", "+030", "UTC", "America/Sao_Paulo", " +03 ", "--03", "  Z"}) {
    WrittenTimestamp written;
    bool bent = false;
    EXPECT_EQ(ReadTimestamp("2024-01-01 10:00:00" + text, {}, &written, &bent), Fault::kForm)
        << text;
  }
}

}  // namespace
}  // namespace eclusa
