#include "formats/value_text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "formats/test_tables.h"

namespace eclusa {
namespace {

using arrow::TimeUnit;

std::string TextOf(const std::shared_ptr<arrow::Array>& array) {
  std::string text;
  AppendText(*array, 0, text);
  return text;
}
std::string JsonOf(const std::shared_ptr<arrow::Array>& array) {
  std::string text;
  AppendJson(*array, 0, text);
  return text;
}

std::shared_ptr<arrow::Array> Double(double value) {
  return Numbers<arrow::DoubleBuilder, double>({value});
}
std::shared_ptr<arrow::Array> Timestamp(int64_t value, TimeUnit::type unit,
                                        const std::string& zone = "") {
  return Numbers<arrow::TimestampBuilder, int64_t>({value}, arrow::timestamp(unit, zone),
                                                   arrow::default_memory_pool());
}
std::shared_ptr<arrow::Array> Date(int32_t value) {
  return Numbers<arrow::Date32Builder, int32_t>({value});
}
std::shared_ptr<arrow::Array> FixedBytes(const std::string& bytes) {
  arrow::FixedSizeBinaryBuilder builder(arrow::fixed_size_binary(static_cast<int>(bytes.size())));
  CHECK(builder.Append(bytes).ok());
  return builder.Finish().ValueOrDie();
}
std::shared_ptr<arrow::Array> TextList(const std::vector<std::optional<std::string>>& items) {
  arrow::ListBuilder lists(arrow::default_memory_pool(), std::make_shared<arrow::StringBuilder>());
  auto& builder = static_cast<arrow::StringBuilder&>(*lists.value_builder());
  CHECK(lists.Append().ok());
  for (const auto& item : items) {
    CHECK((item ? builder.Append(*item) : builder.AppendNull()).ok());
  }
  return lists.Finish().ValueOrDie();
}

TEST(AppendText, WritesNumbersWithAllTheirDigits) {
  EXPECT_EQ(TextOf(Numbers<arrow::Int8Builder, int8_t>({int8_t{-128}})), "-128");
  EXPECT_EQ(TextOf(Numbers<arrow::UInt64Builder, uint64_t>({UINT64_MAX})), "18446744073709551615");
  EXPECT_EQ(TextOf(Double(0.1)), "0.1");
  EXPECT_EQ(TextOf(Double(1e300)), "1e+300");
  EXPECT_EQ(TextOf(Double(std::numeric_limits<double>::quiet_NaN())), "NaN");
  EXPECT_EQ(TextOf(Double(-std::numeric_limits<double>::infinity())), "-Infinity");
  EXPECT_EQ(TextOf(Numbers<arrow::BooleanBuilder, bool>({true})), "true");
  arrow::Decimal128Builder decimals(arrow::decimal128(10, 2));
  ASSERT_TRUE(decimals.Append(arrow::Decimal128(-105)).ok());
  EXPECT_EQ(TextOf(decimals.Finish().ValueOrDie()), "-1.05");
}

TEST(AppendText, WritesDatesOfAnyYear) {
  EXPECT_EQ(TextOf(Date(0)), "1970-01-01");
  EXPECT_EQ(TextOf(Date(-1)), "1969-12-31");
  EXPECT_EQ(TextOf(Date(19782)), "2024-02-29");
  EXPECT_EQ(TextOf(Date(-719163)), "0001-12-31 BC");
  EXPECT_EQ(TextOf(Date(2932896)), "9999-12-31");
  EXPECT_EQ(TextOf(Date(2932897)), "10000-01-01");
}

TEST(AppendText, WritesTimesAsFarAsTheyAreNotZero) {
  EXPECT_EQ(TextOf(Timestamp(1, TimeUnit::MICRO)), "1970-01-01 00:00:00.000001");
  EXPECT_EQ(TextOf(Timestamp(-1, TimeUnit::MILLI)), "1969-12-31 23:59:59.999");
  EXPECT_EQ(TextOf(Timestamp(1700000000500, TimeUnit::MILLI, "UTC")), "2023-11-14 22:13:20.5+00");
  EXPECT_EQ(TextOf(Timestamp(60, TimeUnit::SECOND)), "1970-01-01 00:01:00");
  EXPECT_EQ(TextOf(Timestamp(INT64_MIN, TimeUnit::NANO)), "1677-09-21 00:12:43.145224192");
  EXPECT_EQ(TextOf(Numbers<arrow::Time64Builder, int64_t>(
                {45'296'500'000}, arrow::time64(TimeUnit::MICRO), arrow::default_memory_pool())),
            "12:34:56.5");
  EXPECT_EQ(TextOf(Numbers<arrow::DurationBuilder, int64_t>(
                {-1500}, arrow::duration(TimeUnit::MILLI), arrow::default_memory_pool())),
            "-1.5 seconds");
}

TEST(AppendText, WritesBytesAndUuids) {
  EXPECT_EQ(TextOf(FixedBytes(std::string("\0\xFF", 2))), "\\x00ff");
  EXPECT_EQ(TextOf(FixedBytes("0123456789abcdef")), "30313233-3435-3637-3839-616263646566");
}

TEST(AppendText, WritesListsAsPostgresReadsArrays) {
  EXPECT_EQ(TextOf(TextList({"a", std::nullopt, "", "NULL", "q\"b\\"})),
            R"({"a",NULL,"","NULL","q\"b\\"})");
}

TEST(AppendJson, WritesWhatJsonHasAndTheRestAsText) {
  EXPECT_EQ(JsonOf(Double(1.5)), "1.5");
  EXPECT_EQ(JsonOf(Double(std::numeric_limits<double>::infinity())), "\"Infinity\"");
  EXPECT_EQ(JsonOf(Numbers<arrow::BooleanBuilder, bool>({false})), "false");
  EXPECT_EQ(JsonOf(Texts({std::nullopt})), "null");
  EXPECT_EQ(JsonOf(Texts({"a\"\\\n\x01é"})), "\"a\\\"\\\\\\u000a\\u0001é\"");
  EXPECT_EQ(JsonOf(Texts({""})), "\"\"");
  EXPECT_EQ(JsonOf(Date(0)), "\"1970-01-01\"");
  EXPECT_EQ(JsonOf(TextList({"a", std::nullopt})), "[\"a\",null]");
}

}  // namespace
}  // namespace eclusa
