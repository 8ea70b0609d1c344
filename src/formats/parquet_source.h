// ParquetSource: the Source of Parquet files.
//
// Batches are read inside the row group through small buffers, without reading ahead, so that a row
// group of a million rows costs no more memory than one of a thousand. At most batch_rows rows a
// batch, fewer where rows are wide (8 MiB by the footer's account, or a million values). Columns
// come as Arrow types without disguises: dictionaries decoded, extension types as what they are
// stored as, text as utf8, bytes as binary or fixed_size_binary, 96-bit timestamps in microseconds.
// Of the metadata the schema keeps JsonMarks (json_marks.h).
// Structs, lists of structs to three levels and lists of plain types come as such, whether a list
// was written in three levels or the older two (plain_columns.h); maps, lists of lists and what is
// deeper are refused where they are wanted (parquet.nested): by OpenParquet where they are named,
// else by the first Next. Files with more than 20,000 leaf columns, or with rows of more than four
// million list items on the average, are refused (parquet.absurd). A value of text
// that is not UTF-8 fails its row as text.encoding, with the row's values as `raw`. Nothing that
// the footer claims is believed before it was compared with the file: sizes and offsets against the
// file's size, rows of groups against the total, and the rows that came at the end. Does NOT
// decrypt, and does not read what is not wanted.
#pragma once

#include <memory>
#include <vector>

#include "core/result.h"
#include "formats/source.h"
#include "formats/source_parts.h"

namespace eclusa {

Result<std::unique_ptr<Source>> OpenParquet(const SourceOptions& options);

// As CutSource of formats/source_parts.h.
Result<std::vector<SourcePart>> CutParquet(const SourceOptions& options, const PartLimits& limits);

}  // namespace eclusa
