// CsvColumns: the fields of rows of CSV text, put together as utf8 Arrow columns.
//
// Takes the rows that a CsvStructure found, column by column, straight from the text into the
// buffers of the arrays: no allocation per value. A field without a byte is null, one in quotes
// loses them and has its doubled quotes halved; one-byte encodings become UTF-8. Rows must have
// been checked: the right number of fields, valid in the encoding. Ownership: the text is not kept.
// Threads: one at a time. Memory: what was appended since Finish.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/result.h"
#include "formats/csv_structure.h"
#include "formats/text_encoding.h"

namespace arrow {
class RecordBatch;
class ResizableBuffer;
class Schema;
class Status;
}  // namespace arrow

namespace eclusa {

// A row in a CsvStructure: the index of its first field's end, and where it begins.
struct CsvRowAt {
  uint32_t first_end;
  uint32_t begin;
};

class CsvColumns {
 public:
  // `columns`: positions of the wanted columns in the file; at most `rows_max` rows between
  // Finishes.
  CsvColumns(std::vector<int> columns, int64_t rows_max, TextEncoding encoding, char quote);
  CsvColumns(CsvColumns&&) noexcept;
  ~CsvColumns();

  arrow::Status Append(const char* data, const CsvStructure& structure,
                       std::span<const CsvRowAt> rows);
  // Before rows that are not ASCII are appended.
  void SetEncoding(TextEncoding encoding);
  int64_t rows() const { return rows_; }
  int64_t bytes() const { return bytes_; }  // of the values
  // The columns so far; begins anew.
  arrow::Status Finish(const std::shared_ptr<arrow::Schema>& schema,
                       std::shared_ptr<arrow::RecordBatch>* batch);

 private:
  struct Column;
  struct Fields;

  arrow::Status Begin(Column& column) const;
  template <bool kQuotes, bool kDecode>
  arrow::Status AppendColumn(const Fields& fields, Column& column);
  arrow::Status MarkNulls(Column& column, size_t rows) const;

  const int64_t rows_max_;
  const ByteCharacters* characters_ = nullptr;  // null: UTF-8
  const char quote_;
  std::vector<Column> columns_;
  std::vector<uint8_t> present_;  // one a row of the rows being appended: not null
  int64_t rows_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace eclusa
