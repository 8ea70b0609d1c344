// FixedColumns: the columns of fixed width lines, put together as utf8 Arrow columns.
//
// Takes the lines that FixedLines found, column by column: cut out, freed of padding, decoded, and
// copied into the buffers of the arrays. A column of nothing but padding is null; where the padding
// is 0, it is "0". Ownership: the text is not kept. Threads: one at a time. Memory: what was
// appended since Finish.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/result.h"
#include "formats/fixed_layout.h"
#include "formats/fixed_lines.h"

namespace arrow {
class RecordBatch;
class Schema;
class Status;
}  // namespace arrow

namespace eclusa {

struct FixedPadding {
  char character = ' ';
  PaddingSide side = PaddingSide::kBoth;
};

class FixedColumns {
 public:
  // `wanted`: indices of the layout's columns; at most `rows_max` rows between Finishes.
  FixedColumns(const FixedLayout& layout, const std::vector<size_t>& wanted, int64_t rows_max,
               TextEncoding encoding, FixedPadding padding);
  FixedColumns(FixedColumns&&) noexcept;
  ~FixedColumns();

  // Lines [from, from + count) of the window, whose text is `data`.
  arrow::Status Append(const char* data, const FixedWindow& window, size_t from, size_t count);
  int64_t rows() const { return rows_; }
  int64_t bytes() const { return bytes_; }  // of the values
  // The columns so far; begins anew.
  arrow::Status Finish(const std::shared_ptr<arrow::Schema>& schema,
                       std::shared_ptr<arrow::RecordBatch>* batch);

 private:
  struct Column;
  struct Piece;

  template <bool kMapped, bool kDecode>
  arrow::Status AppendColumn(const Piece& piece, Column& column);

  const FixedLayout& layout_;
  const int64_t rows_max_;
  const ByteCharacters* const characters_;  // null: UTF-8
  const FixedPadding padding_;
  std::vector<Column> columns_;
  int64_t rows_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace eclusa
