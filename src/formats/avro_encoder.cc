#include "formats/avro_encoder.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "formats/value_text.h"

namespace eclusa {
namespace {

using arrow::TimeUnit;
using arrow::Type;

// Of Avro's branches [null, T].
constexpr int64_t kNullBranch = 0;
constexpr int64_t kValueBranch = 1;
constexpr int32_t kUint64Digits = 20;

bool IsNameCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// A name of Avro's: [A-Za-z_][A-Za-z0-9_]*, not one of `taken`.
std::string AvroName(const std::string& name, std::set<std::string>& taken) {
  std::string made;
  for (const char c : name) made += IsNameCharacter(c) ? c : '_';
  if (made.empty() || (made[0] >= '0' && made[0] <= '9')) made = "_" + made;
  const std::string base = made;
  for (int number = 2; !taken.insert(made).second; ++number)
    made = fmt::format("{}_{}", base, number);
  return made;
}

std::string_view UnitName(TimeUnit::type unit) {
  return unit == TimeUnit::MILLI ? "millis" : unit == TimeUnit::MICRO ? "micros" : "nanos";
}

// What a type is called in a schema; empty: its values are written as text.
class SchemaWriter {
 public:
  std::string Record(const arrow::FieldVector& fields, const std::string& name) {
    std::string text = fmt::format(R"({{"type":"record","name":"{}","fields":[)", TypeName(name));
    std::set<std::string> taken;
    for (size_t i = 0; i < fields.size(); ++i) {
      const std::string& column = fields[i]->name();
      const std::string avro = AvroName(column, taken);
      text += fmt::format(R"({}{{"name":"{}",)", i > 0 ? "," : "", avro);
      if (avro != column) {
        text += R"("eclusa.name":)";
        AppendJsonString(column, text);
        text += ',';
      }
      text += R"("type":)" + Optional(*fields[i]->type(), name + "_" + avro);
      if (fields[i]->type()->id() != Type::NA) text += R"(,"default":null)";
      text += '}';
    }
    return text + "]}";
  }

 private:
  std::string TypeName(const std::string& name) { return AvroName(name, names_); }

  std::string Optional(const arrow::DataType& type, const std::string& name) {
    if (type.id() == Type::NA) return R"("null")";
    return R"(["null",)" + TypeOf(type, name) + "]";
  }

  static std::string Logical(std::string_view type, std::string_view logical) {
    return fmt::format(R"({{"type":"{}","logicalType":"{}"}})", type, logical);
  }

  static std::string Decimal(int32_t precision, int32_t scale) {
    return fmt::format(R"({{"type":"bytes","logicalType":"decimal","precision":{},"scale":{}}})",
                       precision, scale);
  }

  std::string TypeOf(const arrow::DataType& type, const std::string& name) {
    switch (type.id()) {
      case Type::BOOL:
        return R"("boolean")";
      case Type::INT8:
      case Type::INT16:
      case Type::INT32:
      case Type::UINT8:
      case Type::UINT16:
        return R"("int")";
      case Type::UINT32:
      case Type::INT64:
        return R"("long")";
      case Type::UINT64:
        return Decimal(kUint64Digits, 0);
      case Type::FLOAT:
        return R"("float")";
      case Type::DOUBLE:
        return R"("double")";
      case Type::BINARY:
        return R"("bytes")";
      case Type::FIXED_SIZE_BINARY:
        return fmt::format(R"({{"type":"fixed","name":"{}","size":{}}})", TypeName(name),
                           static_cast<const arrow::FixedSizeBinaryType&>(type).byte_width());
      case Type::DATE32:
        return Logical("int", "date");
      case Type::STRUCT:
        return Record(type.fields(), name);
      case Type::LIST:
        return R"({"type":"array","items":)" + Optional(*type.field(0)->type(), name + "_item") +
               "}";
      default:
        return TemporalOf(type);
    }
  }

  static std::string TemporalOf(const arrow::DataType& type) {
    if (type.id() == Type::DECIMAL128 || type.id() == Type::DECIMAL256) {
      const auto& decimal = static_cast<const arrow::DecimalType&>(type);
      if (decimal.scale() >= 0 && decimal.scale() <= decimal.precision()) {
        return Decimal(decimal.precision(), decimal.scale());
      }
    } else if (type.id() == Type::TIME32) {
      if (static_cast<const arrow::TimeType&>(type).unit() == TimeUnit::MILLI) {
        return Logical("int", "time-millis");
      }
    } else if (type.id() == Type::TIME64) {
      if (static_cast<const arrow::TimeType&>(type).unit() == TimeUnit::MICRO) {
        return Logical("long", "time-micros");
      }
    } else if (type.id() == Type::TIMESTAMP) {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
      if (timestamp.unit() != TimeUnit::SECOND) {
        return Logical("long",
                       fmt::format("{}timestamp-{}", timestamp.timezone().empty() ? "local-" : "",
                                   UnitName(timestamp.unit())));
      }
    }
    return R"("string")";
  }

