#include "formats/avro_sink.h"

#include <gtest/gtest.h>

#include "formats/avro_encoder.h"
#include "formats/avro_schema.h"
#include "formats/read_rows.h"
#include "formats/test_tables.h"
#include "io/test_folder.h"

namespace eclusa {
namespace {

// The batch after it was written and read.
std::shared_ptr<arrow::RecordBatch> ThroughAFile(const std::shared_ptr<arrow::RecordBatch>& batch) {
  const TestFolder folder;
  SinkOptions options{.path = folder.At("f.avro"), .format = "avro", .schema = batch->schema()};
  auto sink = CreateSink(options).value();
  CHECK(sink->Append(*batch).ok());
  CHECK(std::move(*sink).Finish().ok());
  SourceOptions reading;
  reading.path = options.path;
  reading.batch_rows = 1 << 20;
  const auto source = OpenSource(reading).value();
  auto read = source->Next().value();
  CHECK(read && read->unreadable.empty() && !source->Next().value());
  CHECK(read->rows->ValidateFull().ok());
  return read->rows;
}

void ExpectUnchanged(const std::shared_ptr<arrow::RecordBatch>& batch) {
  const auto read = ThroughAFile(batch);
  EXPECT_TRUE(read->Equals(*batch)) << batch->ToString() << read->ToString();
}

TEST(AvroSink, WritesPlainTypesThatAreReadBackAsTheyWere) {
  ExpectUnchanged(MakeBatch(
      {{"text", Texts({"São", kNull, ""})},
       {"number", Numbers<arrow::Int32Builder, int32_t>({{INT32_MAX}, kNull, {INT32_MIN}})},
       {"long", Numbers<arrow::Int64Builder, int64_t>({{INT64_MAX}, kNull, {INT64_MIN}})},
       {"float", Numbers<arrow::FloatBuilder, float>({{1.5F}, kNull, {-0.0F}})},
       {"double", Numbers<arrow::DoubleBuilder, double>({{1e300}, kNull, {0.1}})},
       {"ok", Numbers<arrow::BooleanBuilder, bool>({{true}, kNull, {false}})},
       {"day", Numbers<arrow::Date32Builder, int32_t>({{-1}, kNull, {20'000}})},
       {"none", std::make_shared<arrow::NullArray>(3)}}));
}

TEST(AvroSink, WritesTimesAndDecimalsThatAreReadBackAsTheyWere) {
  auto* pool = arrow::default_memory_pool();
  const auto times = [&](const std::shared_ptr<arrow::DataType>& type) {
    return Numbers<arrow::TimestampBuilder, int64_t>({{-1}, kNull, {1'700'000'000'123}}, type,
                                                     pool);
  };
  ExpectUnchanged(MakeBatch(
      {{"ms", times(arrow::timestamp(arrow::TimeUnit::MILLI))},
       {"us", times(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"))},
       {"ns", times(arrow::timestamp(arrow::TimeUnit::NANO))},
       {"t32", Numbers<arrow::Time32Builder, int32_t>({{0}, kNull, {86'399'999}},
                                                      arrow::time32(arrow::TimeUnit::MILLI), pool)},
       {"t64", Numbers<arrow::Time64Builder, int64_t>({{0}, kNull, {86'399'999'999}},
                                                      arrow::time64(arrow::TimeUnit::MICRO), pool)},
       {"d9", Numbers<arrow::Decimal128Builder, arrow::Decimal128>(
                  {{arrow::Decimal128(-128)}, kNull, {arrow::Decimal128(999'999'999)}},
                  arrow::decimal128(9, 2))},
       {"d38", Numbers<arrow::Decimal128Builder, arrow::Decimal128>(
                   {{arrow::Decimal128("-99999999999999999999999999999999999999")},
                    kNull,
                    {arrow::Decimal128(0)}},
                   arrow::decimal128(38, 0))},
       {"d76",
        Numbers<arrow::Decimal256Builder, arrow::Decimal256>(
            {{arrow::Decimal256("-" + std::string(76, '9'))}, kNull, {arrow::Decimal256(127)}},
            arrow::decimal256(76, 20))}}));
}

TEST(AvroSink, WritesNestedColumnsThatAreReadBackAsTheyWere) {
  // [null, [], [{a: x, b: [1, null]}, null, {a: null, b: null}]]
  auto numbers = std::make_shared<arrow::Int32Builder>();
  auto texts = std::make_shared<arrow::StringBuilder>();
  auto* pool = arrow::default_memory_pool();
  auto inner = std::make_shared<arrow::ListBuilder>(pool, numbers);
  const auto item = arrow::struct_(
      {arrow::field("a", arrow::utf8()), arrow::field("b", arrow::list(arrow::int32()))});
  auto structs = std::make_shared<arrow::StructBuilder>(
      item, pool, std::vector<std::shared_ptr<arrow::ArrayBuilder>>{texts, inner});
  arrow::ListBuilder lists(pool, structs);
  CHECK(lists.AppendNull().ok() && lists.Append().ok() && lists.Append().ok());
  CHECK(structs->Append().ok() && texts->Append("x").ok() && inner->Append().ok());
  CHECK(numbers->Append(1).ok() && numbers->AppendNull().ok());
  CHECK(structs->AppendNull().ok());
  CHECK(structs->Append().ok() && texts->AppendNull().ok() && inner->AppendNull().ok());
  const auto column = lists.Finish().ValueOrDie();
  const auto batch = MakeBatch({{"contatos", column}, {"id", Texts({"1", "2", "3"})}});
  const auto read = ThroughAFile(batch);
  EXPECT_TRUE(read->Equals(*batch)) << batch->ToString() << read->ToString();
}

TEST(AvroSink, WritesAsTextWhatAvroHasNoTypeFor) {
  auto* pool = arrow::default_memory_pool();
  const auto read = ThroughAFile(
      MakeBatch({{"s", Numbers<arrow::TimestampBuilder, int64_t>(
                           {{0}, kNull}, arrow::timestamp(arrow::TimeUnit::SECOND), pool)},
                 {"u64", Numbers<arrow::UInt64Builder, uint64_t>({{UINT64_MAX}, kNull})},
                 {"u32", Numbers<arrow::UInt32Builder, uint32_t>({{UINT32_MAX}, kNull})}}));
  EXPECT_EQ(read->column(0)->GetScalar(0).ValueOrDie()->ToString(), "1970-01-01 00:00:00");
  EXPECT_EQ(read->column(1)->GetScalar(0).ValueOrDie()->ToString(), "18446744073709551615");
  EXPECT_EQ(read->column(2)->GetScalar(0).ValueOrDie()->ToString(), "4294967295");
  EXPECT_TRUE(read->column(1)->IsNull(1));
}

TEST(AvroSink, GivesNamesThatAvroAllowsAndTheSourceReadsWhole) {
  const auto batch = MakeBatch({{"DATA DA ÚLTIMA COMPRA", Texts({"x"})},
                                {"DATA_DA___LTIMA_COMPRA", Texts({"y"})},
                                {"1", Texts({"z"})},
                                {"say \"no\"", Texts({"w"})},
                                {"", Texts({"v"})}});
  const auto columns = batch->RemoveColumn(4).ValueOrDie();
  EXPECT_EQ(ThroughAFile(columns)->schema()->field_names(), columns->schema()->field_names());
  const std::string json = AvroSchemaJson(*batch->schema());
  EXPECT_NE(json.find(R"("name":"DATA_DA___LTIMA_COMPRA","eclusa.name":"DATA DA)"),
            std::string::npos);
  EXPECT_NE(json.find(R"("name":"DATA_DA___LTIMA_COMPRA_2")"), std::string::npos);
  EXPECT_NE(json.find(R"("name":"_1","eclusa.name":"1")"), std::string::npos);
}

}  // namespace
}  // namespace eclusa
