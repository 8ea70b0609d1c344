#include "formats/value_text.h"

#include <arrow/array.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>
#include <fmt/format.h>

#include <cmath>

namespace eclusa {
namespace {

using arrow::TimeUnit;
using arrow::Type;

constexpr int64_t kSecondsPerDay = 86400;

int64_t UnitsPerSecond(TimeUnit::type unit) {
  switch (unit) {
    case TimeUnit::SECOND:
      return 1;
    case TimeUnit::MILLI:
      return 1'000;
    case TimeUnit::MICRO:
      return 1'000'000;
    case TimeUnit::NANO:
      return 1'000'000'000;
  }
  return 1;
}

int64_t FloorDivide(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

// Howard Hinnant's civil_from_days, for any day that 64 bits of seconds reach.
void AppendDate(int64_t days, std::string& out, bool& before_christ) {
  days += 719468;
  const int64_t era = FloorDivide(days, 146097);
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_of_year = (5 * day_of_year + 2) / 153;
  const int64_t day = day_of_year - (153 * month_of_year + 2) / 5 + 1;
  const int64_t month = month_of_year < 10 ? month_of_year + 3 : month_of_year - 9;
  const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  before_christ = year <= 0;
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", before_christ ? 1 - year : year,
                 month, day);
}

// .5 of 500 at a thousand units a second; nothing of 0.
void AppendFraction(int64_t units, int64_t units_per_second, std::string& out) {
  if (units == 0) return;
  out += '.';
  for (int64_t unit = units_per_second / 10; units != 0; unit /= 10) {
    out += static_cast<char>('0' + units / unit);
    units %= unit;
  }
}

void AppendTime(int64_t units, TimeUnit::type unit, std::string& out) {
  const int64_t per_second = UnitsPerSecond(unit);
  const int64_t seconds = units / per_second;
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60,
                 seconds % 60);
  AppendFraction(units % per_second, per_second, out);
}

void AppendTimestamp(int64_t units, const arrow::TimestampType& type, std::string& out) {
  const int64_t per_day = UnitsPerSecond(type.unit()) * kSecondsPerDay;
  const int64_t days = FloorDivide(units, per_day);
  bool before_christ = false;
  AppendDate(days, out, before_christ);
  out += ' ';
  // Not days * per_day: of the first day that 64 bits hold, that is out of range.
  const int64_t rest = units % per_day;
  AppendTime(rest < 0 ? rest + per_day : rest, type.unit(), out);
  if (!type.timezone().empty()) out += "+00";
  if (before_christ) out += " BC";
}

template <class Number>
void AppendFloat(Number number, std::string& out) {
  if (std::isnan(number)) {
    out += "NaN";
  } else if (std::isinf(number)) {
    out += number < 0 ? "-Infinity" : "Infinity";
  } else {
    fmt::format_to(std::back_inserter(out), "{}", number);
  }
}

void AppendHexadecimal(std::string_view bytes, std::string& out) {
  for (const char c : bytes) {
    fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<uint8_t>(c));
  }
}

void AppendFixedBytes(std::string_view bytes, std::string& out) {
  if (bytes.size() != 16) {
    out += "\\x";
    AppendHexadecimal(bytes, out);
    return;
  }
  constexpr size_t kGroups[] = {4, 2, 2, 2, 6};
  for (const size_t group : kGroups) {
    if (group != 4) out += '-';
    AppendHexadecimal(bytes.substr(0, group), out);
    bytes.remove_prefix(group);
  }
}

void AppendListText(const arrow::ListArray& lists, int64_t row, std::string& out) {
  const std::shared_ptr<arrow::Array> items = lists.value_slice(row);
  out += '{';
  for (int64_t i = 0; i < items->length(); ++i) {
    if (i > 0) out += ',';
    if (items->IsNull(i)) {
      out += "NULL";
      continue;
    }
    std::string text;
    AppendText(*items, i, text);
    out += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  out += '}';
}

// All digits, never an exponent, which Arrow writes for small numbers.
template <class Decimal>
void AppendDecimal(const uint8_t* bytes, int32_t scale, std::string& out) {
  std::string digits = Decimal(bytes).ToIntegerString();
  if (digits.starts_with('-')) {
    out += '-';
    digits.erase(0, 1);
  }
  if (scale < 0) {
    out += digits;
    if (digits != "0") out.append(static_cast<size_t>(-scale), '0');
    return;
  }
  const auto fraction = static_cast<size_t>(scale);
  if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
  out.append(digits, 0, digits.size() - fraction);
  if (fraction > 0) out.append(".").append(digits, digits.size() - fraction);
}

template <class ArrayType>
auto ValueAt(const arrow::Array& array, int64_t row) {
  return static_cast<const ArrayType&>(array).Value(row);
}

// Numbers and booleans. False: the type is another one.
bool AppendNumber(const arrow::Array& array, int64_t row, std::string& out) {
  const auto append = [&](auto number) { fmt::format_to(std::back_inserter(out), "{}", number); };
  switch (array.type_id()) {
    case Type::BOOL:
      append(ValueAt<arrow::BooleanArray>(array, row));
      return true;
    case Type::INT8:
      append(int{ValueAt<arrow::Int8Array>(array, row)});
      return true;
    case Type::INT16:
      append(ValueAt<arrow::Int16Array>(array, row));
      return true;
    case Type::INT32:
      append(ValueAt<arrow::Int32Array>(array, row));
      return true;
    case Type::INT64:
      append(ValueAt<arrow::Int64Array>(array, row));
      return true;
    case Type::UINT8:
      append(int{ValueAt<arrow::UInt8Array>(array, row)});
      return true;
    case Type::UINT16:
      append(ValueAt<arrow::UInt16Array>(array, row));
      return true;
    case Type::UINT32:
      append(ValueAt<arrow::UInt32Array>(array, row));
      return true;
    case Type::UINT64:
      append(ValueAt<arrow::UInt64Array>(array, row));
      return true;
    case Type::FLOAT:
      AppendFloat(ValueAt<arrow::FloatArray>(array, row), out);
      return true;
    case Type::DOUBLE:
      AppendFloat(ValueAt<arrow::DoubleArray>(array, row), out);
      return true;
    case Type::DECIMAL128:
      AppendDecimal<arrow::Decimal128>(
          static_cast<const arrow::Decimal128Array&>(array).GetValue(row),
          static_cast<const arrow::DecimalType&>(*array.type()).scale(), out);
      return true;
    case Type::DECIMAL256:
      AppendDecimal<arrow::Decimal256>(
          static_cast<const arrow::Decimal256Array&>(array).GetValue(row),
          static_cast<const arrow::DecimalType&>(*array.type()).scale(), out);
      return true;
    default:
      return false;
  }
}

}  // namespace

