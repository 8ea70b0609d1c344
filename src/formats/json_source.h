// JsonSource: the Source of JSON files. How documents may stand in a file is said in
// json_layout.h, what JSON is in json_cursor.h, what a column holds in json_builder.h.
//
// - Columns are the members of the documents, nested where those are (field_shape.h); leaves are
//   utf8 as written. They are found in the head of the file (the documents that begin in its first
//   kJsonHeadBytes, at most kJsonHeadDocuments) and united with SourceOptions::expected. A member
//   that comes later and that nobody expects is passed over, and PassedOver names it. One that is
//   expected for its kind only (FieldShape::always false) and comes later fails its row as
//   json.late_field.
// - A row fails for what is wrong with its document: the json.* codes of rows, with line and byte
// of
//   the fault; text.encoding; row.too_long beyond the dialect's row_bytes_max (16 MiB unless given,
//   at most 256 MiB).
// - ndjson goes on at the next line. The other layouts go on where brackets and quotes tell the
//   document's end and something follows that may follow; otherwise the rest of the file is one
//   row that cannot be read (json.rest_unreadable). So are a list that is not closed and what
//   stands behind its end. Blank lines are no rows; an empty file has none.
// - With SourceOptions::keep_documents the last column, kDocumentColumn, is each document's text.
// Memory: the head, a block, the longest document, and a batch: at most batch_rows rows, fewer
// where they hold more than 8 MiB or a million values.
#pragma once

#include <cstddef>
#include <memory>

#include "core/result.h"
#include "formats/source.h"
#include "formats/source_parts.h"
#include "io/input.h"

namespace eclusa {

// kJsonHeadBytes is json_layout.h's.
inline constexpr int kJsonHeadDocuments = 10'000;

// Sizes of the steps in which a file is read; results do not depend on them. For tests.
struct JsonSteps {
  size_t block_bytes = 256 << 10;
};

Result<std::unique_ptr<Source>> OpenJson(std::unique_ptr<Input> input, const SourceOptions& options,
                                         const JsonSteps& steps = {});

// As CutSource of formats/source_parts.h, of a file in lines.
Result<std::vector<SourcePart>> CutJson(std::unique_ptr<Input> input, const SourceOptions& options,
                                        const PartLimits& limits, const std::stop_token& stop);

}  // namespace eclusa
