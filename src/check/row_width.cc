#include "check/row_width.h"

#include <algorithm>
#include <string>

#include "model/codes.h"

namespace eclusa {
namespace {

constexpr int64_t kRowMost = 8160;
// Of fewer columns no row is too wide, whatever they hold.
constexpr size_t kColumnsWorthALook = 300;
constexpr int64_t kHead = 23;
constexpr int64_t kStageColumns = 40;  // its own, each with what it is aligned by
constexpr int64_t kPointer = 18;
constexpr int64_t kMovedFrom = 21;   // a text of so many bytes may be moved away
constexpr int64_t kNumericHead = 6;  // of the send format, that the row does not have

int64_t Aligned(int64_t at, int64_t to) { return (at + to - 1) / to * to; }

int64_t EndOfVarying(int64_t at, int64_t bytes) {
  return at + (bytes < kMovedFrom ? bytes + 1 : kPointer);
}

// Where a value ends that may begin at `at`.
int64_t EndOf(int64_t at, const BoundColumn& bound, const TypedColumn& column, int64_t row) {
  const auto bytes = [&] { return static_cast<int64_t>(column.Bytes(row).size()); };
  switch (column.kind()) {
    case TypeKind::kUuid:
      return at + 16;
    case TypeKind::kInterval:
      return Aligned(at, 8) + 16;
    case TypeKind::kEnum:
      return Aligned(at, 4) + 4;
    case TypeKind::kNumeric:
      return EndOfVarying(at, bytes() - kNumericHead);
    case TypeKind::kBpchar:
      return EndOfVarying(at, std::max<int64_t>(bytes(), bound.type.length_max));
    default:
      break;
  }
  const int64_t width = FixedWidth(column.kind());
  return width == 0 ? EndOfVarying(at, bytes()) : Aligned(at, width) + width;
}

}  // namespace

void CheckRowWidths(const std::vector<BoundColumn>& bound, const std::vector<TypedColumn>& columns,
                    Findings& findings) {
  if (columns.size() < kColumnsWorthALook) return;
  const int64_t nulls = static_cast<int64_t>(columns.size() + 7) / 8 + 1;
  for (int64_t row = 0; row < findings.rows(); ++row) {
    const bool any_null = std::ranges::any_of(
        columns, [row](const TypedColumn& column) { return column.IsNull(row); });
    int64_t end = Aligned(kHead + (any_null ? nulls : 0), 8) + kStageColumns;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i].IsNull(row)) end = EndOf(end, bound[i], columns[i], row);
    }
    if (end <= kRowMost) continue;
    Reason reason;
    reason.code = code::row_too_wide;
    reason.rule = std::to_string(kRowMost);
    reason.value = std::to_string(end);
    findings.Add(row, std::move(reason));
  }
}

}  // namespace eclusa
