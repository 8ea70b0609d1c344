// Array columns, from text ("{a,b,NULL}") and from elements that were converted elsewhere.
//
// One dimension. The elements of all rows are converted as one column of their own, then put
// together in the binary send format (model/binary_value.h). A bad element fails its row with its
// own reason.
#pragma once

#include "check/text_column.h"
#include "model/typed_column.h"

namespace eclusa {

TypedColumn ReadArrayTexts(const TextColumn& texts, ColumnRun& run);

// `counts`: elements of each row, one after the other in `elements`. Rows that failed or are null
// have none. `element_run`: the states of the elements; its reasons become those of the rows.
TypedColumn AssembleArrays(const TypedColumn& elements, const std::vector<int32_t>& counts,
                           const ColumnRun& element_run, ColumnRun& run);

}  // namespace eclusa
