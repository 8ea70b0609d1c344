// JsonMarks: which text columns of a file hold JSON values, or the digits of JSON numbers.
//
// Formats with types have none for these two: a JSON number that no decimal holds, and a value of
// several kinds as its JSON text. Both are text columns there, and the schema's metadata says what
// they are, so that a JSON file made of it has the number or the value again, not a string:
//
//   eclusa.json/contatos/extras = value     any JSON value as its text
//   eclusa.json/limite = number             digits of a JSON number
//
// The key is the path of the column, lists adding nothing to it, "/" and "~" in names written as
// ~1 and ~0 (RFC 6901). Others may write such keys too: whoever believes them looks at the values
// (IsMarkedText). Values; pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arrow {
class Array;
class DataType;
class KeyValueMetadata;
class Schema;
}  // namespace arrow

namespace eclusa {

enum class JsonMark : uint8_t { kText, kNumber, kValue };

// By path ("/contatos/extras"); what is not in it is kText.
using JsonMarks = std::map<std::string, JsonMark, std::less<>>;

// The path of a member of what stands at `path` (empty: of the row).
std::string JsonMarkPath(std::string_view path, std::string_view name);

JsonMark MarkAt(const JsonMarks& marks, std::string_view path);
JsonMarks MarksOf(const arrow::KeyValueMetadata* metadata);  // null: none
std::shared_ptr<arrow::KeyValueMetadata> MetadataOf(const JsonMarks& marks);

// Whether a text is what its mark says.
bool IsMarkedText(JsonMark mark, std::string_view text);

// Writes values of one column as JSON, the marked ones without quotes. `path` is the column's.
class MarkedJsonWriter {
 public:
  MarkedJsonWriter(const arrow::DataType& type, std::string_view path, const JsonMarks& marks);
  MarkedJsonWriter(MarkedJsonWriter&&) noexcept = default;
  // Marked texts must be what their mark says; their line breaks become blanks.
  void Append(const arrow::Array& array, int64_t row, std::string& out) const;

 private:
  JsonMark mark_ = JsonMark::kText;
  bool any_ = false;                        // here or below
  std::vector<MarkedJsonWriter> children_;  // fields of a struct, the item of a list
};

}  // namespace eclusa
