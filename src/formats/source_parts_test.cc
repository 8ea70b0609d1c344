// Parts of a file against the file: the same rows, places and failures, wherever it is cut.
#include "formats/source_parts.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <random>

#include "formats/avro_test_files.h"
#include "formats/read_rows.h"
#include "formats/test_tables.h"
#include "formats/text_encoding.h"
#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using Lines = std::vector<std::string>;

std::string LineOf(const Place& place) {
  return std::to_string(place.row) + " " + std::to_string(place.line) + " " +
         std::to_string(place.byte_offset) + ": ";
}

// Every row in the order in which it came, as one line of text each.
void AddLines(const ReadFile& file, Lines& lines) {
  for (const ReadRow& row : file.rows) {
    std::string line = LineOf(row.place);
    for (const auto& value : row.values) line += value ? "[" + *value + "]" : "[null]";
    lines.push_back(std::move(line));
  }
  for (const UnreadableRow& row : file.unreadable) {
    std::string line = LineOf(row.place) + row.raw;
    for (const Reason& reason : row.reasons) line += " " + reason.code + "=" + reason.value;
    lines.push_back(std::move(line));
  }
}

Lines Whole(const SourceOptions& options) {
  Lines lines;
  AddLines(ReadRows(*OpenSource(options).value()), lines);
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<SourcePart> Cut(const SourceOptions& options, const PartLimits& limits) {
  return CutSource(*OpenSource(options).value(), options, limits, {}).value();
}

Lines InParts(SourceOptions options, const PartLimits& limits) {
  Lines lines;
  int64_t next = 1;
  for (const SourcePart& part : Cut(options, limits)) {
    EXPECT_EQ(part.first_row, next);
    next += part.rows;
    options.part = part;
    const ReadFile file = ReadRows(*OpenSource(options).value());
    EXPECT_EQ(file.error, std::nullopt);
    EXPECT_EQ(static_cast<int64_t>(file.rows.size() + file.unreadable.size()), part.rows);
    AddLines(file, lines);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

class SourcePartsTest : public testing::Test {
 protected:
  SourceOptions Options(const std::string& bytes, Dialect dialect = {}) {
    SourceOptions options;
    options.path = folder_.Write("f", bytes);
    options.dialect = std::move(dialect);
    return options;
  }

  void ExpectSame(const SourceOptions& options) {
    const Lines whole = Whole(options);
    for (const int64_t rows : {1, 2, 3, 7, 1000}) {
      EXPECT_EQ(InParts(options, {.rows = rows}), whole) << rows;
    }
    EXPECT_EQ(InParts(options, {.bytes = 1}), whole);
  }

  TestFolder folder_;
};

TEST_F(SourcePartsTest, CutsCsvAfterSoManyRows) {
  const SourceOptions options = Options("a,b\n1,x\n\n2,\"y\nz\"\n3,\n4,w\n5,v\n\n");
  const auto parts = Cut(options, {.rows = 2});
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].begin, 4);
  EXPECT_EQ(parts[1].begin, 17);
  EXPECT_EQ(parts[1].first_row, 3);
  EXPECT_EQ(parts[1].first_line, 6);
  EXPECT_EQ(parts[2].rows, 1);
  ExpectSame(options);
}

TEST_F(SourcePartsTest, FailsTheSameRowsOfCsv) {
  ExpectSame(Options(
      "a,b\n1,\xC3\xA7\n2\n3,\"y\"z\n4,\"two\nlines\"\n5,\xFF\n6,x\n7,\"open\n8,x\n9,\"\"\n"));
  Dialect dialect;
  dialect.row_bytes_max = 9;
  ExpectSame(Options("a,b\n1,x\n2,0123456789\n3,\"open\n4,y\r\n5,\"0\n1\n2\n3\n4\"\r6,z", dialect));
  dialect.header = false;
  SourceOptions one = Options("1\n\n2\n\n\n3", dialect);
  one.column_names = {"a"};
  ExpectSame(one);
}

TEST_F(SourcePartsTest, ReadsAPartInTheEncodingOfTheFile) {
  // What is found at row 2 holds for row 4, which alone would be taken for UTF-8.
  std::string latin = "a,b\n1,x\n2,";
  for (int i = 0; i < 9; ++i) latin += "\xE7\xE3o ";
  ExpectSame(Options(latin + "\n3,y\n4,\xC3\xA7\n5,z\n"));
  ExpectSame(
      Options("\xEF\xBB\xBF"
              "a,b\n1,x\n2,\xE7\n3,\xC3\xA7\n"));
  Dialect dialect;
  dialect.encoding = "iso-8859-1";
  ExpectSame(Options("a,b\n1,x\n2,\xE7\n3,\xC3\xA7\n", dialect));
}

TEST_F(SourcePartsTest, CutsFixedWidth) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    SourceOptions options =
        Options("id  name" + end + "1   \xC3\xA7" + "a  " + end + end + "2   xy  " + end + "3  " +
                end + "4   \xFFy  " + end + "5   z   z" + end + "6   w   ");
    options.fixed = {{"id", 0, 4}, {"name", 4, 4}};
    options.dialect.header_lines = 1;
    ExpectSame(options);
  }
}

TEST_F(SourcePartsTest, CutsParquetBetweenRowGroups) {
  std::vector<std::optional<std::string>> values;
  for (int i = 0; i < 100; ++i) values.push_back(i % 7 == 0 ? "\xFF" : std::to_string(i));
  const SourceOptions options = Options(ParquetBytes(MakeBatch({{"a", Texts(values)}}), 8));
  const auto parts = Cut(options, {.rows = 20});
  ASSERT_EQ(parts.size(), 5U);  // three groups each
  EXPECT_EQ(parts[1].begin, 3);
  EXPECT_EQ(parts[1].first_row, 25);
  ExpectSame(options);
}

