#include "check/convert_time.h"

#include <arrow/api.h>

#include <chrono>

#include "types/datetime.h"

namespace eclusa {
namespace {

constexpr int64_t kEpochMicroseconds = kPostgresEpochDays * kMicrosecondsPerDay;
constexpr int64_t kMillisecondsPerDay = kSecondsPerDay * 1000;
// 1899-12-30 from 2000-01-01, and from 1970-01-01.
constexpr int32_t kZeroDay = -36526;
constexpr int64_t kZeroUnixDay = kZeroDay + kPostgresEpochDays;

// How a unit relates to microseconds: so many of them, or so many in one.
struct Unit {
  int64_t microseconds = 1;
  int64_t per_microsecond = 1;
};

Unit UnitOf(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return {kMicrosecondsPerSecond, 1};
    case arrow::TimeUnit::MILLI:
      return {1000, 1};
    case arrow::TimeUnit::MICRO:
      return {1, 1};
    case arrow::TimeUnit::NANO:
      break;
  }
  return {1, 1000};
}

Unit UnitOf(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::TIMESTAMP:
      return UnitOf(static_cast<const arrow::TimestampType&>(type).unit());
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      return UnitOf(static_cast<const arrow::TimeType&>(type).unit());
    case arrow::Type::DATE64:
      return {1000, 1};
    default:
      return {kMicrosecondsPerDay, 1};
  }
}

// Values of 32 and 64 bits alike.
class Times {
 public:
  explicit Times(const arrow::Array& array)
      : narrow_(array.type_id() == arrow::Type::DATE32 || array.type_id() == arrow::Type::TIME32),
        data_(*array.data()),
        unit_(UnitOf(*array.type())) {}

  int64_t At(int64_t row) const {
    return narrow_ ? data_.GetValues<int32_t>(1)[row] : data_.GetValues<int64_t>(1)[row];
  }

  bool IsZeroDate(int64_t row) const {
    if (unit_.per_microsecond == 1) {
      const int64_t units_per_day = kMicrosecondsPerDay / unit_.microseconds;
      return At(row) == kZeroUnixDay * units_per_day;
    }
    return At(row) == kZeroUnixDay * kMicrosecondsPerDay * unit_.per_microsecond;
  }

  // In microseconds, with the digits that a column keeps.
  Fault Microseconds(int64_t row, FractionLimits limits, int64_t* microseconds, bool* bent) const {
    const int64_t value = At(row);
    if (unit_.per_microsecond == 1) {
      if (__builtin_mul_overflow(value, unit_.microseconds, microseconds)) return Fault::kOverflow;
      return FitFraction(limits, microseconds, bent);
    }
    int64_t excess = value % unit_.per_microsecond;
    *microseconds = value / unit_.per_microsecond;
    if (excess < 0) {
      excess += unit_.per_microsecond;
      --*microseconds;
    }
    if (excess != 0) {
      if (limits.excess == Excess::kRefuse) return Fault::kScale;
      *bent = true;
      // Rounding to fewer digits looks at the microseconds, never at what is below them.
      const bool half = 2 * excess >= unit_.per_microsecond;
      if (limits.excess == Excess::kRound && limits.digits_max >= 6 && half) ++*microseconds;
    }
    return FitFraction(limits, microseconds, bent);
  }

 private:
  bool narrow_;
  const arrow::ArrayData& data_;
  Unit unit_;
};

Fault FitTimestamp(int64_t unix_microseconds, int64_t* value) {
  if (__builtin_sub_overflow(unix_microseconds, kEpochMicroseconds, value)) return Fault::kOverflow;
  return IsTimestampInRange(*value) ? Fault::kNone : Fault::kOverflow;
}

void NullZeroDatesOf(const arrow::Array& array, ColumnRun& run) {
  const Times times(array);
  for (int64_t row = 0; row < array.length(); ++row) {
    if (run.StateOf(row) != kValue || !times.IsZeroDate(row)) continue;
    run.SetState(row, kNull);
    run.Changed(row, Change::kZeroDate);
  }
}

template <class T>
void NullEach(const TypedColumn& column, T zero, ColumnRun& run) {
  for (int64_t row = 0; row < column.rows(); ++row) {
    if (run.StateOf(row) != kValue || column.Fixed<T>(row) != zero) continue;
    run.SetState(row, kNull);
    run.Changed(row, Change::kZeroDate);
  }
}

template <class T, class Read>
TypedColumn ReadEach(const arrow::Array& array, ColumnRun& run, Read read) {
  const Times times(array);
  TypedColumn column(run.plan().value.type.kind, array.length());
  column.AllocateFixed();
  T* const to = column.MutableFixed<T>();
  for (int64_t row = 0; row < array.length(); ++row) {
    if (run.StateOf(row) != kValue) continue;
    bool bent = false;
    const Fault fault = read(times, row, to + row, &bent);
    if (fault != Fault::kNone) [[unlikely]] {
      run.Fail(row, fault);
    } else if (bent) {
      run.Bent(row);
    }
  }
  return column;
}

