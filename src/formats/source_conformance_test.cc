// What every Source promises, asked of each format in each of its spellings.
#include <arrow/api.h>
#include <gtest/gtest.h>

#include <functional>

#include "formats/avro_test_files.h"
#include "formats/read_rows.h"
#include "formats/sink.h"
#include "formats/test_tables.h"
#include "formats/text_encoding.h"
#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// Rows with nulls, empty texts, and what each format has to protect; all within Windows-1252. Fixed
// width has no empty texts and no line ends in values, and its lines are of a bearable length.
std::vector<Values> ExpectedRows(bool fixed) {
  const std::vector<std::optional<std::string>> values = {
      "plain",      kNull, "",      "a,b;c\td|e", "line\nbreak", "cr\rlf\r\nend",
      "\"quoted\"", "\"",  "São €", " spaced ",   "NULL",        std::string(70'000, 'x'),
      "'",          "\\",  "0",     "-1.5"};
  std::vector<Values> rows;
  for (size_t i = 0; i < 1000; ++i) {
    // Few of the long ones.
    const auto pick = [&](size_t at) -> std::optional<std::string> {
      const size_t chosen = at % values.size();
      const auto& value = chosen == 11 && (fixed || i % 50 != 0) ? values[0] : values[chosen];
      if (!fixed || !value) return value;
      return value->empty() || value->find_first_of("\r\n") != std::string::npos ? kNull : value;
    };
    rows.push_back({std::to_string(i), pick(i), pick(i * 7 + 3)});
  }
  return rows;
}

std::shared_ptr<arrow::RecordBatch> ExpectedBatch() {
  std::vector<std::vector<std::optional<std::string>>> columns(3);
  for (const Values& row : ExpectedRows(false)) {
    for (size_t i = 0; i < 3; ++i) columns[i].push_back(row[i]);
  }
  return MakeBatch({{"id", Texts(columns[0])}, {"a", Texts(columns[1])}, {"b", Texts(columns[2])}});
}

std::string Csv(SinkOptions options) {
  const TestFolder folder;
  const auto batch = ExpectedBatch();
  options.path = folder.At("f.csv");
  options.format = "csv";
  options.schema = batch->schema();
  auto sink = CreateSink(options).value();
  CHECK(sink->Append(*batch).ok());
  CHECK(std::move(*sink).Finish().ok());
  return folder.Read("f.csv");
}

std::string Json(const std::string& format) {
  const TestFolder folder;
  const auto batch = ExpectedBatch();
  SinkOptions options{.path = folder.At("f"), .format = format, .schema = batch->schema()};
  auto sink = CreateSink(options).value();
  CHECK(sink->Append(*batch).ok());
  CHECK(std::move(*sink).Finish().ok());
  return folder.Read("f");
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Columns at 0, 4 and 20, padded with ~.
std::string Fixed(TextEncoding encoding, const std::string& line_end) {
  std::string bytes;
  for (const Values& row : ExpectedRows(true)) {
    std::string line = FromUtf8(row[0].value(), encoding);
    const auto add = [&](const std::optional<std::string>& value, size_t end) {
      // A character of UTF-8 may be several bytes.
      const std::string text = FromUtf8(value.value_or(""), encoding);
      size_t characters = 0;
      for (const char c : text) {
        characters += encoding != TextEncoding::kUtf8 || (c & 0xC0) != 0x80 ? 1 : 0;
      }
      line += text + std::string(end - characters, '~');
    };
    line.resize(4, '~');
    add(row[1], 16);
    add(row[2], 20);
    bytes += line + line_end;
  }
  return bytes;
}

SourceOptions FixedOptions() {
  SourceOptions options;
  options.fixed = {{"id", 0, 4}, {"a", 4, 16}, {"b", 20, std::nullopt}};
  options.dialect.padding = '~';
  return options;
}

struct Spelling {
  std::string name;
  std::function<std::string()> bytes;
  bool text = true;
  SourceOptions options = {};
};

std::vector<Spelling> Spellings() {
  return {
      {"Csv", [] { return Csv({}); }},
      {"CsvCrLf", [] { return Csv({.line_end = "\r\n"}); }},
      {"CsvCr", [] { return Csv({.line_end = "\r"}); }},
      {"CsvSemicolonWindows1252",
       [] { return Csv({.delimiter = ';', .encoding = "windows-1252", .line_end = "\r\n"}); }},
      {"CsvTabWithMark", [] { return Csv({.delimiter = '\t', .bom = true}); }},
      {"CsvWithoutLastLineEnd",
       [] {
         std::string bytes = Csv({});
         bytes.pop_back();
         return bytes;
       }},
      {"CsvGzip", [] { return Compressed(Csv({}), arrow::Compression::GZIP); }},
      {"CsvGzipOfSeveralMembers",
       [] {
         const std::string bytes = Csv({});
         std::string packed;
         for (size_t at = 0; at < bytes.size(); at += 100'000) {
           packed += Compressed(bytes.substr(at, 100'000), arrow::Compression::GZIP);
         }
         return packed;
       }},
      {"CsvZstd", [] { return Compressed(Csv({}), arrow::Compression::ZSTD); }},
      {"JsonLines", [] { return Json("jsonl"); }},
      {"JsonLinesCrLfWithMark",
       [] { return "\xEF\xBB\xBF" + Replaced(Json("jsonl"), "\n", "\r\n"); }},
      {"JsonLinesWithoutLastLineEnd",
       [] {
         std::string bytes = Json("jsonl");
         bytes.pop_back();
         return bytes;
       }},
      {"JsonArray", [] { return Json("json"); }},
      {"JsonEnvelope", [] { return "{\"count\": 1000,\n\"result\": " + Json("json") + "}"; }},
      {"JsonDocumentsOnSeveralLines",
       [] { return Replaced(Json("jsonl"), ",\"b\":", ",\n \"b\":\n"); }},
      {"JsonLinesGzip", [] { return Compressed(Json("jsonl"), arrow::Compression::GZIP); }},
      {"JsonLinesZstd", [] { return Compressed(Json("jsonl"), arrow::Compression::ZSTD); }},
      {"JsonArrayGzip", [] { return Compressed(Json("json"), arrow::Compression::GZIP); }},
      {"Fixed", [] { return Fixed(TextEncoding::kUtf8, "\n"); }, true, FixedOptions()},
      {"FixedWindows1252CrLf", [] { return Fixed(TextEncoding::kWindows1252, "\r\n"); }, true,
       FixedOptions()},
      {"FixedCrZstd",
       [] { return Compressed(Fixed(TextEncoding::kUtf8, "\r"), arrow::Compression::ZSTD); }, true,
       FixedOptions()},
      {"AvroNull", [] { return AvroBytes(ExpectedBatch(), "null", 1000); }, false},
      {"AvroDeflate", [] { return AvroBytes(ExpectedBatch(), "deflate", 100); }, false},
      {"AvroSnappyOfSmallBlocks", [] { return AvroBytes(ExpectedBatch(), "snappy", 7); }, false},
      {"AvroZstandard", [] { return AvroBytes(ExpectedBatch(), "zstandard", 40); }, false},
      {"AvroGzip",
       [] { return Compressed(AvroBytes(ExpectedBatch(), "null", 50), arrow::Compression::GZIP); },
       false},
      {"Parquet", [] { return ParquetBytes(ExpectedBatch()); }, false},
      {"ParquetOfManyRowGroups", [] { return ParquetBytes(ExpectedBatch(), 7); }, false},
  };
}

class SourceConformance : public testing::TestWithParam<Spelling> {
 protected:
  std::unique_ptr<Source> Open(SourceOptions options = {}) {
    options.path = path_;
    options.fixed = GetParam().options.fixed;
    options.dialect = GetParam().options.dialect;
    return OpenSource(options).value();
  }

  static std::vector<Values> Expected() { return ExpectedRows(!GetParam().options.fixed.empty()); }

  TestFolder folder_;
  std::string path_ = folder_.Write("data", GetParam().bytes());
};

TEST_P(SourceConformance, GivesEveryRowAsItWasWritten) {
  const ReadFile file = ReadRows(*Open());
  EXPECT_EQ(file.error, std::nullopt);
  EXPECT_TRUE(file.unreadable.empty());
  EXPECT_EQ(file.values(), Expected());
}

TEST_P(SourceConformance, GivesTheSameRowsInBatchesOfAnySize) {
  for (const int32_t batch_rows : {1, 3, 100, 1000, 8192}) {
    SourceOptions options;
    options.batch_rows = batch_rows;
    const ReadFile file = ReadRows(*Open(options));
    EXPECT_EQ(file.values(), Expected()) << batch_rows;
    EXPECT_GE(file.batches, (1000 + batch_rows - 1) / batch_rows);
  }
}

TEST_P(SourceConformance, NumbersItsRowsFromOne) {
  SourceOptions options;
  options.file = 5;
  options.batch_rows = 7;
  const ReadFile file = ReadRows(*Open(options));
  ASSERT_EQ(file.rows.size(), 1000U);
  int64_t line = 0;
  for (size_t i = 0; i < file.rows.size(); ++i) {
    const Place& place = file.rows[i].place;
    EXPECT_EQ(place.row, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(place.file, 5);
    EXPECT_EQ(place.line > 0, GetParam().text);
    EXPECT_EQ(place.byte_offset >= 0, GetParam().text);
    EXPECT_TRUE(!GetParam().text || place.line > line);
    line = place.line;
  }
}

TEST_P(SourceConformance, ReadsOnlyWhatIsWantedInTheOrderOfTheFile) {
  SourceOptions options;
  options.wanted = {"b", "id"};
  const auto source = Open(options);
  EXPECT_EQ(source->schema().field_names(), (std::vector<std::string>{"id", "b"}));
  const ReadFile file = ReadRows(*source);
  const std::vector<Values> rows = Expected();
  ASSERT_EQ(file.rows.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(file.rows[i].values, (Values{rows[i][0], rows[i][2]}));
  }
}

TEST_P(SourceConformance, TellsHowFarItIs) {
  SourceOptions options;
  options.batch_rows = 50;
  const auto source = Open(options);
  const int64_t total = source->BytesTotal();
  EXPECT_EQ(total, static_cast<int64_t>(folder_.Read("data").size()));
  int64_t before = 0;
  while (true) {
    const auto batch = source->Next().value();
    EXPECT_GE(source->BytesRead(), before);
    before = source->BytesRead();
    if (!batch) break;
    EXPECT_GT(batch->rows->num_rows(), 0);
    EXPECT_TRUE(batch->rows->ValidateFull().ok());
    EXPECT_TRUE(batch->rows->schema()->Equals(source->schema()));
  }
  EXPECT_EQ(before, total);
}

TEST_P(SourceConformance, MayBeDroppedInTheMiddleWhileItsBatchesLiveOn) {
  SourceOptions options;
  options.batch_rows = 10;
  std::optional<Batch> batch;
  {
    const auto source = Open(options);
    batch = source->Next().value();
  }
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->rows->ValidateFull().ok());
  const int64_t last = batch->row_count() - 1;
  ASSERT_GT(last, 0);
  EXPECT_EQ(batch->rows->column(0)->GetScalar(last).ValueOrDie()->ToString(), std::to_string(last));
}

TEST_P(SourceConformance, FailsWithAnErrorWhereTheFileIsCut) {
  const std::string bytes = GetParam().bytes();
  SourceOptions options = GetParam().options;
  options.path = folder_.Write("cut", bytes.substr(0, bytes.size() / 2));
  auto source = OpenSource(options);
  if (!source.ok()) return;  // Parquet: the end is missing
  const ReadFile file = ReadRows(**source);
  // Plain text: the row that was cut fails, or is shorter; what compression or a block covers is
  // known to be cut.
  if (!GetParam().text || (*source)->format().compression != "none") {
    ASSERT_TRUE(file.error);
    EXPECT_EQ(file.error->code(), code::file_truncated);
  } else {
    EXPECT_FALSE(file.error);
  }
  EXPECT_LT(file.rows.size(), 1000U);
}

INSTANTIATE_TEST_SUITE_P(Formats, SourceConformance, testing::ValuesIn(Spellings()),
                         [](const auto& spelling) { return spelling.param.name; });

// Text formats: bad rows between good ones, whatever the size of batches.
struct BadRows {
  std::string name;
  std::string bytes;
  std::vector<std::string> failures;
  std::vector<std::vector<int64_t>> places;  // of the good rows: row, line
};

class TextConformance : public testing::TestWithParam<std::tuple<BadRows, int32_t>> {};

TEST_P(TextConformance, ReportsBadRowsByPlaceAndGoesOn) {
  const TestFolder folder;
  const auto& [rows, batch_rows] = GetParam();
  SourceOptions options;
  options.path = folder.Write("f", rows.bytes);
  options.batch_rows = batch_rows;
  const ReadFile file = ReadRows(*OpenSource(options).value());
  EXPECT_EQ(file.failures(), rows.failures);
  std::vector<std::vector<int64_t>> places;
  for (const ReadRow& row : file.rows) places.push_back({row.place.row, row.place.line});
  EXPECT_EQ(places, rows.places);
}

const BadRows kBadRows[] = {
    {"Csv",
     "a,b\n1,ç\n2\n3,\"y\"z\n4,\"two\nlines\"\n5,\xFF\n6,x\n7,\"open\n8,x\n",
     {"2:3:row.columns", "3:4:row.malformed", "5:7:text.encoding", "7:9:row.malformed"},
     {{1, 2}, {4, 5}, {6, 8}, {8, 10}}},
    {"JsonLines",
     "{\"a\":1}\n{\"a\":2,}\n\n{\"a\":3}\n{\"a\":\"\xFF\"}\n{\"a\":\"open}\n{\"a\":4}\n",
     {"2:2:json.trailing_comma", "4:5:text.encoding", "5:6:json.truncated"},
     {{1, 1}, {3, 4}, {6, 7}}},
    {"JsonArray",
     "[{\"a\":1},\n{\"a\":2,},\n\n{\"a\":3},\n{\"a\":\"\xFF\"},\n{\"a\":4}\n,{\"a\":x}]\n",
     {"2:2:json.trailing_comma", "4:5:text.encoding", "6:7:json.literal"},
     {{1, 1}, {3, 4}, {5, 6}}},
};

INSTANTIATE_TEST_SUITE_P(Formats, TextConformance,
                         testing::Combine(testing::ValuesIn(kBadRows),
                                          testing::Values(1, 2, 3, 100)),
                         [](const auto& rows) {
                           return std::get<0>(rows.param).name +
                                  std::to_string(std::get<1>(rows.param));
                         });

}  // namespace
}  // namespace eclusa
