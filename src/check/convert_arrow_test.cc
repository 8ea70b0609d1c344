#include "check/convert_arrow.h"

#include <arrow/extension/uuid.h>

#include <cmath>
#include <limits>

#include "check/check_fixture.h"
#include "types/datetime.h"
#include "types/number.h"

namespace eclusa {
namespace {

class Arrow : public CheckFixture {
 protected:
  template <class Builder, class Value>
  std::shared_ptr<arrow::Array> Make(Builder& builder,
                                     const std::vector<std::optional<Value>>& values) {
    for (const auto& value : values) {
      const arrow::Status status = value ? builder.Append(*value) : builder.AppendNull();
      EXPECT_TRUE(status.ok());
    }
    return *builder.Finish();
  }

  // Reasons of one column of the file in a column of the type.
  std::string Load(const std::string& type, std::shared_ptr<arrow::Array> array) {
    table_.columns.clear();
    std::vector<Property> before = std::move(contract_.properties);
    contract_.properties.clear();
    Property& property = Add("a", type);
    if (!before.empty()) property.round = before[0].round;
    if (!before.empty()) property.time_zone = before[0].time_zone;
    ClearFile();
    File("a", std::move(array));
    Check();
    return Reasons();
  }

  std::string Number(int64_t row) const { return NumericText(Values("a").Bytes(row)); }
};

TEST_F(Arrow, IntegersMustFit) {
  arrow::Int64Builder wide;
  const auto array =
      Make<arrow::Int64Builder, int64_t>(wide, {1, std::nullopt, 40000, INT64_MIN, -32768});
  EXPECT_EQ(Load("smallint", array), "2:number.overflow(a) 3:number.overflow(a)");
  EXPECT_EQ(Values("a").Fixed<int16_t>(4), -32768);
  EXPECT_TRUE(Values("a").IsNull(1));
  EXPECT_EQ(Load("bigint", array), "");
  EXPECT_EQ(Values("a").Fixed<int64_t>(3), INT64_MIN);
  EXPECT_EQ(Load("numeric(5,2)", array),
            "2:number.overflow(a) 3:number.overflow(a) 4:number.overflow(a)");
  EXPECT_EQ(Number(0), "1.00");
  EXPECT_EQ(Load("boolean", array), "2:type.boolean(a) 3:type.boolean(a) 4:type.boolean(a)");
  EXPECT_EQ(Load("text", array), "");
  EXPECT_EQ(Text("a", 3), "-9223372036854775808");
  arrow::UInt64Builder unsigned_wide;
  EXPECT_EQ(Load("bigint", Make<arrow::UInt64Builder, uint64_t>(unsigned_wide, {1, UINT64_MAX})),
            "1:number.overflow(a)");
  arrow::Int8Builder narrow;
  EXPECT_EQ(Load("integer", Make<arrow::Int8Builder, int8_t>(narrow, {-128, 127})), "");
  EXPECT_EQ(Values("a").Fixed<int32_t>(0), -128);
}

TEST_F(Arrow, SlicesAreReadFromTheirOwnBeginning) {
  arrow::Int32Builder builder;
  const auto numbers =
      Make<arrow::Int32Builder, int32_t>(builder, {1, std::nullopt, 3, 4})->Slice(1, 3);
  EXPECT_EQ(Load("bigint", numbers), "");
  EXPECT_TRUE(Values("a").IsNull(0));
  EXPECT_EQ(Values("a").Fixed<int64_t>(1), 3);
  arrow::StringBuilder texts;
  EXPECT_EQ(
      Load("text", Make<arrow::StringBuilder, std::string>(texts, {"a", "b", "c"})->Slice(1, 2)),
      "");
  EXPECT_EQ(Text("a", 1), "c");
}

TEST_F(Arrow, FloatsBecomeExactNumbersOrFail) {
  arrow::DoubleBuilder builder;
  const auto array = Make<arrow::DoubleBuilder, double>(
      builder,
      {12.0, 0.1, std::nan(""), std::nullopt, 1e300, std::numeric_limits<double>::infinity()});
  EXPECT_EQ(Load("integer", array),
            "1:number.scale(a) 2:type.integer(a) 4:number.overflow(a) 5:type.integer(a)");
  EXPECT_EQ(Values("a").Fixed<int32_t>(0), 12);
  EXPECT_EQ(Load("numeric(10,1)", array), "4:number.overflow(a) 5:number.overflow(a)");
  EXPECT_EQ(Number(1), "0.1");
  EXPECT_EQ(Number(2), "NaN");
  EXPECT_EQ(Load("real", array), "4:number.overflow(a)");
  EXPECT_EQ(Values("a").Fixed<float>(1), 0.1F);
  EXPECT_EQ(Load("double precision", array), "");
}

TEST_F(Arrow, DecimalsKeepTheirScale) {
  const auto type = arrow::decimal128(38, 4);
  arrow::Decimal128Builder builder(type);
  const auto array = Make<arrow::Decimal128Builder, arrow::Decimal128>(
      builder,
      {arrow::Decimal128(15000), arrow::Decimal128(15001), std::nullopt,
       arrow::Decimal128("99999999999999999999999999999999999999"), arrow::Decimal128(-20000)});
  EXPECT_EQ(Load("numeric", array), "");
  EXPECT_EQ(Number(0), "1.5000");
  EXPECT_EQ(Number(3), "9999999999999999999999999999999999.9999");
  EXPECT_EQ(Load("numeric(10,2)", array), "1:number.scale(a) 3:number.scale(a)");
  EXPECT_EQ(Number(0), "1.50");
  EXPECT_EQ(Load("integer", array), "0:number.scale(a) 1:number.scale(a) 3:number.scale(a)");
  EXPECT_EQ(Values("a").Fixed<int32_t>(4), -2);
  EXPECT_EQ(Load("double precision", array), "");
  EXPECT_EQ(Values("a").Fixed<double>(1), 1.5001);
  contract_.properties[0].round = true;
  EXPECT_EQ(Load("numeric(10,2)", array), "3:number.overflow(a)");
  EXPECT_EQ(Number(1), "1.50");
  EXPECT_EQ(Warnings("a.round"), 1);
}

TEST_F(Arrow, DatesAndTimestampsChangeTheirEpoch) {
  arrow::Date32Builder days;
  const auto dates = Make<arrow::Date32Builder, int32_t>(days, {0, 19782, std::nullopt, INT32_MIN});
  EXPECT_EQ(Load("date", dates), "3:number.overflow(a)");
  EXPECT_EQ(Values("a").Fixed<int32_t>(0), -10957);
  EXPECT_EQ(Load("timestamp", dates), "3:number.overflow(a)");
  EXPECT_EQ(Values("a").Fixed<int64_t>(0), -10957 * kMicrosecondsPerDay);
  EXPECT_EQ(Load("text", dates->Slice(0, 3)), "");
  EXPECT_EQ(Text("a", 1), "2024-02-29");

  arrow::TimestampBuilder nanoseconds(arrow::timestamp(arrow::TimeUnit::NANO),
                                      arrow::default_memory_pool());
  const auto times =
      Make<arrow::TimestampBuilder, int64_t>(nanoseconds, {946684800000000000, 946684800000001500});
  EXPECT_EQ(Load("timestamp", times), "1:number.scale(a)");
  EXPECT_EQ(Values("a").Fixed<int64_t>(0), 0);
  EXPECT_EQ(Load("date", times), "1:number.scale(a)");
  contract_.properties[0].round = true;
  EXPECT_EQ(Load("timestamp", times), "");
  EXPECT_EQ(Values("a").Fixed<int64_t>(1), 2);

  arrow::TimestampBuilder seconds(arrow::timestamp(arrow::TimeUnit::SECOND),
                                  arrow::default_memory_pool());
  EXPECT_EQ(Load("timestamp", Make<arrow::TimestampBuilder, int64_t>(seconds, {INT64_MAX, 0})),
            "0:number.overflow(a)");
}

TEST_F(Arrow, InstantsAndClockTimesAreNotMixedUp) {
  arrow::TimestampBuilder utc(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"),
                              arrow::default_memory_pool());
  const auto instants = Make<arrow::TimestampBuilder, int64_t>(utc, {946684800000000});
  EXPECT_EQ(Load("timestamptz", instants), "");
  EXPECT_EQ(Values("a").Fixed<int64_t>(0), 0);
  contract_.properties[0].time_zone = "-03:00";
  EXPECT_EQ(Load("timestamp", instants), "");
  EXPECT_EQ(Values("a").Fixed<int64_t>(0), -3 * 3600 * kMicrosecondsPerSecond);
  arrow::TimestampBuilder clock(arrow::timestamp(arrow::TimeUnit::MICRO),
                                arrow::default_memory_pool());
  EXPECT_EQ(Load("timestamptz", Make<arrow::TimestampBuilder, int64_t>(clock, {946684800000000})),
            "");
  EXPECT_EQ(Values("a").Fixed<int64_t>(0), 3 * 3600 * kMicrosecondsPerSecond);
  contract_.properties[0].time_zone.clear();
  EXPECT_EQ(CreateCode(), "column.time_zone");
}

TEST_F(Arrow, TimesOfDayFitADay) {
  arrow::Time64Builder builder(arrow::time64(arrow::TimeUnit::MICRO), arrow::default_memory_pool());
  EXPECT_EQ(
      Load("time", Make<arrow::Time64Builder, int64_t>(builder, {0, kMicrosecondsPerDay, -1})),
      "2:number.overflow(a)");
}

TEST_F(Arrow, BooleansBecomeIntegers) {
  arrow::BooleanBuilder builder;
  const auto array = Make<arrow::BooleanBuilder, bool>(builder, {true, false, std::nullopt});
  EXPECT_EQ(Load("boolean", array), "");
  EXPECT_EQ(Values("a").Fixed<uint8_t>(0), 1);
  EXPECT_EQ(Load("integer", array), "");
  EXPECT_EQ(Values("a").Fixed<int32_t>(0), 1);
  EXPECT_TRUE(Values("a").IsNull(2));
  EXPECT_EQ(Load("text", array), "");
  EXPECT_EQ(Text("a", 1), "false");
}

TEST_F(Arrow, BytesBecomeByteaOrUuid) {
  arrow::FixedSizeBinaryBuilder fixed(arrow::fixed_size_binary(16));
  const auto uuids =
      Make<arrow::FixedSizeBinaryBuilder, std::string>(fixed, {"0123456789abcdef", std::nullopt});
  EXPECT_EQ(Load("uuid", uuids), "");
  EXPECT_EQ(Values("a").FixedBytes(0, 16)[15], 'f');
  EXPECT_EQ(Load("bytea", uuids), "");
  EXPECT_EQ(Text("a", 0), "0123456789abcdef");
  EXPECT_EQ(Load("uuid", arrow::ExtensionType::WrapArray(arrow::extension::uuid(), uuids)), "");
  EXPECT_EQ(Values("a").FixedBytes(0, 16)[15], 'f');
  arrow::BinaryBuilder builder;
  const auto bytes = Make<arrow::BinaryBuilder, std::string>(builder, {"a", "\xFF"});
  EXPECT_EQ(Load("bytea", bytes), "");
  EXPECT_EQ(Load("text", bytes), "1:text.encoding(a)");
}

TEST_F(Arrow, OtherTextLayoutsAreCopied) {
  arrow::LargeStringBuilder large;
  EXPECT_EQ(
      Load("text", Make<arrow::LargeStringBuilder, std::string>(large, {"a", std::nullopt, "b"})),
      "");
  EXPECT_EQ(Text("a", 2), "b");
  arrow::StringViewBuilder view;
  EXPECT_EQ(
      Load("integer", Make<arrow::StringViewBuilder, std::string>(view, {"1", std::nullopt, "x"})),
      "2:type.integer(a)");
}

TEST_F(Arrow, AColumnOfNullsFitsEveryType) {
  for (const std::string type :
       {"integer", "text", "numeric(5,2)", "uuid", "jsonb", "integer[]", "timestamptz"}) {
    EXPECT_EQ(Load(type, *arrow::MakeArrayOfNull(arrow::null(), 2)), "") << type;
    EXPECT_TRUE(Values("a").IsNull(1)) << type;
  }
}

TEST_F(Arrow, ListsBecomeArrays) {
  auto values = std::make_shared<arrow::Int64Builder>();
  arrow::ListBuilder list(arrow::default_memory_pool(), values);
  ASSERT_TRUE(list.Append().ok() && values->AppendValues({1, 2}).ok() && values->AppendNull().ok());
  ASSERT_TRUE(list.AppendNull().ok());
  ASSERT_TRUE(list.Append().ok());
  ASSERT_TRUE(list.Append().ok() && values->Append(INT64_MAX).ok());
  const auto lists = *list.Finish();
  EXPECT_EQ(Load("integer[]", lists), "3:number.overflow(a)");
  EXPECT_EQ(Values("a").Bytes(0).size(), 20U + 8 + 8 + 4);
  EXPECT_TRUE(Values("a").IsNull(1));
  EXPECT_EQ(Values("a").Bytes(2).size(), 12U);
  EXPECT_EQ(Load("integer", *arrow::MakeArrayOfNull(arrow::null(), 1)), "");
}

}  // namespace
}  // namespace eclusa
