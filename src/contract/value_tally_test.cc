#include "contract/value_tally.h"

#include <gtest/gtest.h>

#include <string>

namespace eclusa {
namespace {

ColumnSample Seen(const std::vector<std::string>& values) {
  ValueTally tally;
  for (const std::string& value : values) tally.Add(value);
  ColumnSample column;
  tally.Describe(column);
  return column;
}

SampledType TypeOf(const std::vector<std::string>& values) { return Seen(values).type; }

TEST(ValueTally, ConcludesATypeThatAllValuesHave) {
  EXPECT_EQ(TypeOf({"1", "-20", "0"}), SampledType::kInteger);
  EXPECT_EQ(TypeOf({"1", "2.50"}), SampledType::kNumber);
  EXPECT_EQ(TypeOf({"1", "2,50", "1.234,00", "1.234"}), SampledType::kNumber);
  EXPECT_EQ(TypeOf({"true", "NO"}), SampledType::kBoolean);
  EXPECT_EQ(TypeOf({"2024-01-31"}), SampledType::kDate);
  EXPECT_EQ(TypeOf({"12:30", "12:30:01.5"}), SampledType::kTime);
  EXPECT_EQ(TypeOf({"2024-01-31 12:30:00", "2024-01-31T12:30:00.5"}), SampledType::kTimestamp);
  EXPECT_EQ(TypeOf({"2024-01-31T12:30:00Z"}), SampledType::kTimestamptz);
  EXPECT_EQ(TypeOf({"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}), SampledType::kUuid);
  EXPECT_EQ(TypeOf({}), SampledType::kUnknown);
}

TEST(ValueTally, LeavesATextWhatOneValueIsNot) {
  EXPECT_EQ(TypeOf({"1", "x"}), SampledType::kText);
  EXPECT_EQ(TypeOf({"1", ""}), SampledType::kText);
  EXPECT_EQ(TypeOf({"1", " 2"}), SampledType::kText);
  EXPECT_EQ(TypeOf({"2024-01-31 12:30:00", "2024-01-31T12:30:00Z"}), SampledType::kText);
  EXPECT_EQ(TypeOf({"infinity"}), SampledType::kText);
  EXPECT_EQ(TypeOf({"t", "f"}), SampledType::kText);
  EXPECT_EQ(TypeOf({"2024-02-30"}), SampledType::kText);
}

TEST(ValueTally, LeavesCodesWithLeadingZerosATexts) {
  EXPECT_EQ(TypeOf({"12345678901", "00000000191"}), SampledType::kText);
  EXPECT_EQ(TypeOf({"007.5"}), SampledType::kText);
  EXPECT_EQ(TypeOf({"99999999999999999999"}), SampledType::kText);
}

TEST(ValueTally, NeedsADayBeyondTwelveToTellDayFromMonth) {
  const ColumnSample ambiguous = Seen({"01/02/2024", "11/12/2024"});
  EXPECT_EQ(ambiguous.type, SampledType::kText);
  EXPECT_TRUE(ambiguous.ambiguous_date);
  const ColumnSample day_first = Seen({"01/02/2024", "31/12/2024"});
  EXPECT_EQ(day_first.type, SampledType::kDate);
  EXPECT_EQ(day_first.date_pattern, "dd/MM/yyyy");
  EXPECT_EQ(Seen({"12/31/2024"}).date_pattern, "MM/dd/yyyy");
  const ColumnSample time = Seen({"31/12/2024 10:00:00"});
  EXPECT_EQ(time.type, SampledType::kTimestamp);
  EXPECT_EQ(time.date_pattern, "dd/MM/yyyy HH:mm:ss");
  EXPECT_EQ(Seen({"31/12/2024", "12/31/2024"}).type, SampledType::kText);
}

FileSample Described(const std::vector<std::vector<std::string>>& columns) {
  FileSample sample;
  sample.columns.resize(columns.size());
  std::vector<ValueTally> tallies(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    for (const std::string& value : columns[i]) tallies[i].Add(value);
  }
  DescribeTexts(tallies, sample);
  return sample;
}

TEST(DescribeTexts, FindsTheDecimalSeparatorOfTheFile) {
  const FileSample comma = Described({{"1,5"}, {"1.000,00"}});
  EXPECT_EQ(comma.dialect.decimal, ',');
  EXPECT_EQ(comma.dialect.thousands, '.');
  const FileSample point = Described({{"1.5"}});
  EXPECT_FALSE(point.dialect.decimal.has_value());
  EXPECT_EQ(point.columns[0].type, SampledType::kNumber);
}

TEST(DescribeTexts, LeavesNumbersATextThatDisagreeWithTheOthers) {
  const FileSample sample = Described({{"1,5"}, {"1.234"}, {"7"}});
  EXPECT_EQ(sample.columns[0].type, SampledType::kNumber);
  EXPECT_EQ(sample.columns[1].type, SampledType::kText);
  EXPECT_TRUE(sample.columns[1].ambiguous_number);
  EXPECT_EQ(sample.columns[2].type, SampledType::kInteger);
}

TEST(DescribeTexts, LeavesDeclaredColumnsAlone) {
  FileSample sample;
  sample.columns.resize(1);
  sample.columns[0].from_schema = true;
  sample.columns[0].type = SampledType::kDate;
  DescribeTexts(std::vector<ValueTally>(1), sample);
  EXPECT_EQ(sample.columns[0].type, SampledType::kDate);
}

}  // namespace
}  // namespace eclusa
