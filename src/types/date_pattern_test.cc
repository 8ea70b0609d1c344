#include "types/date_pattern.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

Fault Read(std::string_view pattern, std::string_view text, int64_t* microseconds) {
  const auto compiled = DatePattern::Compile(pattern);
  EXPECT_TRUE(compiled) << pattern;
  WrittenTimestamp written;
  bool bent = false;
  const Fault fault = compiled->Read(text, {}, &written, &bent);
  *microseconds = written.microseconds;
  return fault;
}

TEST(DatePattern, ReadsDaysBeforeMonths) {
  int64_t value = 0;
  EXPECT_EQ(Read("dd/MM/yyyy", "02/01/2000", &value), Fault::kNone);
  EXPECT_EQ(value, kMicrosecondsPerDay);
  EXPECT_EQ(Read("d/M/yyyy", "2/1/2000", &value), Fault::kNone);
  EXPECT_EQ(value, kMicrosecondsPerDay);
  EXPECT_EQ(Read("yyyyMMdd", "20000102", &value), Fault::kNone);
  EXPECT_EQ(value, kMicrosecondsPerDay);
  EXPECT_EQ(Read("dd/MM/yyyy HH:mm:ss", "01/01/2000 00:00:01", &value), Fault::kNone);
  EXPECT_EQ(value, kMicrosecondsPerSecond);
  EXPECT_EQ(Read("dd.MM.yyyy 'às' HH:mm", "01.01.2000 às 00:01", &value), Fault::kNone);
  EXPECT_EQ(value, 60 * kMicrosecondsPerSecond);
  EXPECT_EQ(Read("yyyy-MM-dd HH:mm:ss.SSS", "2000-01-01 00:00:00.25", &value), Fault::kNone);
  EXPECT_EQ(value, 250000);
}

TEST(DatePattern, RefusesOtherTexts) {
  int64_t value = 0;
  for (const std::string_view text : {"2000-01-02", "31/02/2000", "1/01/2000", "01/13/2000",
                                      "01/01/00", "01/01/2000 ", "01/01/0000", "", "01/01/20000"}) {
    EXPECT_EQ(Read("dd/MM/yyyy", text, &value), Fault::kForm) << text;
  }
}

TEST(DatePattern, ReadsOffsets) {
  const auto pattern = DatePattern::Compile("dd/MM/yyyy HH:mm XXX");
  ASSERT_TRUE(pattern);
  WrittenTimestamp written;
  bool bent = false;
  EXPECT_EQ(pattern->Read("01/01/2000 00:00 -03:00", {}, &written, &bent), Fault::kNone);
  EXPECT_TRUE(written.has_offset);
  EXPECT_EQ(written.offset_seconds, -10800);
}

TEST(DatePattern, ReadsShortYearsFromThePivotOn) {
  const auto year = [](int pivot, std::string_view text) {
    const auto pattern = DatePattern::Compile("dd/MM/yy", pivot);
    EXPECT_TRUE(pattern && pattern->has_short_year());
    WrittenTimestamp written;
    bool bent = false;
    if (pattern->Read(text, {}, &written, &bent) != Fault::kNone) return -1;
    for (int found = pivot - 1; found <= pivot + 100; ++found) {
      if (written.microseconds == DaysFromCivil(found, 1, 1) * kMicrosecondsPerDay) return found;
    }
    return 0;
  };
  EXPECT_EQ(year(1930, "01/01/30"), 1930);
  EXPECT_EQ(year(1930, "01/01/99"), 1999);
  EXPECT_EQ(year(1930, "01/01/00"), 2000);
  EXPECT_EQ(year(1930, "01/01/29"), 2029);
  EXPECT_EQ(year(1900, "01/01/00"), 1900);
  EXPECT_EQ(year(2000, "01/01/99"), 2099);
  EXPECT_EQ(year(1930, "01/01/2029"), -1);
  EXPECT_EQ(year(1930, "01/01/9"), -1);
  // The 29th of February tells 1900 from 2000.
  WrittenTimestamp written;
  bool bent = false;
  EXPECT_EQ(DatePattern::Compile("dd/MM/yy", 1900)->Read("29/02/00", {}, &written, &bent),
            Fault::kForm);
  EXPECT_EQ(DatePattern::Compile("dd/MM/yy", 1950)->Read("29/02/00", {}, &written, &bent),
            Fault::kNone);
  EXPECT_FALSE(DatePattern::Compile("dd/MM/yyyy", 1930)->has_short_year());
}

TEST(DatePattern, RefusesPatternsThatGuess) {
  for (const std::string_view pattern :
       {"dd/MM/yy", "MM/yyyy", "dd/mm/yyyy", "dd/MM/yyyy mm", "hh", "", "dd/MM/yyyy HH:ss",
        "dd/MM/yyyy dd", "yyyy-MM-dd'T", "ddd/MM/yyyy"}) {
    EXPECT_FALSE(DatePattern::Compile(pattern)) << pattern;
  }
}

}  // namespace
}  // namespace eclusa
