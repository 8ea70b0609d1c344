// Arrow's dates, times and timestamps of any unit -> TypedColumn.
//
// Digits below a microsecond, or below what the target keeps, are refused unless the contract gives
// them up. A timestamp with a zone is an instant; one without is a clock's time: neither becomes
// the other without the contract's eclusa.timeZone. Pure but for `run`.
#pragma once

#include <fmt/format.h>

#include "check/convert_arrow.h"

namespace eclusa {

ArrowPath ChooseTimePath(const arrow::DataType& source, const ValueReading& reading);
TypedColumn ConvertTimes(const arrow::Array& array, ColumnRun& run);
// yyyy-MM-dd of a date; kOverflow beyond four digits of year.
Fault RenderDate(const arrow::Array& array, int64_t row, fmt::memory_buffer& out);

}  // namespace eclusa
