#include "formats/fixed_source.h"

#include <gtest/gtest.h>

#include <random>

#include "formats/read_rows.h"
#include "formats/test_tables.h"
#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// a: 4 characters, b: 6, c: to the end of the line.
std::vector<FixedColumn> OpenEnded() { return {{"a", 0, 4}, {"b", 4, 6}, {"c", 10, kNull}}; }
// a: 4 characters, two that nobody reads, b: 6.
std::vector<FixedColumn> Bounded() { return {{"a", 0, 4}, {"b", 6, 6}}; }

ReadFile ReadFixed(const std::string& text, SourceOptions options, const CsvSteps& steps = {}) {
  if (options.fixed.empty()) options.fixed = OpenEnded();
  const auto source = OpenFixed(OpenMemoryInput(text, "f").value(), options, steps).value();
  return ReadRows(*source);
}

TEST(FixedSource, CutsLinesAtTheirPlacesAndTakesThePaddingAway) {
  const ReadFile file = ReadFixed("1   one   first \n  22  two\n", {});
  EXPECT_EQ(file.values(), (std::vector<Values>{{"1", "one", "first"}, {"22", "two", kNull}}));
  EXPECT_TRUE(file.unreadable.empty());
}

TEST(FixedSource, CountsCharactersWhateverTheirBytes) {
  const std::string text = "ÉÉÉÉüüüüüüção €\nabcd  ññ  😀名\n";
  const std::vector<Values> expected = {{"ÉÉÉÉ", "üüüüüü", "ção €"}, {"abcd", "ññ", "😀名"}};
  EXPECT_EQ(ReadFixed(text, {}).values(), expected);
  SourceOptions windows;
  windows.dialect.encoding = "windows-1252";
  EXPECT_EQ(ReadFixed("\xC9\xC9\xC9\xC9\xFC\xFC\xFC\xFC\xFC\xFC\xE7\xE3o \x80\n", windows).values(),
            (std::vector<Values>{expected[0]}));
  windows.dialect.encoding = "iso-8859-1";
  EXPECT_EQ(ReadFixed("\xC9\xC9\xC9\xC9\xFC\xFC\xFC\xFC\xFC\xFC\xE7\xE3o\n", windows).values(),
            (std::vector<Values>{{"ÉÉÉÉ", "üüüüüü", "ção"}}));
}

TEST(FixedSource, LetsAnOpenLastColumnBeShortOrAbsent) {
  // To the end; ends in it; ends before it; ends in the one before; has nothing of that one.
  const ReadFile file =
      ReadFixed("1   two   three\n1   two   t\n1   two   \n1   two\n1   t\n1   \n1\n", {});
  EXPECT_EQ(file.values(), (std::vector<Values>{{"1", "two", "three"},
                                                {"1", "two", "t"},
                                                {"1", "two", kNull},
                                                {"1", "two", kNull},
                                                {"1", "t", kNull}}));
  EXPECT_EQ(file.failures(), (std::vector<std::string>{"6:6:row.columns", "7:7:row.columns"}));
  EXPECT_EQ(file.unreadable[0].reasons[0].arguments,
            (std::vector<std::pair<std::string, std::string>>{{"found", "1"}, {"expected", "3"}}));
  EXPECT_EQ(file.unreadable[1].reasons[0].arguments[0].second, "0");
}

TEST(FixedSource, FailsLinesThatAreShortOrLongWhereAllColumnsHaveAWidth) {
  SourceOptions options;
  options.fixed = Bounded();
  const ReadFile file =
      ReadFixed("1   xxsecond\n1   xxsecon\n1   xxsecond  \n1   xxsecondx\n", options);
  EXPECT_EQ(file.values(), (std::vector<Values>{{"1", "second"}, {"1", "second"}}));
  EXPECT_EQ(file.failures(), (std::vector<std::string>{"2:2:row.columns", "4:4:row.columns"}));
  EXPECT_EQ(file.unreadable[0].raw, "1   xxsecon");
  EXPECT_EQ(file.unreadable[1].reasons[0].arguments[0].second, "3");
}

TEST(FixedSource, TakesWhatShortLinesLackForPaddingWhereToldTo) {
  SourceOptions options;
  options.fixed = Bounded();
  options.dialect.pad_short_lines = true;
  EXPECT_EQ(ReadFixed("1\n1   xxse\n1   xxsecondx\n", options).failures(),
            (std::vector<std::string>{"3:3:row.columns"}));
  EXPECT_EQ(ReadFixed("1\n1   xxse\n", options).values(),
            (std::vector<Values>{{"1", kNull}, {"1", "se"}}));
}

