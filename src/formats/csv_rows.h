// CsvRows: finds the rows of a CSV file, one window after the other, with their places.
//
// A window is a piece of the text that was indexed, its sound rows, and the rows in it that could
// not be read. How rows fail and where reading goes on is said in csv_source.h. Ownership: owns the
// buffer; a window is valid until the next Read. Threads: one at a time. Memory: a block, or the
// longest row. Does NOT copy values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "formats/csv_buffer.h"
#include "formats/csv_columns.h"
#include "formats/csv_dialect.h"
#include "formats/csv_structure.h"
#include "formats/text_rows.h"

namespace eclusa {

class CsvRows : public TextRows {
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

  // As many as places().
  const std::vector<CsvRowAt>& rows() const { return rows_; }
  const CsvStructure& structure() const { return structure_; }
  const CsvDialect& dialect() const { return dialect_; }

 private:
  void PlaceRows(size_t count);
  void PlaceRow(CsvRowAt at, size_t fields, std::span<const char> row, bool sound);
  // `row_is_valid`: every byte of the row has a character.
  std::vector<Reason> EncodingReasons(CsvRowAt at, bool row_is_valid) const;

  Status Fill();
  Status ReadSlowly();
  Status SkipMalformed(const CsvRow& row);
  Status SkipLong(size_t from);
  Status SkipLine(size_t from);

  CsvDialect dialect_;
  const Options options_;
  std::vector<CsvRowAt> rows_;
};

}  // namespace eclusa