TypedColumn ConvertToDates(const arrow::Array& array, ColumnRun& run) {
  const bool days = array.type_id() == arrow::Type::DATE32;
  const bool milliseconds = array.type_id() == arrow::Type::DATE64;
  return ReadEach<int32_t>(
      array, run, [&](const Times& times, int64_t row, int32_t* to, bool* bent) {
        int64_t day = times.At(row);
        if (milliseconds) {
          // Arrow asks for whole days here.
          if (day % kMillisecondsPerDay != 0) return Fault::kScale;
          day /= kMillisecondsPerDay;
        } else if (!days) {
          int64_t microseconds = 0;
          const Fault fault = times.Microseconds(row, {}, &microseconds, bent);
          if (fault != Fault::kNone) return fault;
          if (microseconds % kMicrosecondsPerDay != 0) return Fault::kScale;
          day = microseconds / kMicrosecondsPerDay;
        }
        day -= kPostgresEpochDays;
        *to = static_cast<int32_t>(day);
        return kDateMin <= day && day < kDateEnd ? Fault::kNone : Fault::kOverflow;
      });
}

TypedColumn ConvertToTimes(const arrow::Array& array, ColumnRun& run) {
  const FractionLimits limits = run.plan().value.fraction;
  return ReadEach<int64_t>(
      array, run, [limits](const Times& times, int64_t row, int64_t* to, bool* bent) {
        const Fault fault = times.Microseconds(row, limits, to, bent);
        if (fault != Fault::kNone) return fault;
        return 0 <= *to && *to <= kMicrosecondsPerDay ? Fault::kNone : Fault::kOverflow;
      });
}

enum class ZoneUse : uint8_t { kNone, kToUtc, kToLocal };

TypedColumn ConvertToTimestamps(const arrow::Array& array, ColumnRun& run) {
  const ValueReading& reading = run.plan().value;
  const bool instants = array.type_id() == arrow::Type::TIMESTAMP &&
                        !static_cast<const arrow::TimestampType&>(*array.type()).timezone().empty();
  const bool wants_instants = reading.type.kind == TypeKind::kTimestamptz;
  const ZoneUse use = instants == wants_instants ? ZoneUse::kNone
                      : wants_instants           ? ZoneUse::kToUtc
                                                 : ZoneUse::kToLocal;
  return ReadEach<int64_t>(
      array, run, [&](const Times& times, int64_t row, int64_t* to, bool* bent) {
        int64_t microseconds = 0;
        Fault fault = times.Microseconds(row, reading.fraction, &microseconds, bent);
        if (fault == Fault::kNone) fault = FitTimestamp(microseconds, to);
        if (fault != Fault::kNone || use == ZoneUse::kNone) return fault;
        const int64_t before = *to;
        const bool known = use == ZoneUse::kToUtc ? reading.zone->ToUtc(before, to)
                                                  : reading.zone->ToLocal(before, to);
        if (!known) return Fault::kZone;
        run.Changed(row, Change::kTimeZone);
        return IsTimestampInRange(*to) ? Fault::kNone : Fault::kOverflow;
      });
}

}  // namespace

ArrowPath ChooseTimePath(const arrow::DataType& source, const ValueReading& reading) {
  const TypeKind kind = reading.type.kind;
  const bool date = source.id() == arrow::Type::DATE32 || source.id() == arrow::Type::DATE64;
  const bool plain_text = kind == TypeKind::kText || kind == TypeKind::kVarchar ||
                          kind == TypeKind::kBpchar || kind == TypeKind::kCitext;
  if (source.id() == arrow::Type::TIME32 || source.id() == arrow::Type::TIME64) {
    return kind == TypeKind::kTime ? ArrowPath::kDirect : ArrowPath::kNone;
  }
  if (date && plain_text) return ArrowPath::kText;
  const bool instant = source.id() == arrow::Type::TIMESTAMP &&
                       !static_cast<const arrow::TimestampType&>(source).timezone().empty();
  switch (kind) {
    case TypeKind::kDate:
      return instant ? ArrowPath::kNeedsZone : ArrowPath::kDirect;
    case TypeKind::kTimestamp:
      return instant && !reading.zone ? ArrowPath::kNeedsZone : ArrowPath::kDirect;
    case TypeKind::kTimestamptz:
      return !instant && !reading.zone ? ArrowPath::kNeedsZone : ArrowPath::kDirect;
    default:
      return ArrowPath::kNone;
  }
}

TypedColumn ConvertTimes(const arrow::Array& array, ColumnRun& run) {
  if (run.plan().value.zero_date_is_null) NullZeroDatesOf(array, run);
  switch (run.plan().value.type.kind) {
    case TypeKind::kDate:
      return ConvertToDates(array, run);
    case TypeKind::kTime:
      return ConvertToTimes(array, run);
    default:
      return ConvertToTimestamps(array, run);
  }
}

TypedColumn NullZeroDates(TypedColumn column, ColumnRun& run) {
  if (!run.plan().value.zero_date_is_null) return column;
  if (column.kind() == TypeKind::kDate) {
    NullEach<int32_t>(column, kZeroDay, run);
  } else {
    NullEach<int64_t>(column, kZeroDay * kMicrosecondsPerDay, run);
  }
  return column;
}

bool IsZeroDate(const WrittenTimestamp& written) {
  return written.kind == WrittenTimestamp::Kind::kFinite &&
         written.microseconds == kZeroDay * kMicrosecondsPerDay;
}

Fault RenderDate(const arrow::Array& array, int64_t row, fmt::memory_buffer& out) {
  int64_t day = Times(array).At(row);
  if (array.type_id() == arrow::Type::DATE64) {
    if (day % kMillisecondsPerDay != 0) return Fault::kScale;
    day /= kMillisecondsPerDay;
  }
  // Years 1 to 9999.
  if (day < -719162 || day > 2932896) return Fault::kOverflow;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return Fault::kNone;
}

}  // namespace eclusa
