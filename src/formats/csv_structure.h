// CsvStructure: where the fields and rows of a piece of CSV text end.
//
// The grammar (RFC 4180, and what files in the world have beyond it):
//
//   file   = [BOM] [header line-end] *(row line-end) [row]
//   row    = field *(delimiter field)
//   field  = quoted / plain
//   quoted = quote *(any byte but quote / quote quote) quote      ; line ends and delimiters
//   included plain  = *(any byte but delimiter, CR, LF)                    ; a quote that is not
//   its first byte
//                                                                 ; is a byte like any other
//   line-end = CRLF / LF / CR                                     ; also mixed
//
// Scan finds the ends 64 bytes at a time with bitmaps: quotes are toggled by a prefix XOR, what is
// inside them is masked away. That is exact as long as quotes stand only where `quoted` has them.
// Where one does not (a plain field with a quote in it, text behind a closing quote), the scan
// stops, and that one row is read by ReadCsvRow, byte by byte, which is the grammar written down.
// Positions are offsets into the scanned piece (below 4 GiB). Threads: one at a time.
// Does NOT copy, decode, or judge the number of fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace eclusa {

struct CsvMarks {
  char delimiter = ',';
  char quote = '"';  // 0: no quotes
};

// Bytes that may be read (not used) behind the end of what is given to Scan and to the columns.
inline constexpr size_t kCsvPadding = 64;

struct CsvRow {
  enum class State : uint8_t {
    kComplete,        // ends at `end`
    kOpen,            // its end is not in the bytes given
    kTextAfterQuote,  // malformed: at `end` something follows a closing quote
  };
  State state = State::kOpen;
  bool in_quotes = false;  // kOpen: a quote is open
  size_t end = 0;
  size_t quote_at = 0;  // where the last quoted field began
  size_t column = 0;    // the field that was being read, 0-based
};

// Reads one row from the beginning of `data`; `at_end`: nothing follows, the end ends the row.
// Appends the ends of its fields where it is complete; what is appended otherwise means nothing.
CsvRow ReadCsvRow(std::span<const char> data, bool at_end, const CsvMarks& marks,
                  std::vector<uint32_t>& field_ends);

// Where the next line begins: behind the line end at `at`.
inline size_t BehindLineEnd(std::span<const char> data, size_t at) {
  return at + (data[at] == '\r' && at + 1 < data.size() && data[at + 1] == '\n' ? 2 : 1);
}
// Line ends in the bytes, CRLF being one.
int64_t CountLineEnds(std::span<const char> data);

class CsvStructure {
 public:
  // `data` begins at a row's beginning; kCsvPadding bytes behind it are readable.
  void Scan(std::span<const char> data, const CsvMarks& marks);
  // The same for one row that ReadCsvRow can read; false: it is not complete.
  bool ScanRow(std::span<const char> data, bool at_end, const CsvMarks& marks, CsvRow& row);

  // Ends of fields, of all complete rows one behind the other (and of the incomplete one).
  const uint32_t* field_ends() const { return field_ends_.get(); }
  // For each complete row, the index of its last field's end.
  std::span<const uint32_t> row_ends() const { return {row_ends_.get(), row_count_}; }

  // The row behind the complete ones has a quote where none belongs.
  bool stopped() const { return stopped_; }
  // At the end of the data a quote was open.
  bool in_quotes() const { return in_quotes_; }
  // What occurred anywhere in what was scanned.
  bool has_quotes() const { return has_quotes_; }
  bool has_doubled_quotes() const { return has_doubled_quotes_; }
  bool has_line_ends_in_quotes() const { return has_line_ends_in_quotes_; }
  bool has_non_ascii() const { return has_non_ascii_; }

  // The scan without vector instructions, for tests and other machines.
  void ScanPortably(std::span<const char> data, const CsvMarks& marks);

 private:
  class Cursor;
  void Reset(size_t size);
  void Take(const Cursor& cursor);
  void ScanWithAvx2(std::span<const char> data, const CsvMarks& marks);

  size_t capacity_ = 0;
  std::unique_ptr<uint32_t[]> field_ends_;
  std::unique_ptr<uint32_t[]> row_ends_;
  size_t row_count_ = 0;
  bool stopped_ = false;
  bool in_quotes_ = false;
  bool has_quotes_ = false;
  bool has_doubled_quotes_ = false;
  bool has_line_ends_in_quotes_ = false;
  bool has_non_ascii_ = false;
};

}  // namespace eclusa
