// What a load is asked to do: the words of the command line, the API and the contract's defaults.
//
// Values; parsing of flags is app's, of contracts contract's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eclusa {

enum class Mode : uint8_t { kUpsert, kInsert, kAppend, kDelete, kMixed, kReplace };
enum class Duplicates : uint8_t { kLast, kFirst, kHighestVersion, kReject };
enum class Locking : uint8_t { kOptimistic, kExclusive };

std::string_view Name(Mode mode);  // "upsert"
std::string_view Name(Duplicates duplicates);
std::optional<Mode> ParseMode(std::string_view text);
std::optional<Duplicates> ParseDuplicates(std::string_view text);

// How many rows may fail. Neither: unlimited.
struct Tolerance {
  std::optional<int64_t> rows;
  std::optional<double> percent;  // of the rows read
};
// "10", "2.5%"; nothing: not such a text.
std::optional<Tolerance> ParseTolerance(std::string_view text);

// A part of a table: column operator value, joined by AND. Never SQL text.
struct FilterTerm {
  std::string column;
  std::string op;  // = <> < <= > >=
  std::string value;
};
// "tenant = 47"; nothing: not such a text.
std::optional<FilterTerm> ParseFilterTerm(std::string_view text);

// From which side of a value its padding is taken away.
enum class PaddingSide : uint8_t { kBoth, kLeft, kRight, kNone };
std::string_view Name(PaddingSide side);  // "both"
std::optional<PaddingSide> ParsePaddingSide(std::string_view text);

// The tokens of a JSON pointer (RFC 6901): "/a~1b/0" is "a/b", "0". Nothing: not such a text.
std::optional<std::vector<std::string>> ParseJsonPointer(std::string_view text);

// How text files write things. Unset: found in the file, or the format's usual way.
struct Dialect {
  std::optional<char> delimiter;                // , ; tab | found in the first rows
  std::optional<char> quote;                    // "
  std::optional<std::string> encoding;          // utf-8, windows-1252, iso-8859-1
  std::optional<char> decimal;                  // . or ,
  std::optional<char> thousands;                // none
  std::vector<std::string> date_patterns;       // "dd/MM/yyyy"; empty: ISO 8601
  std::vector<std::string> timestamp_patterns;  // "dd/MM/yyyy HH:mm:ss"
  std::optional<int> pivot_year;                // of yy: the first year that two digits can mean
  std::vector<std::string> null_markers;        // besides the unquoted empty field
  std::vector<std::string> true_values;         // besides PostgreSQL's own words
  std::vector<std::string> false_values;
  bool portuguese_booleans = false;      // S N, Sim Não, V F, Verdadeiro Falso as well
  std::optional<bool> header;            // false: columns in the contract's order
  std::optional<bool> empty_is_null;     // a quoted empty field is null too
  std::optional<int64_t> row_bytes_max;  // longest row of text
  std::optional<std::string> pointer;    // json: where an envelope's list of documents is
  // Fixed width alone.
  std::optional<int64_t> header_lines;      // lines before the first row; 0
  std::optional<int64_t> line_length;       // characters of a line; as far as the last column
  std::optional<char> padding;              // what fills a column; the space
  std::optional<PaddingSide> padding_side;  // both
  std::optional<bool> pad_short_lines;      // what a line lacks is padding; false
};

}  // namespace eclusa
