// Cutting a file into parts that are read, one without the others, as SourceOptions::part.
//
// The parts' rows are the file's, each with the place it has in the file, the same ones failing:
// text (CSV, fixed width, JSON in lines) is gone through once to know where its rows begin, Avro to
// know where its blocks do, Parquet is cut between row groups, which its footer tells. Inside of
// the Sources: TextRows, JsonRows and AvroBlocks do the going through.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "core/result.h"
#include "formats/csv_buffer.h"
#include "formats/source.h"
#include "model/codes.h"

namespace eclusa {

// A part ends with the row that fills one of them; of Parquet, with the row group; of Avro, with
// the block.
struct PartLimits {
  int64_t rows = 1'000'000;
  int64_t bytes = 64 << 20;  // of the file as it is stored
};

// None: the file can be read only from its beginning (JSON that is not in lines, Avro with a
// damaged block, what is compressed as a whole), or has no rows. `source`: opened with the options,
// which name no part.
Result<std::vector<SourcePart>> CutSource(const Source& source, const SourceOptions& options,
                                          const PartLimits& limits, const std::stop_token& stop);

// The file from where the options' part begins.
Result<CsvBuffer> OpenAtPart(const SourceOptions& options, size_t block_bytes);

// Has rows that have read the file's head go on at the options' part. Rows: TextRows, JsonRows.
template <class Rows>
Status ContinueAtPart(const SourceOptions& options, size_t block_bytes, Rows& rows) {
  const SourcePart& part = *options.part;
  rows.Continue(TRY(OpenAtPart(options, block_bytes)),
                {.byte_offset = part.begin, .row = part.first_row, .line = part.first_line},
                part.end);
  return Ok();
}

template <class Rows>
Result<std::vector<SourcePart>> CutRows(Rows& rows, const PartLimits& limits,
                                        const std::stop_token& stop) {
  std::vector<SourcePart> parts;
  auto begin = rows.Next();
  const auto cut_at = [&](const auto& end) {
    parts.push_back({.begin = begin.byte_offset,
                     .end = end.byte_offset,
                     .first_row = begin.row,
                     .rows = end.row - begin.row,
                     .first_line = begin.line,
                     .encoding = {}});
    begin = end;
  };
  while (TRY(rows.Read())) {
    if (stop.stop_requested()) return Error(ErrorKind::kCancelled, code::load_cancelled);
    const auto next = rows.Next();
    while (next.row - begin.row > limits.rows) cut_at(rows.PositionOf(begin.row + limits.rows));
    if (next.byte_offset - begin.byte_offset >= limits.bytes) cut_at(next);
  }
  if (rows.Next().row > begin.row) cut_at(rows.Next());
  return parts;
}

}  // namespace eclusa
