#include "formats/plain_columns.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/compute/cast.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include <algorithm>

#include "formats/row_text.h"
#include "formats/text_encoding.h"

namespace eclusa {
namespace {

using arrow::Type;

bool IsList(Type::type id) {
  return id == Type::LIST || id == Type::LARGE_LIST || id == Type::FIXED_SIZE_LIST ||
         id == Type::LIST_VIEW || id == Type::LARGE_LIST_VIEW;
}

// Text of one column that is not UTF-8, by row; for a list, of its first wrong item.
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

std::vector<std::pair<int64_t, std::string>> WrongIn(const arrow::Array& array) {
  std::vector<std::pair<int64_t, std::string>> wrong;
  if (array.type_id() == Type::STRING) {
    FindIn(static_cast<const arrow::StringArray&>(array), wrong);
  } else if (array.type_id() == Type::LIST) {
    const auto& lists = static_cast<const arrow::ListArray&>(array);
    if (lists.value_type()->id() != Type::STRING) return wrong;
    for (int64_t i = 0; i < lists.length(); ++i) {
      if (lists.IsNull(i)) continue;
      std::vector<std::pair<int64_t, std::string>> items;
      FindIn(static_cast<const arrow::StringArray&>(*lists.value_slice(i)), items);
      if (!items.empty()) wrong.emplace_back(i, items.front().second);
    }
  }
  return wrong;
}

}  // namespace

std::shared_ptr<arrow::DataType> PlainType(const std::shared_ptr<arrow::DataType>& type) {
  switch (type->id()) {
    case Type::DICTIONARY:
      return PlainType(static_cast<const arrow::DictionaryType&>(*type).value_type());
    case Type::EXTENSION:
      return PlainType(static_cast<const arrow::ExtensionType&>(*type).storage_type());
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
    default:
      break;
  }
  if (IsList(type->id())) {
    const auto item = PlainType(type->field(0)->type());
    if (item == nullptr || IsList(item->id())) return nullptr;
    return arrow::list(item);
  }
  return arrow::is_nested(type->id()) || type->id() == Type::RUN_END_ENCODED ? nullptr : type;
}

arrow::Result<std::shared_ptr<arrow::Array>> PlainArray(std::shared_ptr<arrow::Array> array) {
  while (array->type_id() == Type::EXTENSION) {
    array = static_cast<const arrow::ExtensionArray&>(*array).storage();
  }
  const std::shared_ptr<arrow::DataType> plain = PlainType(array->type());
  if (plain == nullptr) return arrow::Status::NotImplemented(array->type()->ToString());
  if (plain->Equals(*array->type())) return array;
  return arrow::compute::Cast(*array, plain);
}

std::vector<WrongText> FindWrongText(const arrow::RecordBatch& batch) {
  std::vector<WrongText> wrong;
  for (int i = 0; i < batch.num_columns(); ++i) {
    for (auto& [row, bytes] : WrongIn(*batch.column(i))) {
      wrong.push_back({row, i, std::move(bytes)});
    }
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
