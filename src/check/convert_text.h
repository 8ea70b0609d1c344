// Text -> TypedColumn: each kind of type reads its own subset of PostgreSQL's text (docs/types.md).
//
// Rows that are null or failed in `run` are passed over; bad values fail there. Text kinds are not
// copied unless a value has to change. Pure but for `run`.
#pragma once

#include "check/text_column.h"
#include "model/typed_column.h"

namespace eclusa {

TypedColumn ConvertTexts(const TextColumn& texts, ColumnRun& run);

}  // namespace eclusa
