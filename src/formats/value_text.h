// Values of Arrow arrays as text: as PostgreSQL's types read it, and as JSON.
//
//   bool true false · integers, decimals and floats as digits, NaN and Infinity by name · dates
//   2024-12-31, with " BC" before the year 1 · times 12:30:00.5 · timestamps 2024-12-31 12:30:00,
//   with +00 where they have a zone · binary \x00ff · 16 fixed bytes as a UUID · durations "1.5
//   seconds" · lists {1,NULL,"a"} · structs and lists of structs as JSON
//
// Fractions of a second are written as far as they are not zero. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace arrow {
class Array;
}

namespace eclusa {

// Appends the value; the row is not null.
void AppendText(const arrow::Array& array, int64_t row, std::string& out);
// Appends null, a number, a boolean, an object or an array of these, or a string.
void AppendJson(const arrow::Array& array, int64_t row, std::string& out);
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace eclusa
