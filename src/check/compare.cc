#include "check/compare.h"

#include <cmath>
#include <cstring>

#include "core/check.h"
#include "types/interval.h"
#include "types/number.h"

namespace eclusa {
namespace {

template <class T>
int Order(T left, T right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

int OrderFloats(double left, double right) {
  if (std::isnan(left) || std::isnan(right)) return Order(std::isnan(left), std::isnan(right));
  return Order(left, right);
}

// Spaces at the end of char(n) mean nothing.
std::string_view WithoutPadding(std::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

// Months of 30 days, days of 24 hours: interval_cmp_value of PostgreSQL.
__int128 Length(const TypedColumn& column, int64_t row) {
  Interval interval;
  std::memcpy(&interval, column.FixedBytes(row, sizeof interval), sizeof interval);
  const __int128 days = static_cast<__int128>(interval.months) * 30 + interval.days;
  return days * kMicrosecondsPerDay + interval.microseconds;
}

}  // namespace

bool IsIntegerKind(TypeKind kind) {
  return kind == TypeKind::kInt2 || kind == TypeKind::kInt4 || kind == TypeKind::kInt8;
}

bool IsNumberKind(TypeKind kind) {
  return IsIntegerKind(kind) || kind == TypeKind::kFloat4 || kind == TypeKind::kFloat8 ||
         kind == TypeKind::kNumeric;
}

bool HasOrder(TypeKind kind) {
  switch (kind) {
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
    case TypeKind::kInterval:
    case TypeKind::kUuid:
    case TypeKind::kBytea:
      return true;
    default:
      return IsNumberKind(kind);
  }
}

int64_t IntegerAt(const TypedColumn& column, int64_t row) {
  switch (column.kind()) {
    case TypeKind::kBoolean:
      return column.Fixed<uint8_t>(row);
    case TypeKind::kInt2:
      return column.Fixed<int16_t>(row);
    case TypeKind::kInt4:
    case TypeKind::kDate:
      return column.Fixed<int32_t>(row);
    default:
      return column.Fixed<int64_t>(row);
  }
}

double FloatAt(const TypedColumn& column, int64_t row) {
  return column.kind() == TypeKind::kFloat4 ? double{column.Fixed<float>(row)}
                                            : column.Fixed<double>(row);
}

int CompareValues(const TypedColumn& left, int64_t left_row, const TypedColumn& right,
                  int64_t right_row) {
  switch (left.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kInt2:
    case TypeKind::kInt4:
    case TypeKind::kInt8:
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      return Order(IntegerAt(left, left_row), IntegerAt(right, right_row));
    case TypeKind::kFloat4:
    case TypeKind::kFloat8:
      return OrderFloats(FloatAt(left, left_row), FloatAt(right, right_row));
    case TypeKind::kNumeric:
      return CompareNumeric(left.Bytes(left_row), right.Bytes(right_row));
    case TypeKind::kInterval:
      return Order(Length(left, left_row), Length(right, right_row));
    case TypeKind::kUuid:
      return std::memcmp(left.FixedBytes(left_row, 16), right.FixedBytes(right_row, 16), 16);
    case TypeKind::kBpchar:
      return WithoutPadding(left.Bytes(left_row)).compare(WithoutPadding(right.Bytes(right_row)));
    default:
      return left.Bytes(left_row).compare(right.Bytes(right_row));
  }
}

}  // namespace eclusa
