#include "model/typed_column.h"

#include <cstring>

namespace eclusa {

TypedColumn TypedColumn::Gather(const std::vector<int32_t>& rows) const {
  TypedColumn column(kind_, static_cast<int64_t>(rows.size()));
  if (!nulls_.empty()) {
    std::vector<uint8_t> nulls;
    nulls.reserve(rows.size());
    for (const int32_t row : rows) nulls.push_back(nulls_[static_cast<size_t>(row)]);
    column.SetNulls(std::move(nulls));
  }
  if (offsets_ == nullptr) {
    const auto width = static_cast<size_t>(FixedWidth(kind_));
    column.AllocateFixed();
    for (size_t i = 0; i < rows.size(); ++i) {
      std::memcpy(column.fixed_.data() + i * width, FixedBytes(rows[i], static_cast<int>(width)),
                  width);
    }
    return column;
  }
  std::vector<int32_t> offsets{0};
  std::vector<char> data;
  offsets.reserve(rows.size() + 1);
  for (const int32_t row : rows) {
    const std::string_view bytes = Bytes(row);
    data.insert(data.end(), bytes.begin(), bytes.end());
    offsets.push_back(static_cast<int32_t>(data.size()));
  }
  column.SetOwned(std::move(offsets), std::move(data));
  return column;
}

}  // namespace eclusa
