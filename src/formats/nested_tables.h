// Nested Arrow arrays made of JSON text, for tests only.
#pragma once

#include <arrow/api.h>
#include <arrow/json/from_string.h>

#include <memory>
#include <string>

#include "core/check.h"

namespace eclusa {

// One value an element of the JSON array.
inline std::shared_ptr<arrow::Array> FromJson(const std::shared_ptr<arrow::DataType>& type,
                                              const std::string& json) {
  auto array = arrow::json::ArrayFromJSONString(type, json);
  CHECK(array.ok());
  return *array;
}

}  // namespace eclusa
