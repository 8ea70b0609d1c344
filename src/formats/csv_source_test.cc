#include "formats/csv_source.h"

#include <arrow/type.h>
#include <gtest/gtest.h>

#include <random>

#include "formats/csv_structure.h"
#include "formats/read_rows.h"
#include "formats/text_encoding.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using Strings = std::vector<std::string>;

struct Opened {
  Result<std::unique_ptr<Source>> source;
  std::string code() const { return source.ok() ? "none" : source.error().code(); }
};

Opened OpenCsvText(const std::string& bytes, const SourceOptions& options = {},
                   const CsvSteps& steps = {}) {
  return {OpenCsv(OpenMemoryInput(bytes, "f.csv").value(), options, steps)};
}

ReadFile ReadCsvText(const std::string& bytes, const SourceOptions& options = {},
                     const CsvSteps& steps = {}) {
  Opened opened = OpenCsvText(bytes, options, steps);
  if (opened.source.ok()) return ReadRows(**opened.source);
  ReadFile file;
  file.error = opened.source.error();
  return file;
}

TEST(CsvSource, TellsNullFromTheEmptyText) {
  EXPECT_EQ(ReadCsvText("a,b,c\n1,,\"\"\n").values(), (std::vector<Values>{{"1", kNull, ""}}));
}

TEST(CsvSource, TakesAwayQuotesAndHalvesDoubledOnes) {
  EXPECT_EQ(ReadCsvText("a,b\n\"x,\ny\",\"say \"\"hi\"\"\"\n\"\"\"\",5\" pipe\n").values(),
            (std::vector<Values>{{"x,\ny", "say \"hi\""}, {"\"", "5\" pipe"}}));
}

TEST(CsvSource, EndsLinesWithLfCrLfAndCr) {
  const std::vector<Values> expected = {{"1", "2"}, {"3", kNull}};
  for (const std::string text : {"a,b\n1,2\n3,\n", "a,b\r\n1,2\r\n3,\r\n", "a,b\r1,2\r3,\r",
                                 "a,b\r\n1,2\n3,", "a,b\n1,2\r3,\r"}) {
    EXPECT_EQ(ReadCsvText(text).values(), expected) << text;
  }
  EXPECT_EQ((*OpenCsvText("a,b\r\n1,2\r\n").source)->format().line_end, "\r\n");
  EXPECT_EQ((*OpenCsvText("a,b\r1,2\r").source)->format().line_end, "\r");
}

TEST(CsvSource, GivesEachRowItsPlace) {
  const ReadFile file = ReadCsvText("a,b\n1,2\n\n\"x\ny\",3\n4,5\n");
  ASSERT_EQ(file.rows.size(), 3U);
  const auto place = [&](size_t i) {
    const Place& at = file.rows[i].place;
    return std::vector<int64_t>{at.row, at.line, at.byte_offset};
  };
  EXPECT_EQ(place(0), (std::vector<int64_t>{1, 2, 4}));
  EXPECT_EQ(place(1), (std::vector<int64_t>{2, 4, 9}));
  EXPECT_EQ(place(2), (std::vector<int64_t>{3, 6, 17}));
}

TEST(CsvSource, SkipsTheMarkOfUtf8) {
  const ReadFile file = ReadCsvText(
      "\xEF\xBB\xBF"
      "a,b\n1,2\n");
  EXPECT_EQ(file.values(), (std::vector<Values>{{"1", "2"}}));
  EXPECT_EQ(file.rows[0].place.byte_offset, 7);
  EXPECT_TRUE((*OpenCsvText("\xEF\xBB\xBF"
                            "a\n")
                    .source)
                  ->format()
                  .bom);
}

TEST(CsvSource, FindsTheDelimiter) {
  const auto found = [](const std::string& text) {
    return (*OpenCsvText(text).source)->format().delimiter;
  };
  EXPECT_EQ(found("a,b\n1,2\n"), ',');
  EXPECT_EQ(found("a;b;c\n1,5;2,5;x\n"), ';');
  EXPECT_EQ(found("a\tb\n1\t2\n"), '\t');
  EXPECT_EQ(found("a|b\n\"x,y;z\"|2\n"), '|');
  EXPECT_EQ(found("id;name, first;city\n1;x;y\n2;x;y\n"), ';');
  EXPECT_EQ(found("a\n1,5\n"), ',');
  EXPECT_EQ(found(""
                  "a"),
            ',');
}

