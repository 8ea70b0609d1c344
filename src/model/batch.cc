#include "model/batch.h"

#include <arrow/record_batch.h>

#include <algorithm>

namespace eclusa {
namespace {

size_t BytesOf(const std::vector<Reason>& reasons) {
  size_t bytes = 0;
  for (const Reason& reason : reasons) {
    bytes += sizeof(Reason) + reason.column.size() + reason.value.size() + reason.rule.size();
  }
  return bytes;
}

}  // namespace

int64_t Batch::row_count() const { return rows == nullptr ? 0 : rows->num_rows(); }

Place Batch::PlaceOf(int64_t index) const {
  const auto at = static_cast<size_t>(index);
  Place place;
  place.file = file;
  place.row = row_numbers.empty() ? first_row + index : row_numbers[at];
  if (!lines.empty()) place.line = lines[at];
  if (!byte_offsets.empty()) place.byte_offset = byte_offsets[at];
  return place;
}

int64_t CheckedChild::accepted_count() const {
  return std::count(accepted.begin(), accepted.end(), uint8_t{1});
}

int64_t CheckedBatch::accepted_count() const {
  return std::count(accepted.begin(), accepted.end(), uint8_t{1});
}

size_t CheckedBatch::ByteSize() const {
  size_t bytes = accepted.size() + operations.size() +
                 sizeof(int64_t) * (batch.row_numbers.size() + batch.lines.size() +
                                    batch.byte_offsets.size() + warnings.size());
  for (const TypedColumn& column : columns) bytes += column.ByteSize();
  for (const RejectedRow& row : rejected) bytes += sizeof(RejectedRow) + BytesOf(row.reasons);
  for (const UnreadableRow& row : batch.unreadable) {
    bytes += sizeof(UnreadableRow) + row.raw.size() + BytesOf(row.reasons);
  }
  for (const CheckedChild& child : children) {
    for (const TypedColumn& column : child.columns) bytes += column.ByteSize();
    bytes += (4 * sizeof(int32_t) + 2) * child.accepted.size();
  }
  return bytes;
}

}  // namespace eclusa
