// One value of a contract or a command line (a limit, a default, a tenant) as a column of one row.
//
// Read by the same code as the file's values, but always in the plain spelling: point, ISO dates,
// without a dialect. Pure.
#pragma once

#include <memory>
#include <string_view>

#include "check/column_plan.h"
#include "model/typed_column.h"

namespace eclusa {

// Null: not a value of the type. `zone`: of timestamps without one; may be null.
std::shared_ptr<const TypedColumn> ReadValue(const PgType& type, std::string_view text,
                                             const Zone* zone);

// With a column's own reading: its document, its length, its zone.
std::shared_ptr<const TypedColumn> ReadValue(const ValueReading& reading, std::string_view text);

// How elements of an array column are read; null where `reading` is no array.
std::shared_ptr<const ColumnPlan> PlanElements(const ColumnPlan& plan);

// The value of one row in each of `rows` rows.
TypedColumn RepeatValue(const TypedColumn& value, int64_t rows);
// `column` with `value` where `states` says kNull; those rows become values.
TypedColumn FillNulls(const TypedColumn& column, const TypedColumn& value, ColumnRun& run);

}  // namespace eclusa
