#include "formats/sink.h"

#include <gtest/gtest.h>

#include "formats/nested_tables.h"
#include "formats/read_rows.h"
#include "formats/test_tables.h"
#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

class SinkTest : public testing::Test {
 protected:
  // What the file holds that the sink wrote.
  std::string Written(const std::shared_ptr<arrow::RecordBatch>& batch, SinkOptions options) {
    options.path = folder_.At("out");
    options.schema = batch->schema();
    auto sink = CreateSink(options).value();
    CHECK(sink->Append(*batch).ok());
    CHECK(std::move(*sink).Finish().ok());
    return folder_.Read("out");
  }
  ReadFile ReadBack(SourceOptions options = {}) {
    options.path = folder_.At("out");
    return ReadRows(*OpenSource(options).value());
  }

  TestFolder folder_;
};

std::shared_ptr<arrow::RecordBatch> Mixed() {
  return MakeBatch({{"name", Texts({"São; \"x\"", kNull, ""})},
                    {"n", Numbers<arrow::Int32Builder, int32_t>({{1}, std::nullopt, {-3}})},
                    {"ok", Numbers<arrow::BooleanBuilder, bool>({{true}, {false}, std::nullopt})}});
}

TEST_F(SinkTest, WritesCsvInTheDialectGiven) {
  EXPECT_EQ(Written(Mixed(), {.format = "csv"}),
            "name,n,ok\n\"São; \"\"x\"\"\",1,true\n,,false\n\"\",-3,\n");
  EXPECT_EQ(Written(Mixed(), {.format = "csv",
                              .delimiter = ';',
                              .quote = '\'',
                              .encoding = "windows-1252",
                              .line_end = "\r\n"}),
            "name;n;ok\r\n'S\xE3o; \"x\"';1;true\r\n;;false\r\n'';-3;\r\n");
  EXPECT_EQ(Written(Mixed(), {.format = "csv", .header = false, .bom = true}),
            "\xEF\xBB\xBF\"São; \"\"x\"\"\",1,true\n,,false\n\"\",-3,\n");
}

TEST_F(SinkTest, WritesWithoutQuotesWhereThereAreNone) {
  const auto batch = MakeBatch({{"a", Texts({"x;y\nz\"", ""})}});
  EXPECT_EQ(Written(batch, {.format = "csv", .delimiter = ';', .quote = '\0'}), "a\nx y z\"\n\n");
}

TEST_F(SinkTest, WritesJsonLines) {
  EXPECT_EQ(Written(Mixed(), {.format = "jsonl"}),
            "{\"name\":\"São; \\\"x\\\"\",\"n\":1,\"ok\":true}\n"
            "{\"name\":null,\"n\":null,\"ok\":false}\n"
            "{\"name\":\"\",\"n\":-3,\"ok\":null}\n");
}

TEST_F(SinkTest, WritesJsonAsOneArray) {
  const auto batch = MakeBatch({{"a", Texts({"1", kNull})}});
  EXPECT_EQ(Written(batch, {.format = "json"}), "[\n{\"a\":\"1\"},\n{\"a\":null}\n]\n");
  EXPECT_EQ(Written(batch->Slice(0, 0), {.format = "json"}), "[]\n");
}

TEST_F(SinkTest, GivesDocumentsBackAsTheyCame) {
  const auto batch = MakeBatch(
      {{"a", Texts({"1", "2", kNull, "4"})},
       {"_eclusa_document",
        Texts({"{\"a\" : 1,\n \"b\":[1, 2]}", "{ }", kNull,
               "{\"_eclusa_row\":7, \"a\":4,\"\\u005feclusa_x\":{\"y\":1},\"c\":\"}\"}"})},
       {"_eclusa_row", Numbers<arrow::Int64Builder, int64_t>({{1}, {2}, {3}, {4}})}});
  EXPECT_EQ(Written(batch, {.format = "jsonl"}),
            "{\"a\" : 1,  \"b\":[1, 2],\"_eclusa_row\":1}\n"
            "{\"_eclusa_row\":2}\n"
            "{\"_eclusa_row\":3}\n"
            "{\"a\":4, \"c\":\"}\",\"_eclusa_row\":4}\n");
  EXPECT_EQ(Written(batch->Slice(0, 1), {.format = "json"}),
            "[\n{\"a\" : 1,\n \"b\":[1, 2],\"_eclusa_row\":1}\n]\n");
}

TEST_F(SinkTest, WritesNestedValuesInCsvAsJson) {
  const auto type = arrow::list(arrow::struct_({arrow::field("x", arrow::utf8())}));
  const auto batch = MakeBatch(
      {{"id", Texts({"1", "2"})}, {"l", FromJson(type, R"([[{"x":"a"},{"x":null}],null])")}});
  EXPECT_EQ(Written(batch, {.format = "csv"}),
            "id,l\n1,\"[{\"\"x\"\":\"\"a\"\"},{\"\"x\"\":null}]\"\n2,\n");
}

TEST_F(SinkTest, WritesParquetThatIsReadBackWithItsTypes) {
  Written(Mixed(), {.format = "parquet"});
  SourceOptions options;
  options.path = folder_.At("out");
  const auto source = OpenSource(options).value();
  EXPECT_TRUE(source->schema().Equals(*Mixed()->schema()));
  EXPECT_EQ(ReadRows(*source).values(),
            (std::vector<Values>{
                {"São; \"x\"", "1", "true"}, {kNull, kNull, "false"}, {"", "-3", kNull}}));
}

TEST_F(SinkTest, KeepsOneColumnWithNullsReadable) {
  Written(MakeBatch({{"a", Texts({"1", kNull, "", "2", kNull})}}), {.format = "csv"});
  EXPECT_EQ(ReadBack().values(), (std::vector<Values>{{"1"}, {kNull}, {""}, {"2"}, {kNull}}));
}

TEST_F(SinkTest, LeavesNothingBehindWithoutFinish) {
  for (const std::string format : {"csv", "json", "jsonl", "parquet"}) {
    SinkOptions options{.path = folder_.At("out"), .format = format, .schema = Mixed()->schema()};
    {
      auto sink = CreateSink(options).value();
      ASSERT_TRUE(sink->Append(*Mixed()).ok());
    }
    EXPECT_TRUE(folder_.List().empty()) << format;
  }
}

TEST_F(SinkTest, SaysThatTheDiskIsFull) {
  for (const std::string format : {"csv", "json", "jsonl", "parquet"}) {
    SinkOptions options{.path = "/dev/full", .format = format, .schema = Mixed()->schema()};
    auto sink = CreateSink(options).value();
    ASSERT_TRUE(sink->Append(*Mixed()).ok());
    const Status finished = std::move(*sink).Finish();
    ASSERT_FALSE(finished.ok()) << format;
    EXPECT_EQ(finished.error().code(), code::file_disk_full) << format;
  }
}

TEST_F(SinkTest, RefusesAFormatThatItDoesNotKnow) {
  const SinkOptions options{.path = folder_.At("out"), .format = "xml", .schema = {}};
  EXPECT_EQ(CreateSink(options).error().code(), code::file_unknown_output);
}

}  // namespace
}  // namespace eclusa
