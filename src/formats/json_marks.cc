#include "formats/json_marks.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>

#include "formats/json_cursor.h"
#include "formats/value_text.h"

namespace eclusa {
namespace {

constexpr std::string_view kPrefix = "eclusa.json/";
constexpr std::string_view kNumber = "number";
constexpr std::string_view kValue = "value";

}  // namespace

std::string JsonMarkPath(std::string_view path, std::string_view name) {
  std::string joined(path);
  joined += '/';
  for (const char c : name) {
    if (c == '~') {
      joined += "~0";
    } else if (c == '/') {
      joined += "~1";
    } else {
      joined += c;
    }
  }
  return joined;
}

JsonMark MarkAt(const JsonMarks& marks, std::string_view path) {
  const auto found = marks.find(path);
  return found == marks.end() ? JsonMark::kText : found->second;
}

JsonMarks MarksOf(const arrow::KeyValueMetadata* metadata) {
  JsonMarks marks;
  if (metadata == nullptr) return marks;
  for (int64_t i = 0; i < metadata->size(); ++i) {
    const std::string_view key = metadata->key(i);
    const std::string_view value = metadata->value(i);
    if (!key.starts_with(kPrefix)) continue;
    const std::string path(key.substr(kPrefix.size() - 1));
    if (value == kNumber) marks.emplace(path, JsonMark::kNumber);
    if (value == kValue) marks.emplace(path, JsonMark::kValue);
  }
  return marks;
}

std::shared_ptr<arrow::KeyValueMetadata> MetadataOf(const JsonMarks& marks) {
  auto metadata = std::make_shared<arrow::KeyValueMetadata>();
  for (const auto& [path, mark] : marks) {
    if (mark == JsonMark::kText) continue;
    metadata->Append(std::string(kPrefix) + path.substr(1),
                     std::string(mark == JsonMark::kNumber ? kNumber : kValue));
  }
  return metadata;
}

bool IsMarkedText(JsonMark mark, std::string_view text) {
  if (mark == JsonMark::kText) return true;
  // Copied for what a cursor wants to find behind the end.
  std::string padded(text);
  padded.append(kJsonPadding + 1, '\0');
  JsonCursor cursor(padded.data(), padded.data() + text.size());
  if (mark == JsonMark::kNumber) {
    std::string_view number;
    return cursor.Peek() != 'n' && cursor.Peek() != 't' && cursor.Peek() != 'f' &&
           cursor.ReadLiteral(&number) && cursor.AtEnd();
  }
  cursor.SkipSpace();
  if (!cursor.SkipValue()) return false;
  cursor.SkipSpace();
  return cursor.AtEnd();
}

MarkedJsonWriter::MarkedJsonWriter(const arrow::DataType& type, std::string_view path,
                                   const JsonMarks& marks) {
  if (type.id() == arrow::Type::STRING) mark_ = MarkAt(marks, path);
  any_ = mark_ != JsonMark::kText;
  if (type.id() != arrow::Type::STRUCT && type.id() != arrow::Type::LIST) return;
  for (const auto& field : type.fields()) {
    const bool member = type.id() == arrow::Type::STRUCT;
    children_.emplace_back(*field->type(),
                           member ? JsonMarkPath(path, field->name()) : std::string(path), marks);
    any_ = any_ || children_.back().any_;
  }
}

void MarkedJsonWriter::Append(const arrow::Array& array, int64_t row, std::string& out) const {
  if (!any_ || array.IsNull(row)) {
    AppendJson(array, row, out);
  } else if (array.type_id() == arrow::Type::LIST) {
    const auto& lists = static_cast<const arrow::ListArray&>(array);
    const int32_t begin = lists.value_offset(row);
    out += '[';
    for (int32_t i = begin; i < lists.value_offset(row + 1); ++i) {
      if (i > begin) out += ',';
      children_[0].Append(*lists.values(), i, out);
    }
    out += ']';
  } else if (array.type_id() == arrow::Type::STRUCT) {
    const auto& object = static_cast<const arrow::StructArray&>(array);
    out += '{';
    for (int i = 0; i < object.num_fields(); ++i) {
      if (i > 0) out += ',';
      AppendJsonString(object.type()->field(i)->name(), out);
      out += ':';
      children_[static_cast<size_t>(i)].Append(*object.field(i), row, out);
    }
    out += '}';
  } else {
    const size_t begin = out.size();
    out += static_cast<const arrow::StringArray&>(array).GetView(row);
    // Line breaks stand between tokens only: in texts they are escapes.
    std::replace_if(
        out.begin() + static_cast<ptrdiff_t>(begin), out.end(),
        [](char c) { return c == '\n' || c == '\r'; }, ' ');
  }
}

}  // namespace eclusa
