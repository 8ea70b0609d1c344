#include "formats/csv_structure.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace eclusa {
namespace {

// Bytes with the padding that a scan may read.
class Padded {
 public:
  explicit Padded(const std::string& text) : size_(text.size()), bytes_(text) {
    bytes_.append(kCsvPadding, '"');  // the most confusing that can stand there
  }
  std::span<const char> span() const { return {bytes_.data(), size_}; }

 private:
  size_t size_;
  std::string bytes_;
};

using Ends = std::vector<std::vector<uint32_t>>;  // of the fields of each row

Ends EndsOf(const CsvStructure& structure) {
  Ends ends;
  uint32_t first = 0;
  for (const uint32_t last : structure.row_ends()) {
    ends.emplace_back(structure.field_ends() + first, structure.field_ends() + last + 1);
    first = last + 1;
  }
  return ends;
}

Ends Scan(const std::string& text, CsvMarks marks = {}) {
  CsvStructure structure;
  structure.Scan(Padded(text).span(), marks);
  return EndsOf(structure);
}

TEST(CsvStructure, FindsTheEndsOfFieldsAndRows) {
  EXPECT_EQ(Scan("a,bc\n,\n"), (Ends{{1, 4}, {5, 6}}));
  EXPECT_EQ(Scan("a\r\nb\rc\n"), (Ends{{1}, {4}, {6}}));
  EXPECT_EQ(Scan("a;b\n", {';', '"'}), (Ends{{1, 3}}));
  EXPECT_EQ(Scan("a,b"), Ends{});
  EXPECT_EQ(Scan(""), Ends{});
}

TEST(CsvStructure, LooksOverWhatStandsInQuotes) {
  EXPECT_EQ(Scan("\"a,b\n\",c\n"), (Ends{{6, 8}}));
  EXPECT_EQ(Scan("\"a\"\"b\",\"\"\n"), (Ends{{6, 9}}));
  EXPECT_EQ(Scan("'a,b',c\n", {',', '\''}), (Ends{{5, 7}}));
}

TEST(CsvStructure, HasNoQuotesWhereTheMarkIsZero) {
  const std::string text("\"a,b\n\0\0,c\n", 10);
  EXPECT_EQ(Scan(text, {',', 0}), (Ends{{2, 4}, {7, 9}}));
  CsvStructure structure;
  structure.ScanPortably(Padded(text).span(), {',', 0});
  EXPECT_EQ(EndsOf(structure), (Ends{{2, 4}, {7, 9}}));
}

TEST(CsvStructure, StopsBeforeARowWithAMisplacedQuote) {
  for (const std::string bad : {"x,5\" pipe\n", "\"a\"b,c\n", "\"a\" ,c\n", "a\"\n"}) {
    const std::string text = "a,b\n" + bad + "d,e\n";
    CsvStructure structure;
    structure.Scan(Padded(text).span(), {});
    EXPECT_TRUE(structure.stopped()) << bad;
    EXPECT_EQ(EndsOf(structure), (Ends{{1, 3}})) << bad;
  }
}

TEST(CsvStructure, SaysThatAQuoteIsOpenAtTheEnd) {
  CsvStructure structure;
  structure.Scan(Padded("a,\"b\n").span(), {});
  EXPECT_TRUE(structure.in_quotes());
  structure.Scan(Padded("a,\"b\"").span(), {});
  EXPECT_FALSE(structure.in_quotes());
}

TEST(CsvStructure, KnowsWhatOccurred) {
  CsvStructure structure;
  structure.Scan(Padded("a,b\n").span(), {});
  EXPECT_FALSE(structure.has_quotes());
  structure.Scan(Padded("a,\"b\"\n").span(), {});
  EXPECT_TRUE(structure.has_quotes());
  EXPECT_FALSE(structure.has_doubled_quotes());
  EXPECT_FALSE(structure.has_line_ends_in_quotes());
  structure.Scan(Padded("a,\"b\"\"\n\"\n").span(), {});
  EXPECT_TRUE(structure.has_doubled_quotes());
  EXPECT_TRUE(structure.has_line_ends_in_quotes());
  structure.Scan(Padded("é\n").span(), {});
  EXPECT_TRUE(structure.has_non_ascii());
}

// What the scan finds, read row by row by the grammar.
Ends ByGrammar(std::span<const char> data, const CsvMarks& marks) {
  Ends rows;
  size_t begin = 0;
  while (begin < data.size()) {
    std::vector<uint32_t> ends;
    const CsvRow row = ReadCsvRow(data.subspan(begin), true, marks, ends);
    if (row.state != CsvRow::State::kComplete || begin + row.end == data.size()) break;
    for (uint32_t& end : ends) end += static_cast<uint32_t>(begin);
    rows.push_back(ends);
    begin = BehindLineEnd(data, begin + row.end);
  }
  return rows;
}

// Random texts of the characters that matter, of lengths around the 64 bytes of a block. The vector
// scan, the portable one and the grammar agree; where the scan stops, the grammar agrees up to
// there.
TEST(CsvStructure, AgreesWithTheGrammarOnRandomTexts) {
  std::mt19937 random(20240229);
  const std::string alphabets[] = {"ab,\n", "a,\"\n", "aaaaaaaa,\"\r\n", "\"\"\"\",\na",
                                   "aaaaaaaaaaaaaaaaaaaaaaaaaaa\",\n\r\xC3\xA9"};
  int stopped = 0;
  for (int round = 0; round < 40000; ++round) {
    const std::string& alphabet = alphabets[random() % std::size(alphabets)];
    std::string text(random() % 200, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    const Padded padded(text);
    CsvStructure vector_scan;
    vector_scan.Scan(padded.span(), {});
    CsvStructure portable;
    portable.ScanPortably(padded.span(), {});
    ASSERT_EQ(EndsOf(vector_scan), EndsOf(portable)) << text;
    ASSERT_EQ(vector_scan.stopped(), portable.stopped()) << text;
    Ends expected = ByGrammar(padded.span(), {});
    const Ends found = EndsOf(vector_scan);
    if (vector_scan.stopped()) {
      ++stopped;
      ASSERT_GE(expected.size(), found.size()) << text;
      expected.resize(found.size());
    }
    ASSERT_EQ(found, expected) << text;
  }
  EXPECT_GT(stopped, 1000);
  EXPECT_LT(stopped, 39000);
}

CsvRow RowOf(const std::string& text, bool at_end, std::vector<uint32_t>* ends = nullptr) {
  std::vector<uint32_t> ignored;
  return ReadCsvRow({text.data(), text.size()}, at_end, {}, ends == nullptr ? ignored : *ends);
}

TEST(ReadCsvRow, TakesAQuoteInsideAPlainFieldAsItIs) {
  std::vector<uint32_t> ends;
  const CsvRow row = RowOf("5\" pipe,\"x\"\nnext", false, &ends);
  EXPECT_EQ(row.state, CsvRow::State::kComplete);
  EXPECT_EQ(ends, (std::vector<uint32_t>{7, 11}));
}

TEST(ReadCsvRow, SaysWhereTextFollowsAQuote) {
  const CsvRow row = RowOf("a,\"b\"c,d\n", true);
  EXPECT_EQ(row.state, CsvRow::State::kTextAfterQuote);
  EXPECT_EQ(row.quote_at, 2U);
  EXPECT_EQ(row.column, 1U);
  EXPECT_EQ(row.end, 5U);
}

TEST(ReadCsvRow, EndsWithTheFile) {
  std::vector<uint32_t> ends;
  EXPECT_EQ(RowOf("a,b", true, &ends).state, CsvRow::State::kComplete);
  EXPECT_EQ(ends, (std::vector<uint32_t>{1, 3}));
  EXPECT_EQ(RowOf("a,b", false).state, CsvRow::State::kOpen);
  EXPECT_EQ(RowOf("a,\"b\"", false).state, CsvRow::State::kOpen);
  EXPECT_EQ(RowOf("a,b\r", false).state, CsvRow::State::kOpen);
  EXPECT_EQ(RowOf("a,b\r", true).state, CsvRow::State::kComplete);
  const CsvRow open = RowOf("a,\"b\n", true);
  EXPECT_EQ(open.state, CsvRow::State::kOpen);
  EXPECT_TRUE(open.in_quotes);
}

TEST(CountLineEnds, CountsCrLfOnce) {
  const std::string text = "a\nb\r\nc\rd\r";
  EXPECT_EQ(CountLineEnds({text.data(), text.size()}), 4);
}

}  // namespace
}  // namespace eclusa
