#include "check/convert_arrow.h"

#include <arrow/api.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "check/arrays.h"
#include "check/compare.h"
#include "check/convert_text.h"
#include "check/convert_time.h"

namespace eclusa {
namespace {

void TakeNulls(const arrow::Array& array, ColumnRun& run) {
  if (array.null_count() == 0) return;
  for (int64_t row = 0; row < array.length(); ++row) {
    if (array.IsNull(row)) run.SetState(row, kNull);
  }
}

template <class From, class To>
bool Fits(From from, To to) {
  return static_cast<From>(to) == from && (from < From{}) == (to < To{});
}

template <class From, class To>
TypedColumn ConvertIntegers(const From* from, int64_t rows, ColumnRun& run) {
  TypedColumn column(run.plan().value.type.kind, rows);
  column.AllocateFixed();
  To* const to = column.MutableFixed<To>();
  // Without branches first; the rows are looked at only where one of them does not fit.
  bool all_fit = true;
  for (int64_t row = 0; row < rows; ++row) {
    to[row] = static_cast<To>(from[row]);
    all_fit &= Fits(from[row], to[row]);
  }
  if (all_fit) return column;
  for (int64_t row = 0; row < rows; ++row) {
    if (run.StateOf(row) == kValue && !Fits(from[row], to[row])) run.Fail(row, Fault::kOverflow);
  }
  return column;
}

template <class From, class To, class Read>
TypedColumn ConvertEach(const From* from, int64_t rows, ColumnRun& run, Read read) {
  TypedColumn column(run.plan().value.type.kind, rows);
  column.AllocateFixed();
  To* const to = column.MutableFixed<To>();
  for (int64_t row = 0; row < rows; ++row) {
    if (run.StateOf(row) != kValue) continue;
    bool bent = false;
    const Fault fault = read(from[row], to + row, &bent);
    if (fault != Fault::kNone) [[unlikely]] {
      run.Fail(row, fault);
    } else if (bent) {
      run.Bent(row);
    }
  }
  return column;
}

template <class Append>
TypedColumn AppendNumerics(int64_t rows, ColumnRun& run, Append append) {
  const ValueReading& reading = run.plan().value;
  const NumericLimits limits{reading.type.precision, reading.type.scale, reading.excess};
  ByteBuffer out(16 * static_cast<size_t>(rows));
  std::vector<int32_t> ends(static_cast<size_t>(rows) + 1);
  for (int64_t row = 0; row < rows; ++row) {
    if (run.StateOf(row) == kValue) {
      bool bent = false;
      const Fault fault = append(row, limits, out, &bent);
      if (fault != Fault::kNone) [[unlikely]] {
        run.Fail(row, fault);
      } else if (bent) {
        run.Bent(row);
      }
    }
    ends[static_cast<size_t>(row) + 1] = static_cast<int32_t>(out.size());
  }
  TypedColumn column(reading.type.kind, rows);
  column.SetOwned(std::move(ends), std::move(out).Take());
  return column;
}

template <class From>
TypedColumn ConvertFromInteger(const arrow::Array& array, ColumnRun& run) {
  const auto* from = array.data()->GetValues<From>(1);
  const int64_t rows = array.length();
  switch (run.plan().value.type.kind) {
    case TypeKind::kInt2:
      return ConvertIntegers<From, int16_t>(from, rows, run);
    case TypeKind::kInt4:
      return ConvertIntegers<From, int32_t>(from, rows, run);
    case TypeKind::kInt8:
      return ConvertIntegers<From, int64_t>(from, rows, run);
    case TypeKind::kFloat4:
      return ConvertEach<From, float>(from, rows, run, [](From value, float* to, bool*) {
        *to = static_cast<float>(value);
        return Fault::kNone;
      });
    case TypeKind::kFloat8:
      return ConvertEach<From, double>(from, rows, run, [](From value, double* to, bool*) {
        *to = static_cast<double>(value);
        return Fault::kNone;
      });
    case TypeKind::kBoolean:
      return ConvertEach<From, uint8_t>(from, rows, run, [](From value, uint8_t* to, bool*) {
        *to = value == 1;
        return value == 0 || value == 1 ? Fault::kNone : Fault::kForm;
      });
    default:
      return AppendNumerics(
          rows, run, [from](int64_t row, const NumericLimits& limits, ByteBuffer& out, bool* bent) {
            return AppendNumericInteger(from[row], 0, limits, out, bent);
          });
  }
}

// A whole number of a double's value; NaN, infinity and fractions are none.
template <class To>
Fault WholeFromFloat(double value, Excess excess, To* to, bool* bent) {
  if (!std::isfinite(value)) return Fault::kForm;
  const double whole = excess == Excess::kRound ? std::round(value) : std::trunc(value);
  if (whole != value) {
    if (excess == Excess::kRefuse) return Fault::kScale;
    *bent = true;
  }
  // Both bounds are exact as doubles, the upper one as the first that does not fit.
  const double bound = std::ldexp(1.0, static_cast<int>(sizeof(To)) * 8 - 1);
  if (whole < -bound || whole >= bound) return Fault::kOverflow;
  *to = static_cast<To>(whole);
  return Fault::kNone;
}

template <class From, class To>
TypedColumn WholesFromFloats(const From* from, int64_t rows, ColumnRun& run) {
  const Excess excess = run.plan().value.excess;
  return ConvertEach<From, To>(from, rows, run, [excess](From value, To* to, bool* bent) {
    return WholeFromFloat(double{value}, excess, to, bent);
  });
}

template <class From>
TypedColumn ConvertFromFloat(const arrow::Array& array, ColumnRun& run) {
  const auto* from = array.data()->GetValues<From>(1);
  const int64_t rows = array.length();
  switch (run.plan().value.type.kind) {
    case TypeKind::kInt2:
      return WholesFromFloats<From, int16_t>(from, rows, run);
    case TypeKind::kInt4:
      return WholesFromFloats<From, int32_t>(from, rows, run);
    case TypeKind::kInt8:
      return WholesFromFloats<From, int64_t>(from, rows, run);
    case TypeKind::kFloat4:
      return ConvertEach<From, float>(from, rows, run, [](From value, float* to, bool*) {
        *to = static_cast<float>(value);
        const bool lost = (std::isinf(*to) && !std::isinf(value)) || (*to == 0 && value != 0);
        return lost ? Fault::kOverflow : Fault::kNone;
      });
    case TypeKind::kFloat8:
      return ConvertEach<From, double>(from, rows, run, [](From value, double* to, bool*) {
        *to = double{value};
        return Fault::kNone;
      });
    default:
      // The shortest decimal that reads back as the same number.
      return AppendNumerics(
          rows, run, [from](int64_t row, const NumericLimits& limits, ByteBuffer& out, bool* bent) {
            if (std::isnan(from[row])) return AppendNumericText("NaN", {}, limits, out, bent);
            char text[64];
            const auto end = fmt::format_to_n(text, sizeof text, "{}", from[row]);
            return AppendNumericText({text, end.size}, {}, limits, out, bent);
          });
  }
}

template <class To>
TypedColumn WholesFromDecimals(const arrow::Array& array, ColumnRun& run) {
  const auto& decimals = static_cast<const arrow::Decimal128Array&>(array);
  const int32_t scale = static_cast<const arrow::Decimal128Type&>(*array.type()).scale();
  const NumericLimits whole{38, 0, run.plan().value.excess};
  TypedColumn column(run.plan().value.type.kind, array.length());
  column.AllocateFixed();
  To* const to = column.MutableFixed<To>();
  for (int64_t row = 0; row < array.length(); ++row) {
    if (run.StateOf(row) != kValue) continue;
    __int128 unscaled;
    std::memcpy(&unscaled, decimals.GetValue(row), sizeof unscaled);
    ByteBuffer number;
    bool bent = false;
    Fault fault = AppendNumericInteger(unscaled, scale, whole, number, &bent);
    int64_t value = 0;
    if (fault == Fault::kNone) {
      const std::vector<char> bytes = std::move(number).Take();
      fault = ReadInteger(NumericText({bytes.data(), bytes.size()}), &value);
    }
    to[row] = static_cast<To>(value);
    if (fault == Fault::kNone && to[row] != value) fault = Fault::kOverflow;
    if (fault != Fault::kNone) {
      run.Fail(row, fault);
    } else if (bent) {
      run.Bent(row);
    }
  }
  return column;
}

TypedColumn ConvertFromDecimal(const arrow::Array& array, ColumnRun& run) {
  switch (run.plan().value.type.kind) {
    case TypeKind::kInt2:
      return WholesFromDecimals<int16_t>(array, run);
    case TypeKind::kInt4:
      return WholesFromDecimals<int32_t>(array, run);
    case TypeKind::kInt8:
      return WholesFromDecimals<int64_t>(array, run);
    default:
      break;
  }
  const auto& decimals = static_cast<const arrow::Decimal128Array&>(array);
  const int32_t scale = static_cast<const arrow::Decimal128Type&>(*array.type()).scale();
  return AppendNumerics(array.length(), run,
                        [&](int64_t row, const NumericLimits& limits, ByteBuffer& out, bool* bent) {
                          __int128 unscaled;
                          std::memcpy(&unscaled, decimals.GetValue(row), sizeof unscaled);
                          return AppendNumericInteger(unscaled, scale, limits, out, bent);
                        });
}

template <class To>
TypedColumn ConvertFromBooleans(const arrow::BooleanArray& array, ColumnRun& run) {
  TypedColumn column(run.plan().value.type.kind, array.length());
  column.AllocateFixed();
  To* const to = column.MutableFixed<To>();
  for (int64_t row = 0; row < array.length(); ++row) to[row] = static_cast<To>(array.Value(row));
  return column;
}

TypedColumn ConvertFromBoolean(const arrow::Array& array, ColumnRun& run) {
  const auto& booleans = static_cast<const arrow::BooleanArray&>(array);
  switch (run.plan().value.type.kind) {
    case TypeKind::kInt2:
      return ConvertFromBooleans<int16_t>(booleans, run);
    case TypeKind::kInt4:
      return ConvertFromBooleans<int32_t>(booleans, run);
    case TypeKind::kInt8:
      return ConvertFromBooleans<int64_t>(booleans, run);
    default:
      return ConvertFromBooleans<uint8_t>(booleans, run);
  }
}

TypedColumn ConvertFromBytes(const std::shared_ptr<arrow::Array>& array, ColumnRun& run) {
  const auto& fixed = static_cast<const arrow::FixedSizeBinaryArray&>(*array);
  const int64_t rows = array->length();
  TypedColumn column(run.plan().value.type.kind, rows);
  if (array->type_id() == arrow::Type::FIXED_SIZE_BINARY && column.kind() == TypeKind::kUuid) {
    column.AllocateFixed();
    if (rows != 0)
      std::memcpy(column.MutableFixed<char>(), fixed.raw_values(), 16 * static_cast<size_t>(rows));
    return column;
  }
  TextColumn texts;
  if (array->type_id() == arrow::Type::FIXED_SIZE_BINARY) {
    TextColumnBuilder builder(rows);
    for (int64_t row = 0; row < rows; ++row) {
      if (!builder.Append(fixed.IsNull(row) ? std::string_view() : fixed.GetView(row))) {
        run.Fail(row, Fault::kTooLong);
      }
    }
    texts = std::move(builder).Finish();
  } else {
    texts = ViewTexts(array, run);
  }
  for (int64_t row = 0; row < rows; ++row) {
    if (texts[row].size() > kValueBytesMax && run.StateOf(row) == kValue) {
      run.Fail(row, Fault::kTooLong);
    }
  }
  column.SetBorrowed(texts.offsets, texts.data, texts.owner);
  return column;
}

TypedColumn ConvertFromList(const arrow::Array& array, ColumnRun& run) {
  const auto& list = static_cast<const arrow::ListArray&>(array);
  const int64_t rows = array.length();
  std::vector<int32_t> counts(static_cast<size_t>(rows));
  // A null list may still span elements; they must not be counted.
  std::vector<std::shared_ptr<arrow::Array>> pieces;
  int64_t piece_begin = rows == 0 ? 0 : list.value_offset(0);
  for (int64_t row = 0; row < rows; ++row) {
    if (run.StateOf(row) == kValue) {
      counts[static_cast<size_t>(row)] = list.value_length(row);
    } else if (list.value_length(row) != 0) {
      pieces.push_back(list.values()->Slice(piece_begin, list.value_offset(row) - piece_begin));
      piece_begin = list.value_offset(row + 1);
    }
  }
  const int64_t end = rows == 0 ? 0 : list.value_offset(rows);
  std::shared_ptr<arrow::Array> values = list.values()->Slice(piece_begin, end - piece_begin);
  if (!pieces.empty()) {
    pieces.push_back(values);
    values = *arrow::Concatenate(pieces);
  }
  const ColumnPlan& plan = *run.plan().element;
  Findings findings(values->length());
  std::vector<std::vector<uint8_t>> no_flags;
  ColumnRun element_run(plan, findings, no_flags);
  const std::shared_ptr<arrow::Array> storage = StorageOf(values);
  switch (ChoosePath(*storage->type(), plan.value)) {
    case ArrowPath::kText: {
      const TextColumn texts =
          IsText(*storage) ? ViewTexts(storage, element_run) : RenderTexts(*storage, element_run);
      return AssembleArrays(ConvertTexts(texts, element_run), counts, element_run, run);
    }
    case ArrowPath::kNulls: {
      for (int64_t i = 0; i < values->length(); ++i) element_run.SetState(i, kNull);
      return AssembleArrays(TypedColumn(plan.value.type.kind, values->length()), counts,
                            element_run, run);
    }
    default:
      return AssembleArrays(ConvertArrow(storage, element_run), counts, element_run, run);
  }
}

bool IsArrowInteger(arrow::Type::type id) {
  return id >= arrow::Type::UINT8 && id <= arrow::Type::INT64;
}

}  // namespace

std::shared_ptr<arrow::Array> StorageOf(const std::shared_ptr<arrow::Array>& array) {
  if (array->type_id() != arrow::Type::EXTENSION) return array;
  return static_cast<const arrow::ExtensionArray&>(*array).storage();
}

ArrowPath ChoosePath(const arrow::DataType& source, const ValueReading& reading) {
  const TypeKind kind = reading.type.kind;
  const auto direct_if = [](bool can) { return can ? ArrowPath::kDirect : ArrowPath::kNone; };
  // Json and enums hold text, but a number is neither.
  const bool text = IsTextKind(kind) && kind != TypeKind::kJson && kind != TypeKind::kJsonb &&
                    kind != TypeKind::kEnum;
  switch (source.id()) {
    case arrow::Type::NA:
      return ArrowPath::kNulls;
    case arrow::Type::EXTENSION:
      return ChoosePath(*static_cast<const arrow::ExtensionType&>(source).storage_type(), reading);
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
      return ArrowPath::kText;
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
      return kind == TypeKind::kBytea ? ArrowPath::kDirect : ArrowPath::kText;
    case arrow::Type::FIXED_SIZE_BINARY: {
      const bool uuid = static_cast<const arrow::FixedSizeBinaryType&>(source).byte_width() == 16;
      return direct_if(kind == TypeKind::kBytea || (kind == TypeKind::kUuid && uuid));
    }
    case arrow::Type::BOOL:
      return text ? ArrowPath::kText : direct_if(kind == TypeKind::kBoolean || IsIntegerKind(kind));
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
      return text && reading.document ? ArrowPath::kText : direct_if(IsNumberKind(kind));
    case arrow::Type::DECIMAL128:
      if (text || kind == TypeKind::kFloat4 || kind == TypeKind::kFloat8) return ArrowPath::kText;
      return direct_if(IsNumberKind(kind));
    case arrow::Type::DECIMAL256:
      return text || IsNumberKind(kind) ? ArrowPath::kText : ArrowPath::kNone;
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP:
      return ChooseTimePath(source, reading);
    case arrow::Type::LIST:
      if (kind != TypeKind::kArray) return ArrowPath::kNone;
      {
        ValueReading element = reading;
        element.type = *reading.type.element;
        const ArrowPath path = ChoosePath(*source.field(0)->type(), element);
        return path == ArrowPath::kNone || path == ArrowPath::kNeedsZone ? path
                                                                         : ArrowPath::kDirect;
      }
    default:
      if (!IsArrowInteger(source.id())) return ArrowPath::kNone;
      return text ? ArrowPath::kText : direct_if(IsNumberKind(kind) || kind == TypeKind::kBoolean);
  }
}

TypedColumn ConvertArrow(const std::shared_ptr<arrow::Array>& array, ColumnRun& run) {
  TakeNulls(*array, run);
  switch (array->type_id()) {
    case arrow::Type::INT8:
      return ConvertFromInteger<int8_t>(*array, run);
    case arrow::Type::INT16:
      return ConvertFromInteger<int16_t>(*array, run);
    case arrow::Type::INT32:
      return ConvertFromInteger<int32_t>(*array, run);
    case arrow::Type::INT64:
      return ConvertFromInteger<int64_t>(*array, run);
    case arrow::Type::UINT8:
      return ConvertFromInteger<uint8_t>(*array, run);
    case arrow::Type::UINT16:
      return ConvertFromInteger<uint16_t>(*array, run);
    case arrow::Type::UINT32:
      return ConvertFromInteger<uint32_t>(*array, run);
    case arrow::Type::UINT64:
      return ConvertFromInteger<uint64_t>(*array, run);
    case arrow::Type::FLOAT:
      return ConvertFromFloat<float>(*array, run);
    case arrow::Type::DOUBLE:
      return ConvertFromFloat<double>(*array, run);
    case arrow::Type::DECIMAL128:
      return ConvertFromDecimal(*array, run);
    case arrow::Type::BOOL:
      return ConvertFromBoolean(*array, run);
    case arrow::Type::LIST:
      return ConvertFromList(*array, run);
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP:
      return ConvertTimes(*array, run);
    default:
      return ConvertFromBytes(array, run);
  }
}

}  // namespace eclusa
