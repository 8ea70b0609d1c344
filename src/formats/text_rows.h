// TextRows: what finding the rows of a text file is alike in CSV and fixed width: a window of the
// text, the rows found in it with their places, and those that failed among them.
//
// Inside of these two Sources. Ownership: owns the buffer; a window is valid until the next one.
// Threads: one at a time. Memory: a block, or the longest row. Does NOT know what a row is.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "formats/csv_buffer.h"
#include "formats/csv_structure.h"
#include "formats/row_text.h"
#include "model/batch.h"

namespace eclusa {

// The places of a window's rows.
struct RowPlaces {
  // Lists of the same length.
  std::vector<int64_t> row_numbers;
  std::vector<int64_t> line_numbers;
  std::vector<int64_t> byte_offsets;
  // Those that failed among them, in the order of the file.
  std::deque<UnreadableRow> unreadable;
  size_t taken = 0;  // rows that are in a batch

  bool empty() const { return row_numbers.empty() && unreadable.empty(); }
  size_t left() const { return row_numbers.size() - taken; }
  void Clear() { *this = {}; }
  void Add(const Place& place);
  // Puts the next `count` rows into the batch, and those that failed before the one behind them.
  void Take(size_t count, Batch& batch);
};

// Sets the number of the first row, and leaves the others out where they are consecutive: a row
// among them may have failed.
void NumberRows(Batch& batch);

// Where a row begins, or the first blank line before it.
struct RowPosition {
  int64_t byte_offset = 0;
  int64_t row = 1;
  int64_t line = 1;
};

class TextRows {
 public:
  // Goes on from another place of the file, as far as rows that begin before `end`.
  void Continue(CsvBuffer buffer, const RowPosition& from, int64_t end);
  // Of the row behind the window.
  RowPosition Next() const;
  // Of a row in the window.
  RowPosition PositionOf(int64_t row) const;

  RowPlaces& places() { return places_; }
  // Of the window; kCsvPadding bytes behind its rows are readable.
  const char* data() const { return buffer_.rest().data(); }
  const Input& input() const { return buffer_.input(); }

 protected:
  TextRows(CsvBuffer buffer, int32_t file, int64_t first_line, int64_t row_bytes_max);
  ~TextRows() = default;
  TextRows(TextRows&&) = default;

  // Bytes looked at before a row is called too long: the longest row, its line end, and one more.
  // What becomes of a row depends on no byte beyond, and so not on how the file was cut into
  // blocks.
  size_t RowBytesLook() const { return static_cast<size_t>(row_bytes_max_) + 3; }
  // Complete rows of the scan. A CR that is the last byte known may be half of a line end.
  size_t CompleteRows(bool to_the_end) const;
  // Nothing is left to be read, or it belongs to somebody else.
  bool AtEnd() const;
  bool IsBeyond(size_t begin) const {
    return buffer_.offset() + static_cast<int64_t>(begin) >= end_;
  }
  Place NextPlace(size_t begin);
  Reason TooLong() const;
  void AddUnreadable(const Place& place, std::span<const char> row, std::vector<Reason> reasons);
  // What the window covers.
  void Consume();
  // Consumes as far as behind the first line end at or after `from`, however far that is; lines
  // before `from` have been counted. `fill` reads more.
  template <class Fill>
  Status SkipRest(size_t from, Fill fill);

  CsvBuffer buffer_;
  CsvStructure structure_;
  size_t used_ = 0;  // bytes of the buffer's rest that the window covers
  int64_t next_line_;
  int64_t row_bytes_max_;

 private:
  RowPlaces places_;
  int32_t file_;
  int64_t next_row_ = 1;
  int64_t end_ = std::numeric_limits<int64_t>::max();
};

template <class Fill>
Status TextRows::SkipRest(size_t from, Fill fill) {
  while (true) {
    const std::span<const char> rest = buffer_.rest();
    const size_t end = FindLineEnd(rest, from);
    if (end < rest.size() && (end + 1 < rest.size() || buffer_.at_end())) {
      buffer_.Consume(BehindLineEnd(rest, end));
      ++next_line_;
      return Ok();
    }
    buffer_.Consume(end);
    if (buffer_.at_end()) return Ok();
    from = 0;
    TRY(fill());
  }
}

}  // namespace eclusa
