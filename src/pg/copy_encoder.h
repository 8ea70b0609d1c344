// CopyEncoder: rows of typed columns as the bytes of COPY ... (FORMAT binary).
//
// Layout, from the PostgreSQL 15 manual, COPY, "Binary Format": a header of 19 bytes once; per row
// an int16 count of fields, per field an int32 length (-1: null) and the bytes of the type's send
// function; a trailer int16 of -1. All integers big-endian. The leading field is the stage's
// _eclusa_row (bigint), then _eclusa_op ("char") where the load has operations, then the columns.
//
// Written column after column over blocks of rows that stay in the cache: sizes first, then one
// loop per column without a decision per value. It pays to append rows in the batch's own order and
// to bring them into another afterwards, as whole rows (row_ends). The bytes collect in the
// encoder's own buffer, which only grows: bytes(), hand them on, Clear(). Cannot fail; values are
// taken as valid (check/ saw to it). Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "model/typed_column.h"

namespace eclusa {

// The rows of one batch to be written. All views; must live during AppendRows only.
struct CopyRows {
  std::span<const TypedColumn> columns;
  std::span<const int64_t> row_ids;  // by row of the batch: the value of _eclusa_row
  std::span<const char> operations;  // by row of the batch; empty: no field _eclusa_op
  std::span<const int32_t> order;    // rows of the batch to be written, in this order
};

class CopyEncoder {
 public:
  // Room for so much, so that the buffer does not grow by copying.
  void Reserve(size_t bytes);
  void AppendHeader();
  void AppendRows(const CopyRows& rows);
  void AppendTrailer();

  std::string_view bytes() const { return {buffer_.get(), size_}; }
  // Where each row appended since Clear() ends in bytes(); it begins where the one before ends.
  std::span<const size_t> row_ends() const { return row_ends_; }
  // Empties the buffer; its memory stays.
  void Clear() {
    size_ = 0;
    row_ends_.clear();
  }

 private:
  // Room for `bytes` more; where they begin.
  char* Extend(size_t bytes);
  void AppendBlock(const CopyRows& rows, std::span<const int32_t> order);

  std::unique_ptr<char[]> buffer_;
  size_t size_ = 0;
  size_t capacity_ = 0;
  std::vector<size_t> row_ends_;
  std::vector<char*> cursors_;     // of the block: where each row's next field goes
  std::vector<size_t> row_bytes_;  // of the block
};

}  // namespace eclusa