TEST(FixedSource, LetsAnythingStandUpToTheLengthOfALine) {
  SourceOptions options;
  options.fixed = Bounded();
  options.dialect.line_length = 14;
  const ReadFile file = ReadFixed("1   xxsecondab\n1   xxsecond\n1   xxsecondabc\n", options);
  EXPECT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.failures(), (std::vector<std::string>{"3:3:row.columns"}));
}

TEST(FixedSource, PassesOverHeaderLinesAndEmptyLines) {
  SourceOptions options;
  options.dialect.header_lines = 2;
  const ReadFile file =
      ReadFixed("\xEF\xBB\xBFHEADER\r\n\r\n1   one   x\r\n\r\n2   two   y", options);
  EXPECT_EQ(file.values(), (std::vector<Values>{{"1", "one", "x"}, {"2", "two", "y"}}));
  EXPECT_EQ(file.rows[0].place.row, 1);
  EXPECT_EQ(file.rows[0].place.line, 3);
  EXPECT_EQ(file.rows[1].place.line, 5);
  EXPECT_EQ(file.rows[0].place.byte_offset, 13);
  EXPECT_TRUE(ReadFixed("only\n", options).rows.empty());
  EXPECT_TRUE(ReadFixed("", options).rows.empty());
}

TEST(FixedSource, TakesPaddingOfAnyCharacterFromTheSideGiven) {
  SourceOptions options;
  options.fixed = {{"a", 0, 6}, {"b", 6, 6}};
  const auto values = [&](char padding, PaddingSide side, const std::string& text) {
    options.dialect.padding = padding;
    options.dialect.padding_side = side;
    return ReadFixed(text, options).values();
  };
  EXPECT_EQ(values(' ', PaddingSide::kLeft, " a b    \tc  "),
            (std::vector<Values>{{"a b  ", "\tc  "}}));
  EXPECT_EQ(values(' ', PaddingSide::kRight, " a b    c   "),
            (std::vector<Values>{{" a b", "  c"}}));
  EXPECT_EQ(values(' ', PaddingSide::kNone, " a b        "),
            (std::vector<Values>{{" a b  ", "      "}}));
  EXPECT_EQ(values('0', PaddingSide::kLeft, "000120000000"), (std::vector<Values>{{"120", "0"}}));
  EXPECT_EQ(values('*', PaddingSide::kBoth, "**12**------"),
            (std::vector<Values>{{"12", "------"}}));
}

TEST(FixedSource, FailsWhatIsNotValidInItsEncoding) {
  SourceOptions options;
  options.dialect.encoding.emplace("utf-8");
  options.wanted = {"a"};
  const ReadFile file = ReadFixed("1   \xC3\xA9\xFFxxxx\n2   two   x\n", options);
  EXPECT_EQ(file.failures(), (std::vector<std::string>{"1:1:text.encoding"}));
  EXPECT_EQ(file.unreadable[0].reasons[0].column, "b");
  EXPECT_EQ(file.unreadable[0].reasons[0].value, "\\xFFxxxx");
  EXPECT_EQ(file.values(), (std::vector<Values>{{"2"}}));
  // A byte is a character: only what is read has to be one.
  options.dialect.encoding.emplace("windows-1252");
  EXPECT_EQ(ReadFixed("1   \x81xxxxxx\n\x81   two   x\n", options).failures(),
            (std::vector<std::string>{"2:2:text.encoding"}));
}

TEST(FixedSource, FailsLinesThatAreTooLongAndGoesOn) {
  SourceOptions options;
  options.dialect.row_bytes_max = 20;
  const std::string text =
      "1   one   x\n2   " + std::string(1000, 'x') + "\r\n3   three y\n4   " + std::string(17, 'x');
  for (const size_t step : {size_t{1}, size_t{7}, size_t{5000}}) {
    const ReadFile file = ReadFixed(text, options, {step, step});
    EXPECT_EQ(file.failures(), (std::vector<std::string>{"2:2:row.too_long", "4:4:row.too_long"}));
    EXPECT_EQ(file.values(), (std::vector<Values>{{"1", "one", "x"}, {"3", "three", "y"}}));
    EXPECT_EQ(file.unreadable[0].raw.size(), 20U);
  }
}