TEST(CsvSource, TakesTheDialectThatIsGiven) {
  SourceOptions options;
  options.dialect.delimiter = '^';
  options.dialect.quote = '\'';
  EXPECT_EQ(ReadCsvText("a^b\n'x^y'^\"z\n", options).values(),
            (std::vector<Values>{{"x^y", "\"z"}}));
  options.dialect.quote = '\0';
  EXPECT_EQ(ReadCsvText("a^b\n'x^\"y\n", options).values(), (std::vector<Values>{{"'x", "\"y"}}));
}

TEST(CsvSource, RefusesMarksThatCannotBe) {
  SourceOptions options;
  options.dialect.delimiter = '"';
  EXPECT_EQ(OpenCsvText("a\n", options).code(), code::csv_dialect);
  options.dialect.delimiter = '\n';
  EXPECT_EQ(OpenCsvText("a\n", options).code(), code::csv_dialect);
  options.dialect.delimiter = '\xE9';
  EXPECT_EQ(OpenCsvText("a\n", options).code(), code::csv_dialect);
}

TEST(CsvSource, ReadsWithoutAHeader) {
  SourceOptions options;
  options.dialect.header = false;
  options.column_names = {"x", "y"};
  const ReadFile file = ReadCsvText("1;2\n3;4\n", options);
  EXPECT_EQ(file.values(), (std::vector<Values>{{"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(file.rows[0].place.line, 1);
  EXPECT_EQ(ReadCsvText("", options).rows.size(), 0U);
  EXPECT_EQ(ReadCsvText("", options).error, std::nullopt);
  options.column_names.clear();
  EXPECT_EQ(OpenCsvText("1;2\n", options).code(), code::csv_no_names);
}

TEST(CsvSource, ReadsTheColumnsThatAreWanted) {
  SourceOptions options;
  options.wanted = {"c", "a", "absent"};
  const Opened opened = OpenCsvText("a,b,c\n1,2,3\n", options);
  EXPECT_EQ((*opened.source)->schema().field_names(), (Strings{"a", "c"}));
  EXPECT_EQ(ReadRows(**opened.source).values(), (std::vector<Values>{{"1", "3"}}));
}

TEST(CsvSource, KeepsHeaderNamesAsTheyAre) {
  const Opened opened = OpenCsvText("\"a b\",A,A,,\" x\"\"\"\n");
  EXPECT_EQ((*opened.source)->schema().field_names(), (Strings{"a b", "A", "A", "", " x\""}));
  EXPECT_EQ(ReadRows(**opened.source).batches, 0);
}

TEST(CsvSource, RefusesAFileWithoutAHeader) {
  EXPECT_EQ(OpenCsvText("").code(), code::csv_empty);
  EXPECT_EQ(OpenCsvText("\n\r\n\r").code(), code::csv_empty);
  EXPECT_EQ(OpenCsvText("\xEF\xBB\xBF").code(), code::csv_empty);
}

TEST(CsvSource, RefusesAHeaderThatCannotBeRead) {
  EXPECT_EQ(OpenCsvText("a,\"b\n1,2\n").code(), code::csv_header_damaged);
  EXPECT_EQ(OpenCsvText("\"a\"x,b\n1,2\n").code(), code::csv_header_damaged);
  SourceOptions options;
  options.dialect.encoding = "utf-8";
  EXPECT_EQ(OpenCsvText("a,\xE9\n1,2\n", options).code(), code::csv_header_encoding);
  options.dialect.row_bytes_max = 100;
  EXPECT_EQ(OpenCsvText(std::string(1000, 'a') + "\n1\n", options, {64, 64}).code(),
            code::csv_header_damaged);
}

TEST(CsvSource, SkipsBlankLinesExceptInAFileOfOneColumn) {
  EXPECT_EQ(ReadCsvText("\n\na,b\n\n1,2\n\r\n\n3,4\n\n").values(),
            (std::vector<Values>{{"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(ReadCsvText("a\n1\n\n2\n").values(), (std::vector<Values>{{"1"}, {kNull}, {"2"}}));
}

TEST(CsvSource, FailsARowWithTheWrongNumberOfFields) {
  const ReadFile file = ReadCsvText("a,b\n1,2\n3\n4,5,6\n7,8\n");
  EXPECT_EQ(file.values(), (std::vector<Values>{{"1", "2"}, {"7", "8"}}));
  EXPECT_EQ(file.failures(), (Strings{"2:3:row.columns", "3:4:row.columns"}));
  EXPECT_EQ(file.rows[1].place.row, 4);
  EXPECT_EQ(file.unreadable[1].raw, "4,5,6");
  EXPECT_EQ(Text(file.unreadable[1].reasons[0], Language::kEnglish),
            "the row has 3 columns instead of 2");
}

TEST(CsvSource, FailsARowWithTextBehindAQuote) {
  const ReadFile file = ReadCsvText("a,b\n1,2\n3,\"x\"y\n4,5\n");
  EXPECT_EQ(file.values(), (std::vector<Values>{{"1", "2"}, {"4", "5"}}));
  EXPECT_EQ(file.failures(), (Strings{"2:3:row.malformed"}));
  EXPECT_EQ(file.unreadable[0].raw, "3,\"x\"y");
  EXPECT_EQ(file.unreadable[0].reasons[0].column, "b");
}

TEST(CsvSource, AQuoteThatIsNeverClosedCostsOneRow) {
  const ReadFile file = ReadCsvText("a,b\n1,\"open\n2,x\n3,\"fine\"\n4,y\n");
  EXPECT_EQ(file.values(), (std::vector<Values>{{"2", "x"}, {"3", "fine"}, {"4", "y"}}));
  EXPECT_EQ(file.failures(), (Strings{"1:2:row.malformed"}));
  const ReadFile to_the_end = ReadCsvText("a,b\n1,\"open\n2,x\n3,y\n");
  EXPECT_EQ(to_the_end.values(), (std::vector<Values>{{"2", "x"}, {"3", "y"}}));
  EXPECT_EQ(to_the_end.failures(), (Strings{"1:2:row.malformed"}));
}

TEST(CsvSource, GoesOnBehindTheLineThatOpenedTheQuote) {
  // The row begins in line 2, its second field opens the quote in line 3.
  const ReadFile file = ReadCsvText("a,b,c\n\"one\ntwo\",\"open,3\n4,5,6\n");
  EXPECT_EQ(file.failures(), (Strings{"1:2:row.malformed"}));
  EXPECT_EQ(file.values(), (std::vector<Values>{{"4", "5", "6"}}));
  EXPECT_EQ(file.rows[0].place.line, 4);
}

TEST(CsvSource, GivesUpAQuoteThatStaysOpenForTooLong) {
  SourceOptions options;
  options.dialect.row_bytes_max = 1000;
  std::string text = "a,b\n1,\"open\n";
  for (int i = 0; i < 500; ++i) text += std::to_string(i) + ",x\n";
  const ReadFile file = ReadCsvText(text, options, {256, 64});
  EXPECT_EQ(file.rows.size(), 500U);
  EXPECT_EQ(file.failures(), (Strings{"1:2:row.malformed"}));
}

TEST(CsvSource, FailsARowThatIsTooLongAndKeepsABoundedPartOfIt) {
  SourceOptions options;
  options.dialect.row_bytes_max = 100'000;
  const std::string text = "a,b\n1,2\n3," + std::string(5'000'000, 'x') + "\n4,5\n6," +
                           std::string(100'000, 'y') + "\r\n7," + std::string(99'998, 'z') + "\n";
  for (const CsvSteps& steps : {CsvSteps{}, CsvSteps{1000, 300}, CsvSteps{1 << 20, 1 << 20}}) {
    const ReadFile file = ReadCsvText(text, options, steps);
    EXPECT_EQ(file.failures(), (Strings{"2:3:row.too_long", "4:5:row.too_long"}));
    ASSERT_EQ(file.rows.size(), 3U);
    EXPECT_EQ(file.rows[2].values[1], std::string(99'998, 'z'));
    EXPECT_EQ(file.unreadable[0].raw.size(), 64U << 10);
    EXPECT_EQ(file.rows[1].place.byte_offset, 4 + 4 + 2 + 5'000'000 + 1);
  }
}

TEST(CsvSource, FailsRowsInAWrongEncodingAndNamesTheColumns) {
  const ReadFile file = ReadCsvText("a,b\nSão,João\nx\xE9,y\xE3\nGoiânia,z\n");
  EXPECT_EQ(file.values(), (std::vector<Values>{{"São", "João"}, {"Goiânia", "z"}}));
  EXPECT_EQ(file.failures(), (Strings{"2:3:text.encoding+text.encoding"}));
  EXPECT_EQ(file.unreadable[0].reasons[0].column, "a");
  EXPECT_EQ(file.unreadable[0].reasons[0].value, "x\\xE9");
  EXPECT_EQ(file.unreadable[0].reasons[1].column, "b");
  EXPECT_EQ(file.unreadable[0].raw, "x\xE9,y\xE3");
}

TEST(CsvSource, DoesNotMindTheEncodingOfColumnsThatAreNotRead) {
  SourceOptions options;
  options.wanted = {"b"};
  options.dialect.encoding = "utf-8";
  EXPECT_EQ(ReadCsvText("a,b\nx\xE9,y\n", options).values(), (std::vector<Values>{{"y"}}));
}

TEST(CsvSource, ReadsWindows1252FoundOrGiven) {
  const std::string text = "a;b\nS\xE3o;\"\x80 \"\"5\"\"\"\n";
  const Opened opened = OpenCsvText(text);
  EXPECT_EQ((*opened.source)->format().encoding, "windows-1252");
  EXPECT_EQ(ReadRows(**opened.source).values(), (std::vector<Values>{{"São", "€ \"5\""}}));
  SourceOptions options;
  options.dialect.encoding = "iso-8859-1";
  EXPECT_EQ(ReadCsvText("a;b\nS\xE3o;\x80\n", options).values(),
            (std::vector<Values>{{"São", "\xC2\x80"}}));
}

TEST(CsvSource, FailsABytesThatWindows1252HasNoCharacterFor) {
  SourceOptions options;
  options.dialect.encoding = "cp1252";
  const ReadFile file = ReadCsvText("a,b\n\xE9,1\n\x81,2\n", options);
  EXPECT_EQ(file.failures(), (Strings{"2:3:text.encoding"}));
  EXPECT_EQ(file.unreadable[0].reasons[0].rule, "windows-1252");
}

// Rows of ASCII, then others; so many that their first byte that is not ASCII lies behind the first
// block.
std::string BehindAscii(const std::string& rest) {
  std::string text = "a,b\n";
  for (int i = 0; i < 1000; ++i) text += std::to_string(i) + ",x\n";
  return text + rest;
}

TEST(CsvSource, FindsTheEncodingAtTheFirstByteThatIsNotAscii) {
  for (const CsvSteps& steps : {CsvSteps{}, CsvSteps{512, 256}, CsvSteps{7, 3}}) {
    const Opened opened = OpenCsvText(BehindAscii("S\xE3o,Jo\xE3o\n"), {}, steps);
    Source& source = **opened.source;
    if (steps.block_bytes == 512) {
      EXPECT_EQ(source.format().encoding_basis, "ascii");
    }
    const ReadFile file = ReadRows(source);
    ASSERT_EQ(file.rows.size(), 1001U);
    EXPECT_EQ(file.rows[1000].values, (Values{"São", "João"}));
    EXPECT_EQ(source.format().encoding, "windows-1252");
    EXPECT_EQ(source.format().encoding_basis, "found");
  }
}

TEST(CsvSource, SaysWhatTheEncodingRestsOn) {
  const auto basis = [](const std::string& text, const SourceOptions& options = {}) {
    const Opened opened = OpenCsvText(text, options);
    ReadRows(**opened.source);
    const FormatDescription& format = (*opened.source)->format();
    return format.encoding + " " + format.encoding_basis;
  };
  EXPECT_EQ(basis("a\nx\n"), "utf-8 ascii");
  EXPECT_EQ(basis("a\nSão\n"), "utf-8 found");
  EXPECT_EQ(basis("\xEF\xBB\xBF"
                  "a\nx\n"),
            "utf-8 mark");
  SourceOptions options;
  options.dialect.encoding = "windows-1252";
  EXPECT_EQ(basis("a\nx\n", options), "windows-1252 asked");
}

TEST(CsvSource, DoesNotGuessTheEncodingAgainInsideTheFile) {
  // Enough of UTF-8 to fill the evidence, then the other encoding: these rows fail.
  std::string text = "a,b\n";
  while (text.size() <= kEncodingEvidenceBytes) text += "São,x\n";
  const size_t rows = (text.size() - 4) / 7;
  for (const CsvSteps& steps : {CsvSteps{}, CsvSteps{512, 256}}) {
    const ReadFile file = ReadCsvText(text + "S\xE3o,Jo\xE3o\n", {}, steps);
    EXPECT_EQ(file.rows.size(), rows);
    EXPECT_EQ(file.failures(), (Strings{std::to_string(rows + 1) + ":" + std::to_string(rows + 2) +
                                        ":text.encoding+text.encoding"}));
  }
}

TEST(CsvSource, FailsTextInUtf8WhereWindows1252WasFound) {
  const std::string text = "a,b\nS\xE3o,Jo\xE3o\nGoi\xE2nia,x\nSão,J\xE3o\nN\xC3O,\xC7\xC3O\n";
  const ReadFile file = ReadCsvText(text);
  EXPECT_EQ(file.failures(), (Strings{"3:4:text.encoding_mixed"}));
  EXPECT_EQ(file.unreadable[0].reasons[0].column, "a");
  EXPECT_EQ(file.unreadable[0].reasons[0].rule, "windows-1252");
  ASSERT_EQ(file.rows.size(), 3U);
  EXPECT_EQ(file.rows[2].values, (Values{"NÃO", "ÇÃO"}));
  // Who asks for it gets it.
  SourceOptions options;
  options.dialect.encoding = "windows-1252";
  const ReadFile asked = ReadCsvText(text, options);
  ASSERT_EQ(asked.rows.size(), 4U);
  EXPECT_EQ(asked.rows[2].values, (Values{"SÃ£o", "Jão"}));
  // Nobody reads that column.
  options = {};
  options.wanted = {"b"};
  EXPECT_EQ(ReadCsvText(text, options).rows.size(), 4U);
}

TEST(CsvSource, RefusesAnEncodingThatIsUnknownOrContradictsTheFile) {
  SourceOptions options;
  options.dialect.encoding = "koi8-r";
  EXPECT_EQ(OpenCsvText("a\n", options).code(), code::csv_encoding_unknown);
  options.dialect.encoding = "windows-1252";
  EXPECT_EQ(OpenCsvText("\xEF\xBB\xBF"
                        "a\n",
                        options)
                .code(),
            code::csv_encoding_mark);
  EXPECT_EQ(OpenCsvText(std::string("\xFF\xFE"
                                    "a\0\n\0",
                                    6))
                .code(),
            code::csv_utf16);
}

TEST(CsvSource, IsNotStoppedByZeroBytes) {
  const std::string text("a,b\n1\0,\"\0\"\n2,3\n", 15);
  const ReadFile file = ReadCsvText(text);
  EXPECT_EQ(file.values(),
            (std::vector<Values>{{std::string("1\0", 2), std::string("\0", 1)}, {"2", "3"}}));
  SourceOptions options;
  options.dialect.quote = '\0';  // no quotes, and a zero byte is none
  EXPECT_EQ(ReadCsvText(std::string("a,b\n\0x,\0", 8), options).values(),
            (std::vector<Values>{{std::string("\0x", 2), std::string("\0", 1)}}));
}

TEST(CsvSource, SaysThatTheFileBehindItBroke) {
  auto input = OpenMemoryInput(std::string("\x1f\x8b\x08\0\0\0\0\0\0\3", 10), "f.csv.gz").value();
  const auto source = OpenCsv(std::move(input), {});
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.error().code(), code::file_truncated);
}

TEST(CsvSource, BoundsItsBatchesByValuesToo) {
  std::string header = "c0";
  std::string row = "0";
  for (int i = 1; i < 10000; ++i) {
    header += ",c" + std::to_string(i);
    row += ",";
  }
  std::string text = header + "\n";
  for (int i = 0; i < 300; ++i) text += row + "\n";
  const ReadFile file = ReadCsvText(text);
  EXPECT_EQ(file.rows.size(), 300U);
  EXPECT_EQ(file.batches, 3);  // a million values are 104 rows
}

TEST(CsvSource, FailsEachRowWhoseQuoteIsClosedByTheNextRowsQuote) {
  std::string text = "a,b\n";
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i) + ",\"open\nsound,row\n";
  const ReadFile file = ReadCsvText(text);
  EXPECT_EQ(file.rows.size(), 50'000U);
  EXPECT_EQ(file.unreadable.size(), 50'000U);
  EXPECT_EQ(file.unreadable.back().reasons[0].code, code::row_malformed);
}

// Whatever the steps and the size of batches, the same comes out; and no line is lost.
TEST(CsvSource, DoesNotDependOnHowTheFileIsCut) {
  std::mt19937 random(7);
  const std::string alphabets[] = {"ab,,\n", "ab,\"\n", "aaaa,,\"\r\n", "aaaaaaaa,\"\"\"\n\xC3\xA9",
                                   "aaa,\n\xE3\xC3\xA9"};
  for (int round = 0; round < 3000; ++round) {
    const std::string& alphabet = alphabets[random() % std::size(alphabets)];
    std::string text = "h1,h2\n";
    for (size_t i = random() % 300; i > 0; --i) text += alphabet[random() % alphabet.size()];
    SourceOptions options;
    options.dialect.delimiter = ',';
    if (random() % 2 == 0) options.dialect.encoding = "utf-8";
    if (random() % 2 == 0) options.dialect.row_bytes_max = 1 + random() % 40;
    const ReadFile whole = ReadCsvText(text, options);
    SourceOptions small = options;
    small.batch_rows = 1 + static_cast<int32_t>(random() % 5);
    const CsvSteps steps{1 + random() % 70, 1 + random() % 70};
    const ReadFile cut = ReadCsvText(text, small, steps);
    if (whole.error) {
      ASSERT_TRUE(cut.error) << text;
      continue;
    }
    ASSERT_FALSE(cut.error) << text;
    ASSERT_EQ(whole.values(), cut.values()) << text;
    ASSERT_EQ(whole.failures(), cut.failures()) << text;
    for (size_t i = 0; i < whole.rows.size(); ++i) {
      ASSERT_EQ(whole.rows[i].place.line, cut.rows[i].place.line) << text;
      ASSERT_EQ(whole.rows[i].place.byte_offset, cut.rows[i].place.byte_offset) << text;
    }
    for (size_t i = 0; i < whole.unreadable.size(); ++i) {
      ASSERT_EQ(whole.unreadable[i].raw, cut.unreadable[i].raw) << text;
    }
    // The place is true: the row's bytes stand there.
    for (const UnreadableRow& row : whole.unreadable) {
      const auto at = static_cast<size_t>(row.place.byte_offset);
      ASSERT_EQ(text.substr(at, row.raw.size()), row.raw);
      const std::span<const char> before(text.data(), at);
      ASSERT_EQ(row.place.line, 1 + CountLineEnds(before)) << text;
    }
  }
}

}  // namespace
}  // namespace eclusa
