// CsvSource: the Source of CSV files. What it accepts is written down in csv_structure.h.
//
// - A field that is empty without quotes is null, one in quotes is the empty text.
// - Blank lines are skipped and are no rows; in a file of one column a blank line is a row with a
// null.
// - A row with the wrong number of fields is row.columns. A row longer than the dialect's
//   row_bytes_max (16 MiB unless given, at most 256 MiB) is row.too_long, and reading goes on at
//   the next line.
// - A row whose quotes are wrong (text behind a closing quote; a quote still open at row_bytes_max
// or
//   at the end of the file) is row.malformed, and reading goes on at the line after the one where
//   the field with that quote begins. So one missing quote costs one row, wherever the next quote
//   stands.
// - A value that is not valid in the file's encoding fails its row as text.encoding; only columns
//   that are read are looked at. In a file that was found to be Windows-1252, and not said to be, a
//   value whose letters beyond ASCII are sound UTF-8 fails as text.encoding_mixed: read as what the
//   file was found to be, it would become another text without anybody being told.
// Memory: a block, the longest row, and a batch: at most batch_rows rows, fewer where they hold
// more than 8 MiB or a million values.
#pragma once

#include <cstddef>
#include <memory>

#include "core/result.h"
#include "formats/source.h"
#include "formats/source_parts.h"
#include "io/input.h"

namespace eclusa {

// Sizes of the steps in which a file is read; results do not depend on them. For tests.
struct CsvSteps {
  size_t block_bytes = 256 << 10;  // read at once; stays in the processor's second-level cache
  size_t window_bytes = 32 << 10;  // indexed at once; with its index, in the first two
};

Result<std::unique_ptr<Source>> OpenCsv(std::unique_ptr<Input> input, const SourceOptions& options,
                                        const CsvSteps& steps = {});

// As CutSource of formats/source_parts.h.
Result<std::vector<SourcePart>> CutCsv(std::unique_ptr<Input> input, const SourceOptions& options,
                                       const PartLimits& limits, const std::stop_token& stop,
                                       const CsvSteps& steps = {});

}  // namespace eclusa