void AppendText(const arrow::Array& array, int64_t row, std::string& out) {
  if (AppendNumber(array, row, out)) return;
  bool before_christ = false;
  switch (array.type_id()) {
    case Type::STRING:
      out += static_cast<const arrow::StringArray&>(array).GetView(row);
      return;
    case Type::BINARY:
      out += "\\x";
      AppendHexadecimal(static_cast<const arrow::BinaryArray&>(array).GetView(row), out);
      return;
    case Type::FIXED_SIZE_BINARY:
      AppendFixedBytes(static_cast<const arrow::FixedSizeBinaryArray&>(array).GetView(row), out);
      return;
    case Type::DATE32:
      AppendDate(ValueAt<arrow::Date32Array>(array, row), out, before_christ);
      if (before_christ) out += " BC";
      return;
    case Type::TIME32:
      AppendTime(ValueAt<arrow::Time32Array>(array, row),
                 static_cast<const arrow::Time32Type&>(*array.type()).unit(), out);
      return;
    case Type::TIME64:
      AppendTime(ValueAt<arrow::Time64Array>(array, row),
                 static_cast<const arrow::Time64Type&>(*array.type()).unit(), out);
      return;
    case Type::TIMESTAMP:
      AppendTimestamp(ValueAt<arrow::TimestampArray>(array, row),
                      static_cast<const arrow::TimestampType&>(*array.type()), out);
      return;
    case Type::DURATION: {
      const int64_t units = ValueAt<arrow::DurationArray>(array, row);
      const int64_t per_second =
          UnitsPerSecond(static_cast<const arrow::DurationType&>(*array.type()).unit());
      if (units < 0) out += '-';
      fmt::format_to(std::back_inserter(out), "{}", std::abs(units / per_second));
      AppendFraction(std::abs(units % per_second), per_second, out);
      out += " seconds";
      return;
    }
    case Type::LIST:
      if (array.type()->field(0)->type()->num_fields() > 0) {
        AppendJson(array, row, out);
      } else {
        AppendListText(static_cast<const arrow::ListArray&>(array), row, out);
      }
      return;
    case Type::STRUCT:
      AppendJson(array, row, out);
      return;
    default: {
      const auto scalar = array.GetScalar(row);
      if (scalar.ok()) out += (*scalar)->ToString();
    }
  }
}

void AppendJson(const arrow::Array& array, int64_t row, std::string& out) {
  if (array.IsNull(row)) {
    out += "null";
    return;
  }
  if (array.type_id() == Type::LIST) {
    const auto& lists = static_cast<const arrow::ListArray&>(array);
    out += '[';
    for (int64_t i = lists.value_offset(row); i < lists.value_offset(row + 1); ++i) {
      if (i > lists.value_offset(row)) out += ',';
      AppendJson(*lists.values(), i, out);
    }
    out += ']';
    return;
  }
  if (array.type_id() == Type::STRUCT) {
    const auto& object = static_cast<const arrow::StructArray&>(array);
    out += '{';
    for (int i = 0; i < object.num_fields(); ++i) {
      if (i > 0) out += ',';
      AppendJsonString(object.type()->field(i)->name(), out);
      out += ':';
      AppendJson(*object.field(i), row, out);
    }
    out += '}';
    return;
  }
  std::string text;
  // NaN and Infinity are no numbers of JSON.
  if (AppendNumber(array, row, text) && text.find_first_of("NI") == text.npos) {
    out += text;
    return;
  }
  if (text.empty()) AppendText(array, row, text);
  AppendJsonString(text, out);
}

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<uint8_t>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace eclusa
