// CsvRows: finds the rows of a CSV file, one window after the other, with their places.
//
// A window is a piece of the text that was indexed, its sound rows, and the rows in it that could
// not be read. How rows fail and where reading goes on is said in csv_source.h. Ownership: owns the
// buffer; a window is valid until the next Read. Threads: one at a time. Memory: a block, or the
// longest row. Does NOT copy values.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "formats/csv_buffer.h"
#include "formats/csv_columns.h"
#include "formats/csv_dialect.h"
#include "formats/csv_structure.h"
#include "model/batch.h"

namespace eclusa {

// Four lists of the same length, and the rows that failed among them, in the order of the file.
struct CsvWindow {
  std::vector<CsvRowAt> rows;
  std::vector<int64_t> row_numbers;
  std::vector<int64_t> lines;
  std::vector<int64_t> byte_offsets;
  std::deque<UnreadableRow> unreadable;

  bool empty() const { return rows.empty() && unreadable.empty(); }
  void Clear();
};

class CsvRows {
 public:
  struct Options {
    int32_t file = 0;
    int64_t first_line = 1;
    std::vector<int> wanted;  // positions of the columns that are read
    size_t window_bytes = 0;
  };
  CsvRows(CsvBuffer buffer, CsvDialect dialect, Options options);

  // Finds the next rows. False: the file is at its end.
  Result<bool> Read();

  CsvWindow& window() { return window_; }
  const char* text() const { return buffer_.rest().data(); }
  const CsvStructure& structure() const { return structure_; }
  const CsvDialect& dialect() const { return dialect_; }
  const Input& input() const { return buffer_.input(); }

 private:
  size_t CompleteRows(bool to_the_end) const;
  size_t RowBytesLook() const;

  void PlaceRows(size_t count);
  void PlaceRow(CsvRowAt at, size_t fields, std::span<const char> row, bool sound);
  Place NextPlace(size_t begin);
  // `row_is_valid`: every byte of the row has a character.
  std::vector<Reason> EncodingReasons(CsvRowAt at, bool row_is_valid) const;
  Reason TooLong() const;
  void AddUnreadable(const Place& place, std::span<const char> row, std::vector<Reason> reasons);
  void Consume();

  Status Fill();
  Status ReadSlowly();
  Status SkipMalformed(const CsvRow& row);
  Status SkipLong(size_t from);
  Status SkipLine(size_t from);

  CsvBuffer buffer_;
  CsvDialect dialect_;
  const Options options_;
  CsvStructure structure_;
  CsvWindow window_;
  size_t used_ = 0;  // bytes of the buffer's rest that the window covers
  int64_t next_row_ = 1;
  int64_t next_line_;
};

}  // namespace eclusa
