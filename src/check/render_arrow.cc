#include <arrow/api.h>
#include <fmt/format.h>

#include <cmath>

#include "check/convert_arrow.h"
#include "check/convert_time.h"

namespace eclusa {
namespace {

// Doubles hold every whole number up to here.
constexpr double kExactWholeMax = 9007199254740992.0;

// `render(row, out)` appends the text of a value, or returns a Fault.
template <class RenderValue>
TextColumn RenderEach(const arrow::Array& array, ColumnRun& run, RenderValue render) {
  TextColumnBuilder builder(array.length());
  fmt::memory_buffer text;
  for (int64_t row = 0; row < array.length(); ++row) {
    text.clear();
    if (array.IsNull(row)) {
      run.SetState(row, kNull);
    } else {
      const Fault fault = render(row, text);
      if (fault != Fault::kNone) {
        run.Fail(row, fault);
        text.clear();
      }
    }
    if (!builder.Append({text.data(), text.size()})) run.Fail(row, Fault::kTooLong);
  }
  return std::move(builder).Finish();
}

template <class ArrayType>
TextColumn RenderValues(const arrow::Array& array, ColumnRun& run) {
  const auto& typed = static_cast<const ArrayType&>(array);
  return RenderEach(array, run, [&](int64_t row, fmt::memory_buffer& out) {
    fmt::format_to(std::back_inserter(out), "{}", typed.Value(row));
    return Fault::kNone;
  });
}

// A document that a data frame made a number because some rows had none.
template <class ArrayType>
TextColumn RenderWholes(const arrow::Array& array, ColumnRun& run) {
  const auto& typed = static_cast<const ArrayType&>(array);
  return RenderEach(array, run, [&](int64_t row, fmt::memory_buffer& out) {
    const double value = typed.Value(row);
    if (std::trunc(value) != value || std::abs(value) > kExactWholeMax) return Fault::kForm;
    fmt::format_to(std::back_inserter(out), "{}", static_cast<int64_t>(value));
    return Fault::kNone;
  });
}

template <class ArrayType>
TextColumn RenderDecimals(const arrow::Array& array, ColumnRun& run) {
  const auto& typed = static_cast<const ArrayType&>(array);
  return RenderEach(array, run, [&](int64_t row, fmt::memory_buffer& out) {
    const std::string text = typed.FormatValue(row);
    out.append(text.data(), text.data() + text.size());
    return Fault::kNone;
  });
}

}  // namespace

TextColumn RenderTexts(const arrow::Array& array, ColumnRun& run) {
  switch (array.type_id()) {
    case arrow::Type::INT8:
      return RenderValues<arrow::Int8Array>(array, run);
    case arrow::Type::INT16:
      return RenderValues<arrow::Int16Array>(array, run);
    case arrow::Type::INT32:
      return RenderValues<arrow::Int32Array>(array, run);
    case arrow::Type::INT64:
      return RenderValues<arrow::Int64Array>(array, run);
    case arrow::Type::UINT8:
      return RenderValues<arrow::UInt8Array>(array, run);
    case arrow::Type::UINT16:
      return RenderValues<arrow::UInt16Array>(array, run);
    case arrow::Type::UINT32:
      return RenderValues<arrow::UInt32Array>(array, run);
    case arrow::Type::UINT64:
      return RenderValues<arrow::UInt64Array>(array, run);
    case arrow::Type::BOOL:
      return RenderValues<arrow::BooleanArray>(array, run);
    case arrow::Type::FLOAT:
      return RenderWholes<arrow::FloatArray>(array, run);
    case arrow::Type::DOUBLE:
      return RenderWholes<arrow::DoubleArray>(array, run);
    case arrow::Type::DECIMAL128:
      return RenderDecimals<arrow::Decimal128Array>(array, run);
    case arrow::Type::DECIMAL256:
      return RenderDecimals<arrow::Decimal256Array>(array, run);
    default:
      return RenderEach(array, run, [&](int64_t row, fmt::memory_buffer& out) {
        return RenderDate(array, row, out);
      });
  }
}

std::string DisplayValue(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) return {};
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return static_cast<const arrow::BinaryArray&>(array).GetString(row);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return static_cast<const arrow::LargeBinaryArray&>(array).GetString(row);
    default: {
      const auto scalar = array.GetScalar(row);
      return scalar.ok() ? (*scalar)->ToString() : std::string();
    }
  }
}

}  // namespace eclusa
