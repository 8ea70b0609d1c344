// Arrow's dates, times and timestamps of any unit -> TypedColumn.
//
// Digits below a microsecond, or below what the target keeps, are refused unless the contract gives
// them up. A timestamp with a zone is an instant; one without is a clock's time: neither becomes
// the other without the contract's eclusa.timeZone. Delphi's zero date is looked for on the file's
// own clock, which is UTC where the file holds instants. Pure but for `run`.
#pragma once

#include <fmt/format.h>

#include "check/convert_arrow.h"
#include "types/datetime.h"

namespace eclusa {

ArrowPath ChooseTimePath(const arrow::DataType& source, const ValueReading& reading);
TypedColumn ConvertTimes(const arrow::Array& array, ColumnRun& run);

// Delphi's zero, 1899-12-30 00:00:00, which its programs write where there is no date. Becomes null
// where the contract says so (eclusa.zeroDateAsNull); `column` holds dates or timestamps without a
// zone, and comes back.
TypedColumn NullZeroDates(TypedColumn column, ColumnRun& run);
bool IsZeroDate(const WrittenTimestamp& written);

// yyyy-MM-dd of a date; kOverflow beyond four digits of year.
Fault RenderDate(const arrow::Array& array, int64_t row, fmt::memory_buffer& out);

}  // namespace eclusa
