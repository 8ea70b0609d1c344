// FixedSource: the Source of files of text with columns at fixed places.
//
//   file     = [BOM] *header-line *(line line-end) [line]     ; line-end = CRLF / LF / CR, also
//   mixed line     = characters; the column (offset, width) is those from `offset` on, `width` of
//   them
//
// - Offsets and widths count characters of the decoded text, never bytes: in UTF-8 an É is one.
// - Empty lines are no rows. Of the dialect's header_lines nothing is read: names come from the
//   options. There is no quoting; every byte but CR and LF is a value's.
// - A column is freed of the dialect's padding (spaces, at both sides). What is then empty is null;
//   there is no way to write an empty text.
// - A line has to reach the end of its last column, and behind that may only have padding; where
// the
//   dialect gives line_length, anything may stand between the last column and that length. Where
//   the last column goes to the end of the line, trailing blanks may have been stripped: the line
//   may end anywhere behind the first character of the last column that has a width, and what it
//   lacks is padding. So the last column may be absent. With pad_short_lines any line may be short.
//   All other lines are row.columns, where {found} is the number of columns that the line has as a
//   whole.
// - A line longer than row_bytes_max is row.too_long, as in CSV. A line that is not valid UTF-8 is
//   text.encoding wherever the wrong byte stands, for what is behind it cannot be placed; in
//   one-byte encodings only columns that are read are looked at.
// Memory: a block, the longest line, and a batch: at most batch_rows rows, fewer where they hold
// more than 8 MiB or a million values. Columns in the order of the options.
#pragma once

#include <cstddef>
#include <memory>

#include "core/result.h"
#include "formats/csv_source.h"
#include "formats/source.h"
#include "formats/source_parts.h"
#include "io/input.h"

namespace eclusa {

// The options have at least one fixed column.
Result<std::unique_ptr<Source>> OpenFixed(std::unique_ptr<Input> input,
                                          const SourceOptions& options, const CsvSteps& steps = {});

// As CutSource of formats/source_parts.h.
Result<std::vector<SourcePart>> CutFixed(std::unique_ptr<Input> input, const SourceOptions& options,
                                         const PartLimits& limits, const std::stop_token& stop,
                                         const CsvSteps& steps = {});

}  // namespace eclusa
