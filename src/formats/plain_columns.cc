#include "formats/plain_columns.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/compute/cast.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include <algorithm>
#include <iterator>

#include "formats/field_shape.h"
#include "formats/row_text.h"
#include "formats/text_encoding.h"

namespace eclusa {
namespace {

using arrow::Type;

bool IsList(Type::type id) {
  return id == Type::LIST || id == Type::LARGE_LIST || id == Type::FIXED_SIZE_LIST ||
         id == Type::LIST_VIEW || id == Type::LARGE_LIST_VIEW;
}

// Texts that are not UTF-8, by index.
void FindIn(const arrow::StringArray& texts, std::vector<std::pair<int64_t, std::string>>& wrong) {
  if (texts.length() == 0) return;
  const int32_t begin = texts.value_offset(0);
  const int32_t end = texts.value_offset(texts.length());
  const std::string_view all(reinterpret_cast<const char*>(texts.raw_data()) + begin,
                             static_cast<size_t>(end - begin));
  // Sound as a whole, a text may still be cut inside a sequence; that needs a value to begin with a
  // continuation byte.
  bool sound = IsValidUtf8(all);
  for (int64_t i = 1; sound && i < texts.length(); ++i) {
    const auto at = static_cast<size_t>(texts.value_offset(i) - begin);
    sound = at >= all.size() || (static_cast<uint8_t>(all[at]) & 0xC0) != 0x80;
  }
  if (sound) return;
  for (int64_t i = 0; i < texts.length(); ++i) {
    if (texts.IsValid(i) && !IsValidUtf8(texts.GetView(i))) wrong.emplace_back(i, texts.GetView(i));
  }
}

// What is wrong in an array, by its index.
using Wrong = std::vector<WrongText>;

Wrong WrongIn(const arrow::Array& array, const std::string& path);

Wrong WrongInList(const arrow::ListArray& lists, const std::string& path) {
  Wrong wrong;
  if (lists.length() == 0) return wrong;
  // Items of the whole array at once: those of an index lie behind one another.
  const int32_t begin = lists.value_offset(0);
  const int32_t end = lists.value_offset(lists.length());
  const auto items = lists.values()->Slice(begin, end - begin);
  int64_t row = 0;
  for (WrongText& item : WrongIn(*items, path)) {
    while (lists.value_offset(row + 1) - begin <= item.row) ++row;
    if (lists.IsNull(row)) continue;
    if (!wrong.empty() && wrong.back().row == row && wrong.back().column == item.column) continue;
    item.row = row;
    wrong.push_back(std::move(item));
  }
  return wrong;
}

Wrong WrongInStruct(const arrow::StructArray& array, const std::string& path) {
  Wrong wrong;
  for (int i = 0; i < array.num_fields(); ++i) {
    const auto member = array.field(i);
    for (WrongText& text : WrongIn(*member, path + "." + array.type()->field(i)->name())) {
      if (array.IsValid(text.row)) wrong.push_back(std::move(text));
    }
  }
  std::stable_sort(wrong.begin(), wrong.end(),
                   [](const WrongText& a, const WrongText& b) { return a.row < b.row; });
  return wrong;
}

Wrong WrongIn(const arrow::Array& array, const std::string& path) {
  if (array.type_id() == Type::LIST) {
    return WrongInList(static_cast<const arrow::ListArray&>(array), path);
  }
  if (array.type_id() == Type::STRUCT) {
    return WrongInStruct(static_cast<const arrow::StructArray&>(array), path);
  }
  Wrong wrong;
  if (array.type_id() != Type::STRING) return wrong;
  std::vector<std::pair<int64_t, std::string>> texts;
  FindIn(static_cast<const arrow::StringArray&>(array), texts);
  for (auto& [row, bytes] : texts) wrong.push_back({row, path, std::move(bytes)});
  return wrong;
}

std::shared_ptr<arrow::DataType> PlainTypeAt(const std::shared_ptr<arrow::DataType>& type,
                                             int lists, int levels);

std::shared_ptr<arrow::DataType> PlainStruct(const arrow::DataType& type, int lists, int levels) {
  if (levels == kShapeLevelsMax || type.num_fields() == 0) return nullptr;
  arrow::FieldVector fields;
  for (const auto& field : type.fields()) {
    auto plain = PlainTypeAt(field->type(), lists, levels + 1);
    if (plain == nullptr) return nullptr;
    fields.push_back(arrow::field(field->name(), std::move(plain)));
  }
  return arrow::struct_(fields);
}

std::shared_ptr<arrow::DataType> PlainTypeAt(const std::shared_ptr<arrow::DataType>& type,
                                             int lists, int levels) {
  switch (type->id()) {
    case Type::DICTIONARY:
      return PlainTypeAt(static_cast<const arrow::DictionaryType&>(*type).value_type(), lists,
                         levels);
    case Type::EXTENSION:
      return PlainTypeAt(static_cast<const arrow::ExtensionType&>(*type).storage_type(), lists,
                         levels);
    case Type::LARGE_STRING:
    case Type::STRING_VIEW:
      return arrow::utf8();
    case Type::LARGE_BINARY:
    case Type::BINARY_VIEW:
      return arrow::binary();
    case Type::HALF_FLOAT:
      return arrow::float32();
    case Type::DATE64:
      return arrow::date32();
    case Type::DECIMAL32:
    case Type::DECIMAL64: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(*type);
      return arrow::decimal128(decimal.precision(), decimal.scale());
    }
    case Type::STRUCT:
      return PlainStruct(*type, lists, levels);
    default:
      break;
  }
  if (IsList(type->id())) {
    if (lists == kListLevelsMax) return nullptr;
    const auto item = PlainTypeAt(type->field(0)->type(), lists + 1, levels);
    if (item == nullptr || IsList(item->id())) return nullptr;
    return arrow::list(item);
  }
  return arrow::is_nested(type->id()) || type->id() == Type::RUN_END_ENCODED ? nullptr : type;
}

// A list or struct whose children are made plain one by one; Cast has not all of these.
arrow::Result<std::shared_ptr<arrow::Array>> PlainNested(
    const std::shared_ptr<arrow::Array>& array, const std::shared_ptr<arrow::DataType>& plain) {
  if (plain->id() == Type::LIST && array->type_id() != Type::LIST) {
    // Of another kind of list: with its items as they are, which are next.
    const auto as_list = arrow::list(array->type()->field(0)->type());
    ARROW_ASSIGN_OR_RAISE(auto list, arrow::compute::Cast(*array, as_list));
    return PlainNested(list, plain);
  }
  const std::shared_ptr<arrow::ArrayData> data = array->data()->Copy();
  data->type = plain;
  for (auto& child : data->child_data) {
    ARROW_ASSIGN_OR_RAISE(const auto made, PlainArray(arrow::MakeArray(child)));
    child = made->data();
  }
  return arrow::MakeArray(data);
}

}  // namespace

