// Reason and Place: why a row failed, and where the row stands.
//
// A place is carried by the loop that reads, never worked out again by whoever writes a message.
// Source of the shape: load.md section 2 of the design; DuckDB's reject tables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eclusa {

// The order of a load is (file, row).
struct Place {
  int32_t file = 0;          // ordinal of the file in the load, 0-based
  int64_t row = 0;           // data row in the file, 1-based
  int64_t line = 0;          // first line of the row in a text file, 1-based; 0: not a text file
  int64_t byte_offset = -1;  // of the row's first byte (after decompression); -1: not known
};

// A value in a message is cut to this many characters, at a character.
inline constexpr int kReasonValueCharactersMax = 100;
std::string ClipValue(std::string_view value);

struct Reason {
  std::string code;    // of the catalogue: type.integer
  std::string column;  // the target's column; several joined by ", "; empty: the whole row
  std::string value;   // clipped
  std::string rule;    // what was broken: a constraint's name, a limit ("150"), a list
  // Inside of a document, the child that it speaks of: "contatos[2]", counted from 0 as JSON paths
  // do. Empty: the row itself.
  std::string path;
  // More arguments for the code's text, by name ("other_row": the row that caused it).
  std::vector<std::pair<std::string, std::string>> arguments;
};

// Whether a rule's breach fails the row, empties the value, or is only counted.
enum class OnViolation : uint8_t { kReject, kNull, kFlag };

}  // namespace eclusa
