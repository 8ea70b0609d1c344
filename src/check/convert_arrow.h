// Arrow's typed values -> TypedColumn, and Arrow's typed values -> text.
//
//   the file has         the target may be
//   integers             integers, floats, numeric, boolean (0 and 1), text
//   float, double        floats, numeric and integers (exactly), a document's text (whole numbers)
//   decimal              numeric, integers (exactly), floats, text
//   bool                 boolean, integers (0 and 1), text
//   date                 date, timestamp (midnight), text
//   time                 time
//   timestamp            timestamp, date (midnight exactly); with a zone: timestamptz
//   binary               bytea; 16 bytes: uuid; any text is read as text
//   list of these        array
// Everything else is refused before the first row. Numbers that do not fit are reasons.
// Pure but for `run`.
#pragma once

#include <memory>

#include "check/text_column.h"
#include "model/typed_column.h"

namespace arrow {
class DataType;
}

namespace eclusa {

enum class ArrowPath : uint8_t {
  kNone,       // cannot become this type
  kDirect,     // ConvertArrow
  kText,       // RenderTexts or ViewTexts, then as text
  kNulls,      // Arrow's null type
  kNeedsZone,  // a time zone is missing, or would be lost
};

// How a column of `source` becomes a value of `reading`'s type.
ArrowPath ChoosePath(const arrow::DataType& source, const ValueReading& reading);

// Storage of extension types (uuid, json), else the array itself.
std::shared_ptr<arrow::Array> StorageOf(const std::shared_ptr<arrow::Array>& array);

// kDirect.
TypedColumn ConvertArrow(const std::shared_ptr<arrow::Array>& array, ColumnRun& run);

// kText, of an array that is no text: its values as PostgreSQL writes them.
TextColumn RenderTexts(const arrow::Array& array, ColumnRun& run);

// One value for a message.
std::string DisplayValue(const arrow::Array& array, int64_t row);

}  // namespace eclusa
