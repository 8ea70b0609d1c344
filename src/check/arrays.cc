#include "check/arrays.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "check/convert_text.h"
#include "model/binary_value.h"
#include "types/array_text.h"
#include "types/interval.h"

namespace eclusa {
namespace {

// One value in network byte order, as COPY BINARY has it.
void AppendWire(const TypedColumn& column, int64_t row, std::vector<char>& out) {
  switch (column.kind()) {
    case TypeKind::kBoolean:
      out.push_back(static_cast<char>(column.Fixed<uint8_t>(row)));
      return;
    case TypeKind::kInt2:
      AppendInt16(column.Fixed<int16_t>(row), out);
      return;
    case TypeKind::kInt4:
    case TypeKind::kDate:
    case TypeKind::kFloat4:
      AppendInt32(column.Fixed<int32_t>(row), out);
      return;
    case TypeKind::kInt8:
    case TypeKind::kFloat8:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      AppendInt64(column.Fixed<int64_t>(row), out);
      return;
    case TypeKind::kUuid: {
      const auto* bytes = reinterpret_cast<const char*>(column.FixedBytes(row, 16));
      out.insert(out.end(), bytes, bytes + 16);
      return;
    }
    case TypeKind::kInterval: {
      Interval interval;
      std::memcpy(&interval, column.FixedBytes(row, sizeof interval), sizeof interval);
      AppendInt64(interval.microseconds, out);
      AppendInt32(interval.days, out);
      AppendInt32(interval.months, out);
      return;
    }
    case TypeKind::kJsonb:
      out.push_back(1);
      break;
    default:
      break;
  }
  const std::string_view bytes = column.Bytes(row);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// Gives the reasons and the counted changes of elements to their rows; a row takes its first
// reason.
void PassOn(const Findings& found, const std::vector<int32_t>& counts, ColumnRun& run) {
  if (found.reasons().empty()) return;
  std::vector<int64_t> ends;
  int64_t end = 0;
  for (const int32_t count : counts) ends.push_back(end += count);
  for (const Findings::RowReason& bad : found.reasons()) {
    const auto at = std::upper_bound(ends.begin(), ends.end(), bad.row);
    const int64_t row = at - ends.begin();
    if (run.StateOf(row) == kValue) run.Fail(row, bad.reason.code, bad.reason.rule);
  }
}

}  // namespace

TypedColumn ReadArrayTexts(const TextColumn& texts, ColumnRun& run) {
  CheckEncoding(texts, run);
  ArrayElements elements;
  std::vector<int32_t> counts(static_cast<size_t>(texts.rows));
  for (int64_t row = 0; row < texts.rows; ++row) {
    if (run.StateOf(row) != kValue) continue;
    const bool fits = texts[row].size() <= size_t{INT32_MAX} - elements.data.size();
    const Fault fault = fits ? SplitArray(texts[row], elements, &counts[static_cast<size_t>(row)])
                             : Fault::kTooLong;
    if (fault != Fault::kNone) {
      counts[static_cast<size_t>(row)] = 0;
      run.Fail(row, fault);
    }
  }
  const auto total = static_cast<int64_t>(elements.nulls.size());
  Findings findings(total);
  std::vector<std::vector<uint8_t>> no_flags;
  ColumnRun element_run(*run.plan().element, findings, no_flags);
  for (int64_t i = 0; i < total; ++i) {
    if (elements.nulls[static_cast<size_t>(i)] != 0) element_run.SetState(i, kNull);
  }
  auto owned = std::make_shared<ArrayElements>(std::move(elements));
  const TextColumn flat{total, owned->offsets.data(),
                        owned->data.data() == nullptr ? "" : owned->data.data(), owned};
  const TypedColumn values = ConvertTexts(flat, element_run);
  return AssembleArrays(values, counts, element_run, run);
}

TypedColumn AssembleArrays(const TypedColumn& elements, const std::vector<int32_t>& counts,
                           const ColumnRun& element_run, ColumnRun& run) {
  PassOn(element_run.findings(), counts, run);
  std::vector<char> out;
  std::vector<int32_t> ends{0};
  ends.reserve(counts.size() + 1);
  const uint32_t oid = run.plan().value.type.element_oid;
  int64_t element = 0;
  for (size_t row = 0; row < counts.size(); ++row) {
    const int64_t end = element + counts[row];
    if (run.StateOf(static_cast<int64_t>(row)) == kValue) {
      const size_t before = out.size();
      bool has_nulls = false;
      for (int64_t i = element; i < end; ++i) has_nulls |= element_run.StateOf(i) != kValue;
      const std::span<const int32_t> lengths(&counts[row], counts[row] == 0 ? 0 : 1);
      AppendArrayHead(lengths, has_nulls, oid, out);
      for (int64_t i = element; i < end; ++i) {
        if (element_run.StateOf(i) != kValue) {
          AppendNullElement(out);
          continue;
        }
        const size_t begun = BeginElement(out);
        AppendWire(elements, i, out);
        EndElement(begun, out);
      }
      if (out.size() > size_t{INT32_MAX}) {
        out.resize(before);
        run.Fail(static_cast<int64_t>(row), Fault::kTooLong);
      }
    }
    element = end;
    ends.push_back(static_cast<int32_t>(out.size()));
  }
  TypedColumn column(TypeKind::kArray, static_cast<int64_t>(counts.size()));
  column.SetOwned(std::move(ends), std::move(out));
  return column;
}

}  // namespace eclusa