TEST_F(SourcePartsTest, CutsJsonInLines) {
  const SourceOptions options = Options(
      "\xEF\xBB\xBF\n{\"a\":1}\n  \n "
      "{\"a\":2,\"b\":{\"c\":[1,2]}}\r\n{\"a\":\n\n[3]\n{\"a\":\"\xFF\"}\n"
      "{\"a\":4}x\n\t\n{\"a\":\"\xC3\xA7\"}");
  const auto parts = Cut(options, {.rows = 2});
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[1].begin, 41);
  EXPECT_EQ(parts[1].first_row, 3);
  EXPECT_EQ(parts[1].first_line, 5);
  EXPECT_EQ(parts[3].rows, 1);
  ExpectSame(options);
  Dialect dialect;
  dialect.row_bytes_max = 8;
  ExpectSame(Options("{\"a\":1}\n          \n{\"a\":12}\n{\"a\":2}\n{\"a\":3}          \n{\"a\":4}",
                     dialect));
}

TEST_F(SourcePartsTest, ReadsAPartWithTheColumnsOfTheFile) {
  // Found in the head, though no row of the second part has it; and the other way round.
  std::string text = "{\"a\":1,\"first\":true}\n";
  for (int i = 0; i < 300'000; ++i) text += "{\"a\":7}\n";
  SourceOptions options = Options(text + "{\"a\":2,\"late\":true}\n");
  const auto parts = Cut(options, {.rows = 200'000});
  ASSERT_EQ(parts.size(), 2U);
  options.part = parts[1];
  const auto source = OpenSource(options).value();
  EXPECT_EQ(source->schema().field_names(), Lines({"a", "first"}));
  ReadRows(*source);
  EXPECT_EQ(source->PassedOver(), Lines({"late"}));
}

TEST_F(SourcePartsTest, CutsAvroBetweenBlocks) {
  std::vector<std::optional<std::string>> values;
  for (int i = 0; i < 60; ++i) values.push_back(i % 7 == 0 ? "\xFF" : std::to_string(i));
  for (const std::string codec : {"null", "deflate"}) {
    std::string bytes = AvroBytes(MakeBatch({{"a", Texts(values)}}), codec, 3);
    const SourceOptions options = Options(bytes);
    const auto parts = Cut(options, {.rows = 7});
    ASSERT_EQ(parts.size(), 7U);  // three blocks each
    EXPECT_EQ(parts[1].first_row, 10);
    ExpectSame(options);
    bytes[bytes.find(kTestMarker, bytes.size() / 2)] = 'x';
    EXPECT_TRUE(Cut(Options(bytes), {.rows = 7}).empty());
  }
}

TEST_F(SourcePartsTest, LeavesWholeWhatIsReadFromItsBeginningOnly) {
  EXPECT_TRUE(Cut(Options("[{\"a\":1},\n{\"a\":2}]\n"), {.rows = 1}).empty());
  EXPECT_TRUE(Cut(Options("{\"a\":\n1}\n{\"a\":2}\n"), {.rows = 1}).empty());
  EXPECT_TRUE(Cut(Options(Compressed("a\n1\n2\n", arrow::Compression::GZIP)), {.rows = 1}).empty());
  EXPECT_TRUE(Cut(Options("a,b\n"), {.rows = 1}).empty());
}

TEST_F(SourcePartsTest, StopsWhereItIsAskedTo) {
  const SourceOptions options = Options("a\n1\n2\n");
  std::stop_source stop;
  stop.request_stop();
  const auto cut = CutSource(*OpenSource(options).value(), options, {}, stop.get_token());
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().code(), code::load_cancelled);
}

TEST_F(SourcePartsTest, RefusesAPartThatTheFileNoLongerHas) {
  SourceOptions options = Options(ParquetBytes(MakeBatch({{"a", Texts({"1"})}})));
  options.part = SourcePart{.begin = 1, .end = 2, .rows = 1, .encoding = {}};
  const auto source = OpenSource(options);
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.error().code(), code::load_file_changed);
}

// Made of pieces that are each other's trouble.
std::string AnyText(const std::vector<std::string>& pieces, std::mt19937& random) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += pieces[random() % pieces.size()];
  return text;
}

TEST_F(SourcePartsTest, GivesTheRowsOfAnyTextHoweverItIsCut) {
  const std::vector<std::string> csv = {
      "a", "\"", "\"\"", ",", "\n", "\r\n", "\r", "é", "x,y\n", "\xE7", "1,\"two\nlines\"\n"};
  const std::vector<std::string> json = {
      "{\"a\":1}", "{\"a\":", "}", "\"", " ", "\n", "\n", "\r\n", "é", "\xE7", "{\"b\":[\"é\"]}\n"};
  std::mt19937 random(20261127);
  for (int round = 0; round < 600; ++round) {
    const std::string text = round % 2 == 0 ? "a,b\n" + AnyText(csv, random)
                                            : "{\"a\":1}\n{\"b\":2}\n" + AnyText(json, random);
    Dialect dialect;
    if (round % 3 == 0) dialect.row_bytes_max = 12;
    const SourceOptions options = Options(text, dialect);
    const Lines whole = Whole(options);
    const PartLimits limits{.rows = 1 + static_cast<int64_t>(random() % 4)};
    if (whole.empty()) continue;
    ASSERT_EQ(InParts(options, limits), whole) << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace eclusa