TEST(FixedSource, KeepsZeroBytesAndQuotes) {
  EXPECT_EQ(ReadFixed(std::string("1   \"o\0\",\" x\n", 13), {}).values(),
            (std::vector<Values>{{"1", std::string("\"o\0\",\"", 6), "x"}}));
}

TEST(FixedSource, GivesColumnsInTheOrderOfTheOptionsWhereverTheyStand) {
  SourceOptions options;
  options.fixed = {{"c", 10, kNull}, {"a", 0, 4}, {"b", 4, 6}};
  EXPECT_EQ(ReadFixed("1   twotwothree\n", options).values(),
            (std::vector<Values>{{"three", "1", "twotwo"}}));
  options.wanted = {"b", "c"};
  EXPECT_EQ(ReadFixed("1   twotwothree\n", options).values(),
            (std::vector<Values>{{"three", "twotwo"}}));
}

TEST(FixedSource, IsChosenForTextWhereColumnsHavePlaces) {
  const TestFolder folder;
  SourceOptions options;
  options.fixed = OpenEnded();
  options.path = folder.Write("f.txt", Compressed("1   one   x\n", arrow::Compression::GZIP));
  const auto source = OpenSource(options).value();
  EXPECT_EQ(source->format().format, "fixed");
  EXPECT_EQ(source->format().compression, "gzip");
  EXPECT_EQ(ReadRows(*source).values(), (std::vector<Values>{{"1", "one", "x"}}));
}

TEST(FixedSource, LeavesAFailuresFileToCsv) {
  const TestFolder folder;
  SourceOptions options;
  options.fixed = OpenEnded();
  options.dialect.header_lines = 1;
  options.path = folder.Write("f.csv", "a,b,c,_eclusa_row\n1,mended and longer,x,7\n");
  const auto source = OpenSource(options).value();
  EXPECT_EQ(source->format().format, "csv");
  EXPECT_EQ(ReadRows(*source).values(),
            (std::vector<Values>{{"1", "mended and longer", "x", "7"}}));
}

// The same in a slow and plain way.
Values CutOut(const std::u32string& line, const std::vector<FixedColumn>& columns) {
  Values values;
  for (const FixedColumn& column : columns) {
    const size_t begin = std::min<size_t>(column.offset, line.size());
    std::u32string part = line.substr(begin, column.width.value_or(1 << 20));
    while (!part.empty() && part.back() == U' ') part.pop_back();
    while (!part.empty() && part.front() == U' ') part.erase(0, 1);
    std::string text;
    for (const char32_t c : part) text += c < 0x80 ? std::string(1, static_cast<char>(c)) : "é";
    if (part.empty()) {
      values.push_back(kNull);
    } else {
      values.push_back(text);
    }
  }
  return values;
}

TEST(FixedSource, ReadsRandomLinesHoweverTheFileIsCut) {
  std::mt19937 random(11);
  const std::vector<FixedColumn> columns = {
      {"a", 3, 1}, {"b", 4, 20}, {"c", 30, 9}, {"d", 0, 2}, {"e", 45, kNull}};
  for (int round = 0; round < 500; ++round) {
    const char32_t other = random() % 2 == 0 ? U'é' : U'y';
    std::string text;
    std::vector<Values> expected;
    for (size_t i = random() % 40; i > 0; --i) {
      std::u32string line;
      for (size_t length = 31 + random() % 40; length > 0; --length) {
        line += random() % 3 != 0 ? U' ' : random() % 2 == 0 ? U'x' : other;
      }
      expected.push_back(CutOut(line, columns));
      for (const char32_t c : line) text += c < 0x80 ? std::string(1, static_cast<char>(c)) : "é";
      text += random() % 2 == 0 ? "\n" : random() % 2 == 0 ? "\r\n" : "\r";
    }
    SourceOptions options;
    options.fixed = columns;
    options.batch_rows = 1 + static_cast<int32_t>(random() % 50);
    const ReadFile file = ReadFixed(text, options, {1 + random() % 300, 1 + random() % 300});
    ASSERT_EQ(file.failures(), std::vector<std::string>{}) << text;
    ASSERT_EQ(file.values(), expected) << text;
    for (size_t i = 0; i < file.rows.size(); ++i) {
      ASSERT_EQ(file.rows[i].place.line, static_cast<int64_t>(i) + 1);
    }
  }
}

}  // namespace
}  // namespace eclusa
