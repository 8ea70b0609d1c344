// PostgreSQL's text of a one-dimensional array, "{a,"b c",NULL}", taken apart into its elements.
//
// An element is plain (no quotes, braces, commas, backslashes, and no space around it) or stands in
// double quotes with \ before " and \. NULL in any case without quotes is a null. Not accepted:
// more dimensions, explicit bounds "[2:3]={...}", space outside quotes. Pure function.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "types/fault.h"

namespace eclusa {

// Elements of many arrays, one after the other.
struct ArrayElements {
  std::vector<int32_t> offsets{0};  // one more than elements, into data
  std::vector<char> data;
  std::vector<uint8_t> nulls;  // one an element
};

// Adds the elements of `text` to `elements`; nothing is added where a fault is returned. *count:
// how many.
Fault SplitArray(std::string_view text, ArrayElements& elements, int32_t* count);

}  // namespace eclusa
