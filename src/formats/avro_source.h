// AvroSource: the Source of Avro object container files. Which types are read is said in
// avro_rows.h, what a file is in avro_blocks.h.
//
// - The file's values have to be records (avro.no_record).
// - A block that is damaged (its marker, its compression, its values, its number of rows) gives no
//   row: all its rows are row.block_damaged, each one, where their number can be believed. Where it
//   cannot, what was passed over is one row that is row.block_lost.
// - A row with a value that cannot be held (text that is not UTF-8, a time past midnight, a decimal
//   of too many digits) fails alone; its other values are kept as `raw`. So does a row that takes
//   more than the dialect's row_bytes_max (as in CSV): row.too_long.
// - A block may be as long as kAvroBlockBytesMax. Where its rows do not fit into one batch, all of
//   it is looked through before the first of them is given.
// - Compressed as a whole (gzip, zstd), the file is read as well.
// Memory: a block as it is stored and decompressed, and a batch: at most batch_rows rows, fewer
// where they take more than 8 MiB or are a million values.
#pragma once

#include <memory>

#include "core/result.h"
#include "formats/source.h"
#include "formats/source_parts.h"
#include "io/input.h"

namespace eclusa {

Result<std::unique_ptr<Source>> OpenAvro(std::unique_ptr<Input> input,
                                         const SourceOptions& options);

// As CutSource of formats/source_parts.h. None where a block is damaged: how many rows the rest of
// the file begins with could be known to nobody who has not read all before.
Result<std::vector<SourcePart>> CutAvro(std::unique_ptr<Input> input, const SourceOptions& options,
                                        const PartLimits& limits, const std::stop_token& stop);

}  // namespace eclusa
