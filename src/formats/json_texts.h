// JsonTextsToArray: a column of JSON texts as the nested values that they hold, for files of other
// formats that carry documents in a text column.
//
// Each text is read as a member of a JSON document would be (json_builder.h): the same shapes, the
// same faults. A null text is a null value. Texts are valid UTF-8. Errors: of memory only; a text
// that cannot be read is a Reason (json.* of rows) and a null. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "formats/field_shape.h"
#include "model/reason.h"

namespace arrow {
class Array;
class StringArray;
template <class T>
class Result;
}  // namespace arrow

namespace eclusa {

struct JsonTextFault {
  int64_t row = 0;
  Reason reason;  // its column is the path, the shape's name first
};

// One value a text, of TypeOf(shape).
arrow::Result<std::shared_ptr<arrow::Array>> JsonTextsToArray(const arrow::StringArray& texts,
                                                              const FieldShape& shape,
                                                              std::vector<JsonTextFault>* faults);

}  // namespace eclusa
