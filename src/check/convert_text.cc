#include "check/convert_text.h"

#include <cstring>

#include "check/arrays.h"
#include "check/convert_document.h"
#include "check/convert_time.h"
#include "types/interval.h"
#include "types/json_text.h"
#include "types/scalar.h"
#include "types/utf8.h"

namespace eclusa {
namespace {

// Room for the usual numeric: head and four groups.
constexpr size_t kNumericBytesExpected = 16;

// Values of one width. `read(text, to, bent)` returns a Fault.
template <class T, class Read>
TypedColumn ReadFixed(const TextColumn& texts, ColumnRun& run, Read read) {
  TypedColumn column(run.plan().value.type.kind, texts.rows);
  column.AllocateFixed();
  T* const values = column.MutableFixed<T>();
  const int32_t* const offsets = texts.offsets;
  const char* const data = texts.data;
  // States change only at rows that this loop has passed.
  const bool all_values = run.states() == nullptr;
  for (int64_t row = 0; row < texts.rows; ++row) {
    if (!all_values && run.StateOf(row) != kValue) continue;
    bool bent = false;
    const std::string_view text(data + offsets[row],
                                static_cast<size_t>(offsets[row + 1] - offsets[row]));
    const Fault fault = read(text, values + row, &bent);
    if (fault != Fault::kNone) [[unlikely]] {
      run.Fail(row, fault);
    } else if (bent) [[unlikely]] {
      run.Bent(row);
    }
  }
  return column;
}

// Values of varying width. `append(text, out, bent)` returns a Fault.
template <class Append>
TypedColumn ReadVarying(const TextColumn& texts, ColumnRun& run, size_t expected, Append append) {
  ByteBuffer out(expected);
  std::vector<int32_t> ends(static_cast<size_t>(texts.rows) + 1);
  for (int64_t row = 0; row < texts.rows; ++row) {
    if (run.StateOf(row) == kValue) {
      bool bent = false;
      const size_t before = out.size();
      Fault fault = append(texts[row], out, &bent);
      if (fault == Fault::kNone && out.size() > size_t{INT32_MAX}) fault = Fault::kTooLong;
      if (fault != Fault::kNone) [[unlikely]] {
        out.Rewind(before);
        run.Fail(row, fault);
      } else if (bent) [[unlikely]] {
        run.Bent(row);
      }
    }
    ends[static_cast<size_t>(row) + 1] = static_cast<int32_t>(out.size());
  }
  TypedColumn column(run.plan().value.type.kind, texts.rows);
  column.SetOwned(std::move(ends), std::move(out).Take());
  return column;
}

TypedColumn Borrow(const TextColumn& texts, const ColumnRun& run) {
  TypedColumn column(run.plan().value.type.kind, texts.rows);
  column.SetBorrowed(texts.offsets, texts.data, texts.owner);
  return column;
}

// Integers in another spelling: with marks of thousands, or with digits after the point where those
// may be rounded away.
Fault ReadStyledInteger(std::string_view text, const ValueReading& reading, int64_t* value,
                        bool* bent) {
  std::string scratch;
  const auto plain = PlainNumber(text, reading.style, scratch);
  if (!plain) return Fault::kForm;
  const Fault fault = ReadInteger(*plain, value);
  if (fault != Fault::kForm || reading.excess == Excess::kRefuse) return fault;
  const auto decimal = ParseDecimal(*plain);
  if (!decimal || decimal->kind != Decimal::Kind::kFinite) return Fault::kForm;
  ByteBuffer number;
  const NumericLimits whole{19, 0, reading.excess};
  const Fault rounding = AppendNumericDecimal(*decimal, whole, number, bent);
  if (rounding != Fault::kNone) return rounding;
  const std::vector<char> bytes = std::move(number).Take();
  return ReadInteger(NumericText({bytes.data(), bytes.size()}), value);
}

Fault ReadBooleanWord(std::string_view text, const ValueReading& reading, uint8_t* value) {
  for (const std::string& word : reading.true_values) {
    if (EqualsIgnoringCase(word, text)) {
      *value = 1;
      return Fault::kNone;
    }
  }
  for (const std::string& word : reading.false_values) {
    if (EqualsIgnoringCase(word, text)) {
      *value = 0;
      return Fault::kNone;
    }
  }
  return ReadBoolean(text, value);
}

template <class T>
TypedColumn ReadIntegers(const TextColumn& texts, ColumnRun& run) {
  const ValueReading& reading = run.plan().value;
  if (reading.from_boolean) {
    return ReadFixed<T>(texts, run, [&](std::string_view text, T* to, bool*) {
      uint8_t value = 0;
      const Fault fault = ReadBooleanWord(text, reading, &value);
      *to = value;
      return fault;
    });
  }
  return ReadFixed<T>(texts, run, [&](std::string_view text, T* to, bool* bent) {
    int64_t value = 0;
    Fault fault = ReadInteger(text, &value);
    if (fault == Fault::kForm) [[unlikely]]
      fault = ReadStyledInteger(text, reading, &value, bent);
    if (fault != Fault::kNone) return fault;
    *to = static_cast<T>(value);
    return *to == value ? Fault::kNone : Fault::kOverflow;
  });
}

template <class T>
TypedColumn ReadFloats(const TextColumn& texts, ColumnRun& run) {
  const NumberStyle style = run.plan().value.style;
  std::string scratch;
  return ReadFixed<T>(texts, run, [&](std::string_view text, T* to, bool*) {
    const auto plain = PlainNumber(text, style, scratch);
    return plain ? ReadFloat(*plain, to) : Fault::kForm;
  });
}

TypedColumn ReadNumerics(const TextColumn& texts, ColumnRun& run) {
  const ValueReading& reading = run.plan().value;
  const NumericLimits limits{reading.type.precision, reading.type.scale, reading.excess};
  const size_t expected = kNumericBytesExpected * static_cast<size_t>(texts.rows);
  return ReadVarying(texts, run, expected, [&](std::string_view text, ByteBuffer& out, bool* bent) {
    return AppendNumericText(text, reading.style, limits, out, bent);
  });
}

Fault ReadByPatterns(std::string_view text, const ValueReading& reading, WrittenTimestamp* written,
                     bool* bent) {
  if (reading.patterns.empty()) return ReadTimestamp(text, reading.fraction, written, bent);
  Fault fault = Fault::kForm;
  for (const DatePattern& pattern : reading.patterns) {
    *written = {};
    const Fault found = pattern.Read(text, reading.fraction, written, bent);
    if (found == Fault::kNone) return found;
    if (found != Fault::kForm) fault = found;
  }
  return fault;
}

TypedColumn ReadDates(const TextColumn& texts, ColumnRun& run) {
  const ValueReading& reading = run.plan().value;
  if (reading.patterns.empty()) {
    return NullZeroDates(ReadFixed<int32_t>(texts, run,
                                            [](std::string_view text, int32_t* to, bool*) {
                                              return ReadDate(text, to);
                                            }),
                         run);
  }
  TypedColumn dates =
      ReadFixed<int32_t>(texts, run, [&](std::string_view text, int32_t* to, bool* bent) {
        WrittenTimestamp written;
        const Fault fault = ReadByPatterns(text, reading, &written, bent);
        if (fault != Fault::kNone) return fault;
        // A time of day would be lost.
        if (written.has_offset || written.microseconds % kMicrosecondsPerDay != 0)
          return Fault::kScale;
        *to = static_cast<int32_t>(written.microseconds / kMicrosecondsPerDay);
        return Fault::kNone;
      });
  return NullZeroDates(std::move(dates), run);
}

TypedColumn ReadTimestamps(const TextColumn& texts, ColumnRun& run) {
  const ValueReading& reading = run.plan().value;
  TypedColumn times =
      ReadFixed<int64_t>(texts, run, [&](std::string_view text, int64_t* to, bool* bent) {
        WrittenTimestamp written;
        const Fault fault = ReadByPatterns(text, reading, &written, bent);
        return fault != Fault::kNone ? fault : ToTimestamp(written, to);
      });
  return NullZeroDates(std::move(times), run);
}

// A finite time on a clock, to the instant. *zoned: the contract's time zone decided.
Fault ToInstant(const WrittenTimestamp& written, const std::optional<Zone>& zone, int64_t* instant,
                bool* zoned) {
  if (written.kind != WrittenTimestamp::Kind::kFinite) return ToTimestamp(written, instant);
  if (written.has_offset) {
    *instant = written.microseconds - written.offset_seconds * kMicrosecondsPerSecond;
  } else if (zone && zone->ToUtc(written.microseconds, instant)) {
    *zoned = true;
  } else {
    return Fault::kZone;
  }
  return IsTimestampInRange(*instant) ? Fault::kNone : Fault::kOverflow;
}

TypedColumn ReadInstants(const TextColumn& texts, ColumnRun& run) {
  const ValueReading& reading = run.plan().value;
  TypedColumn column(reading.type.kind, texts.rows);
  column.AllocateFixed();
  auto* const values = column.MutableFixed<int64_t>();
  for (int64_t row = 0; row < texts.rows; ++row) {
    if (run.StateOf(row) != kValue) continue;
    WrittenTimestamp written;
    bool bent = false;
    bool zoned = false;
    Fault fault = ReadByPatterns(texts[row], reading, &written, &bent);
    // Before the zone: the zero is a date on a clock, whatever the clock.
    if (fault == Fault::kNone && reading.zero_date_is_null && IsZeroDate(written)) {
      run.SetState(row, kNull);
      run.Changed(row, Change::kZeroDate);
      continue;
    }
    if (fault == Fault::kNone) fault = ToInstant(written, reading.zone, values + row, &zoned);
    if (fault != Fault::kNone) {
      run.Fail(row, fault);
      continue;
    }
    if (bent) run.Bent(row);
    if (zoned) run.Changed(row, Change::kTimeZone);
  }
  return column;
}

struct UuidBytes {
  uint8_t bytes[16];
};

// Cuts what is too long, or fails it. Returns false where nothing had to be cut.
bool FitLengths(const TypedColumn& column, ColumnRun& run) {
  const ValueReading& reading = run.plan().value;
  const auto length_max =
      reading.type.length_max < 0 ? kValueBytesMax : static_cast<size_t>(reading.type.length_max);
  bool cut = false;
  for (int64_t row = 0; row < column.rows(); ++row) {
    const std::string_view text = column.Bytes(row);
    if (text.size() <= length_max) [[likely]]
      continue;
    if (run.StateOf(row) != kValue || CountCharacters(text) <= length_max) continue;
    if (!reading.truncate) {
      run.Fail(row, Fault::kTooLong);
    } else {
      run.Changed(row, Change::kTruncate);
      cut = true;
    }
  }
  return cut;
}

TypedColumn ReadPlainTexts(const TextColumn& texts, ColumnRun& run) {
  const ValueReading& reading = run.plan().value;
  CheckEncoding(texts, run);
  TypedColumn column = reading.document ? ReadDocuments(texts, run) : Borrow(texts, run);
  if (!FitLengths(column, run)) return column;
  ByteBuffer out(texts.AllBytes().size());
  std::vector<int32_t> ends(static_cast<size_t>(texts.rows) + 1);
  for (int64_t row = 0; row < column.rows(); ++row) {
    out.Append(FirstCharacters(column.Bytes(row), static_cast<size_t>(reading.type.length_max)));
    ends[static_cast<size_t>(row) + 1] = static_cast<int32_t>(out.size());
  }
  TypedColumn cut(reading.type.kind, texts.rows);
  cut.SetOwned(std::move(ends), std::move(out).Take());
  return cut;
}

// Texts that stay as they are where `check(text)` returns no Fault.
template <class Check>
TypedColumn CheckTexts(const TextColumn& texts, ColumnRun& run, Check check) {
  CheckEncoding(texts, run);
  for (int64_t row = 0; row < texts.rows; ++row) {
    if (run.StateOf(row) != kValue) continue;
    const Fault fault = texts[row].size() > kValueBytesMax ? Fault::kTooLong : check(texts[row]);
    if (fault != Fault::kNone) [[unlikely]]
      run.Fail(row, fault);
  }
  return Borrow(texts, run);
}

TypedColumn ReadEnums(const TextColumn& texts, ColumnRun& run) {
  const TextSet& labels = run.plan().value.enum_labels;
  return CheckTexts(texts, run, [&](std::string_view text) {
    return labels.find(text) != labels.end() ? Fault::kNone : Fault::kForm;
  });
}

}  // namespace

TypedColumn ConvertTexts(const TextColumn& texts, ColumnRun& run) {
  const ValueReading& reading = run.plan().value;
  switch (reading.type.kind) {
    case TypeKind::kBoolean:
      return ReadFixed<uint8_t>(texts, run, [&](std::string_view text, uint8_t* to, bool*) {
        return ReadBooleanWord(text, reading, to);
      });
    case TypeKind::kInt2:
      return ReadIntegers<int16_t>(texts, run);
    case TypeKind::kInt4:
      return ReadIntegers<int32_t>(texts, run);
    case TypeKind::kInt8:
      return ReadIntegers<int64_t>(texts, run);
    case TypeKind::kFloat4:
      return ReadFloats<float>(texts, run);
    case TypeKind::kFloat8:
      return ReadFloats<double>(texts, run);
    case TypeKind::kNumeric:
      return ReadNumerics(texts, run);
    case TypeKind::kBytea:
      return ReadVarying(
          texts, run, texts.AllBytes().size() / 2,
          [](std::string_view text, ByteBuffer& out, bool*) { return AppendBytea(text, out); });
    case TypeKind::kDate:
      return ReadDates(texts, run);
    case TypeKind::kTime:
      return ReadFixed<int64_t>(texts, run, [&](std::string_view text, int64_t* to, bool* bent) {
        return ReadTime(text, reading.fraction, to, bent);
      });
    case TypeKind::kTimestamp:
      return ReadTimestamps(texts, run);
    case TypeKind::kTimestamptz:
      return ReadInstants(texts, run);
    case TypeKind::kInterval:
      return ReadFixed<Interval>(texts, run, [&](std::string_view text, Interval* to, bool* bent) {
        return ReadInterval(text, reading.fraction, to, bent);
      });
    case TypeKind::kUuid:
      return ReadFixed<UuidBytes>(texts, run, [](std::string_view text, UuidBytes* to, bool*) {
        return ReadUuid(text, to->bytes);
      });
    case TypeKind::kJson:
      return CheckTexts(texts, run,
                        [](std::string_view text) { return CheckJson(text, JsonKind::kJson); });
    case TypeKind::kJsonb:
      return CheckTexts(texts, run,
                        [](std::string_view text) { return CheckJson(text, JsonKind::kJsonb); });
    case TypeKind::kInet:
    case TypeKind::kCidr: {
      const bool cidr = reading.type.kind == TypeKind::kCidr;
      return ReadVarying(texts, run, 8 * static_cast<size_t>(texts.rows),
                         [cidr](std::string_view text, ByteBuffer& out, bool*) {
                           return AppendInetText(text, cidr, out);
                         });
    }
    case TypeKind::kEnum:
      return ReadEnums(texts, run);
    case TypeKind::kArray:
      return ReadArrayTexts(texts, run);
    default:
      return ReadPlainTexts(texts, run);
  }
}

}  // namespace eclusa