std::shared_ptr<arrow::DataType> PlainType(const std::shared_ptr<arrow::DataType>& type) {
  return PlainTypeAt(type, 0, 0);
}

bool IsNestedType(const arrow::DataType& plain) {
  return plain.id() == Type::STRUCT ||
         (plain.id() == Type::LIST && plain.field(0)->type()->id() == Type::STRUCT);
}

arrow::Result<std::shared_ptr<arrow::Array>> PlainArray(std::shared_ptr<arrow::Array> array) {
  while (array->type_id() == Type::EXTENSION) {
    array = static_cast<const arrow::ExtensionArray&>(*array).storage();
  }
  const std::shared_ptr<arrow::DataType> plain = PlainType(array->type());
  if (plain == nullptr) return arrow::Status::NotImplemented(array->type()->ToString());
  if (plain->Equals(*array->type())) return array;
  if (plain->id() == Type::LIST || plain->id() == Type::STRUCT) return PlainNested(array, plain);
  return arrow::compute::Cast(*array, plain);
}

std::vector<WrongText> FindWrongText(const arrow::RecordBatch& batch) {
  std::vector<WrongText> wrong;
  for (int i = 0; i < batch.num_columns(); ++i) {
    std::ranges::move(WrongIn(*batch.column(i), batch.column_name(i)), std::back_inserter(wrong));
  }
  std::stable_sort(wrong.begin(), wrong.end(),
                   [](const WrongText& a, const WrongText& b) { return a.row < b.row; });
  return wrong;
}

std::string RowAsText(const arrow::RecordBatch& batch, int64_t row) {
  std::string text;
  for (int i = 0; i < batch.num_columns() && text.size() < kRawBytesMax; ++i) {
    if (i > 0) text += ", ";
    const auto scalar = batch.column(i)->GetScalar(row);
    text += batch.column_name(i) + "=" + (scalar.ok() ? (*scalar)->ToString() : "?");
  }
  return text.substr(0, kRawBytesMax);
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> WithoutRows(const arrow::RecordBatch& batch,
                                                               const std::vector<int64_t>& rows) {
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (int i = 0; i < batch.num_columns(); ++i) {
    arrow::ArrayVector pieces = {batch.column(i)->Slice(0, 0)};
    int64_t begin = 0;
    for (const int64_t row : rows) {
      if (row > begin) pieces.push_back(batch.column(i)->Slice(begin, row - begin));
      begin = row + 1;
    }
    pieces.push_back(batch.column(i)->Slice(begin));
    ARROW_ASSIGN_OR_RAISE(auto column, arrow::Concatenate(pieces));
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(
      batch.schema(), batch.num_rows() - static_cast<int64_t>(rows.size()), std::move(columns));
}

}  // namespace eclusa
