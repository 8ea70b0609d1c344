#include "types/zone.h"

#include <gtest/gtest.h>

#include "types/datetime.h"

namespace eclusa {
namespace {

int64_t At(std::string_view text) {
  WrittenTimestamp written;
  bool bent = false;
  int64_t value = 0;
  EXPECT_EQ(ReadTimestamp(text, {}, &written, &bent), Fault::kNone) << text;
  EXPECT_EQ(ToTimestamp(written, &value), Fault::kNone) << text;
  return value;
}

Zone Load(const std::string& name) {
  const auto bytes = ReadZoneFile(name);
  EXPECT_TRUE(bytes) << name;
  auto zone = Zone::FromTzif(bytes.value_or(""));
  EXPECT_TRUE(zone) << name;
  return zone.value_or(*Zone::Fixed("UTC"));
}

void ExpectUtc(const Zone& zone, std::string_view local, std::string_view expected) {
  int64_t utc = 0;
  ASSERT_TRUE(zone.ToUtc(At(local), &utc)) << local;
  EXPECT_EQ(utc, At(expected)) << local;
  int64_t back = 0;
  ASSERT_TRUE(zone.ToLocal(utc, &back)) << local;
  EXPECT_EQ(back, At(local)) << local;
}

TEST(Zone, KnowsFixedOffsets) {
  ExpectUtc(*Zone::Fixed("-03:00"), "2024-01-01 10:00", "2024-01-01 13:00");
  ExpectUtc(*Zone::Fixed("UTC"), "2024-01-01 10:00", "2024-01-01 10:00");
  EXPECT_FALSE(Zone::Fixed("America/Sao_Paulo"));
  EXPECT_FALSE(Zone::Fixed("3"));
}

TEST(Zone, KnowsBrazilWithAndWithoutSummerTime) {
  const Zone zone = Load("America/Sao_Paulo");
  ExpectUtc(zone, "2024-01-15 10:00", "2024-01-15 13:00");
  ExpectUtc(zone, "2019-01-15 10:00", "2019-01-15 12:00");
  ExpectUtc(zone, "2018-07-15 10:00:00.5", "2018-07-15 13:00:00.5");
  ExpectUtc(zone, "2300-01-15 10:00", "2300-01-15 13:00");
  ExpectUtc(zone, "1900-01-01 00:00:00", "1900-01-01 03:06:28");
}

TEST(Zone, RefusesTimesThatNeverWereOrWereTwice) {
  const Zone zone = Load("America/Sao_Paulo");
  int64_t utc = 0;
  EXPECT_FALSE(zone.ToUtc(At("2018-11-04 00:30"), &utc));  // put forward from 00:00 to 01:00
  EXPECT_FALSE(zone.ToUtc(At("2019-02-16 23:30"), &utc));  // put back from 24:00 to 23:00
  ExpectUtc(zone, "2018-11-03 23:59", "2018-11-04 02:59");
  ExpectUtc(zone, "2018-11-04 01:00", "2018-11-04 03:00");
  ExpectUtc(zone, "2019-02-17 00:00", "2019-02-17 03:00");
}

TEST(Zone, AppliesRulesThatGoOnForEver) {
  const Zone zone = Load("America/New_York");
  ExpectUtc(zone, "2100-01-15 12:00", "2100-01-15 17:00");
  ExpectUtc(zone, "2100-07-15 12:00", "2100-07-15 16:00");
  ExpectUtc(zone, "2024-07-15 12:00", "2024-07-15 16:00");
  int64_t utc = 0;
  EXPECT_FALSE(zone.ToUtc(At("2100-03-14 02:30"), &utc));
  EXPECT_FALSE(zone.ToUtc(At("2100-11-07 01:30"), &utc));
  EXPECT_FALSE(zone.ToUtc(At("2401-06-01 00:00"), &utc));
  const Zone south = Load("Australia/Sydney");
  ExpectUtc(south, "2100-01-15 12:00", "2100-01-15 01:00");
  ExpectUtc(south, "2100-07-15 12:00", "2100-07-15 02:00");
}

TEST(Zone, RefusesWhatIsNoZoneFile) {
  EXPECT_FALSE(ReadZoneFile("America/Nowhere"));
  EXPECT_FALSE(ReadZoneFile("../../etc/passwd"));
  EXPECT_FALSE(ReadZoneFile("/etc/passwd"));
  EXPECT_FALSE(ReadZoneFile(""));
  EXPECT_FALSE(Zone::FromTzif(""));
  EXPECT_FALSE(Zone::FromTzif("TZif"));
  const std::string bytes = ReadZoneFile("America/Sao_Paulo").value_or("");
  for (size_t size = 0; size + 1 < bytes.size(); ++size) {
    Zone::FromTzif(std::string_view{bytes}.substr(0, size));  // no prefix may be read beyond
  }
}

}  // namespace
}  // namespace eclusa