  std::set<std::string> names_;
};

template <class ArrayType>
auto ValueAt(const arrow::Array& array, int64_t row) {
  return static_cast<const ArrayType&>(array).Value(row);
}

template <class Number>
void AppendNumber(Number number, std::string& out) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// Two's complement, highest byte first, without bytes that only repeat the sign.
void AppendDecimal(std::string_view little_endian, std::string& out) {
  const char fill = little_endian.back() < 0 ? '\xFF' : '\0';
  size_t size = little_endian.size();
  while (size > 1 && little_endian[size - 1] == fill &&
         (little_endian[size - 2] < 0) == (fill != 0)) {
    --size;
  }
  AppendAvroLong(static_cast<int64_t>(size), out);
  out.append(little_endian.rend() - static_cast<ptrdiff_t>(size), little_endian.rend());
}

void AppendAsText(const arrow::Array& array, int64_t row, std::string& out) {
  std::string text;
  AppendText(array, row, text);
  AppendAvroBytes(text, out);
}

void AppendUint64(uint64_t value, std::string& out) {
  char bytes[sizeof value + 1] = {};  // a zero above for the sign
  std::copy_n(reinterpret_cast<const char*>(&value), sizeof value, bytes);
  AppendDecimal({bytes, sizeof bytes}, out);
}

void AppendValue(const arrow::Array& array, int64_t row, std::string& out);

void AppendList(const arrow::ListArray& lists, int64_t row, std::string& out) {
  const int64_t begin = lists.value_offset(row);
  const int64_t end = lists.value_offset(row + 1);
  if (end > begin) {
    AppendAvroLong(end - begin, out);
    for (int64_t i = begin; i < end; ++i) AppendValue(*lists.values(), i, out);
  }
  AppendAvroLong(0, out);
}

// Integers, and types that are stored as one. False: another type.
bool AppendWhole(const arrow::Array& array, int64_t row, std::string& out) {
  switch (array.type_id()) {
    case Type::INT8:
      AppendAvroLong(ValueAt<arrow::Int8Array>(array, row), out);
      return true;
    case Type::INT16:
      AppendAvroLong(ValueAt<arrow::Int16Array>(array, row), out);
      return true;
    case Type::INT32:
      AppendAvroLong(ValueAt<arrow::Int32Array>(array, row), out);
      return true;
    case Type::UINT8:
      AppendAvroLong(ValueAt<arrow::UInt8Array>(array, row), out);
      return true;
    case Type::UINT16:
      AppendAvroLong(ValueAt<arrow::UInt16Array>(array, row), out);
      return true;
    case Type::UINT32:
      AppendAvroLong(ValueAt<arrow::UInt32Array>(array, row), out);
      return true;
    case Type::INT64:
      AppendAvroLong(ValueAt<arrow::Int64Array>(array, row), out);
      return true;
    case Type::DATE32:
      AppendAvroLong(ValueAt<arrow::Date32Array>(array, row), out);
      return true;
    default:
      return false;
  }
}

bool AppendMoment(const arrow::Array& array, int64_t row, std::string& out) {
  switch (array.type_id()) {
    case Type::TIME32:
      if (static_cast<const arrow::TimeType&>(*array.type()).unit() != TimeUnit::MILLI)
        return false;
      AppendAvroLong(ValueAt<arrow::Time32Array>(array, row), out);
      return true;
    case Type::TIME64:
      if (static_cast<const arrow::TimeType&>(*array.type()).unit() != TimeUnit::MICRO)
        return false;
      AppendAvroLong(ValueAt<arrow::Time64Array>(array, row), out);
      return true;
    case Type::TIMESTAMP:
      if (static_cast<const arrow::TimestampType&>(*array.type()).unit() == TimeUnit::SECOND) {
        return false;
      }
      AppendAvroLong(ValueAt<arrow::TimestampArray>(array, row), out);
      return true;
    default:
      return false;
  }
}

void AppendValue(const arrow::Array& array, int64_t row, std::string& out) {
  if (array.type_id() == Type::NA) return;
  if (array.IsNull(row)) {
    AppendAvroLong(kNullBranch, out);
    return;
  }
  AppendAvroLong(kValueBranch, out);
  if (AppendWhole(array, row, out) || AppendMoment(array, row, out)) return;
  switch (array.type_id()) {
    case Type::BOOL:
      out += ValueAt<arrow::BooleanArray>(array, row) ? '\1' : '\0';
      return;
    case Type::UINT64:
      AppendUint64(ValueAt<arrow::UInt64Array>(array, row), out);
      return;
    case Type::FLOAT:
      AppendNumber(ValueAt<arrow::FloatArray>(array, row), out);
      return;
    case Type::DOUBLE:
      AppendNumber(ValueAt<arrow::DoubleArray>(array, row), out);
      return;
    case Type::STRING:
    case Type::BINARY:
      AppendAvroBytes(static_cast<const arrow::BinaryArray&>(array).GetView(row), out);
      return;
    case Type::DECIMAL128:
    case Type::DECIMAL256: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(*array.type());
      if (decimal.scale() < 0 || decimal.scale() > decimal.precision()) break;
      AppendDecimal(static_cast<const arrow::FixedSizeBinaryArray&>(array).GetView(row), out);
      return;
    }
    case Type::FIXED_SIZE_BINARY:
      out += static_cast<const arrow::FixedSizeBinaryArray&>(array).GetView(row);
      return;
    case Type::LIST:
      AppendList(static_cast<const arrow::ListArray&>(array), row, out);
      return;
    case Type::STRUCT:
      for (const auto& field : static_cast<const arrow::StructArray&>(array).fields()) {
        AppendValue(*field, row, out);
      }
      return;
    default:
      break;
  }
  AppendAsText(array, row, out);
}

}  // namespace

std::string AvroSchemaJson(const arrow::Schema& schema) {
  return SchemaWriter().Record(schema.fields(), "row");
}

void AppendAvroRow(const arrow::RecordBatch& batch, int64_t row, std::string& out) {
  for (const auto& column : batch.columns()) AppendValue(*column, row, out);
}

void AppendAvroLong(int64_t value, std::string& out) {
  auto bits = static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
  for (; bits >= 0x80; bits >>= 7) out += static_cast<char>(bits | 0x80);
  out += static_cast<char>(bits);
}

void AppendAvroBytes(std::string_view bytes, std::string& out) {
  AppendAvroLong(static_cast<int64_t>(bytes.size()), out);
  out += bytes;
}

}  // namespace eclusa
