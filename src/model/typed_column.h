// TypedColumn: the values of one target column for the rows of one batch, as PostgreSQL will hold
// them, ready to be written in COPY BINARY.
//
//   kind                       one value
//   kBoolean                   uint8_t, 0 or 1
//   kInt2                      int16_t
//   kInt4, kFloat4             int32_t, float
//   kDate                      int32_t, days since 2000-01-01; INT32_MIN and MAX are -/+infinity
//   kInt8, kFloat8             int64_t, double
//   kTime                      int64_t, microseconds since midnight
//   kTimestamp, kTimestamptz   int64_t, microseconds since 2000-01-01 (UTC); INT64_MIN and MAX
//   infinite kUuid                      16 bytes kInterval                  16 bytes: int64_t
//   microseconds, int32_t days, int32_t months text kinds, kBytea         bytes (text: valid UTF-8
//   without U+0000) kNumeric, kArray,          bytes: the value in PostgreSQL's binary send format
//   kInet, kCidr               (model/binary_value.h), copied as they are
//
// All fixed values in host byte order. A column either owns its bytes or points into buffers that
// `owner` keeps alive (an Arrow array read from a file: text is not copied).
// Moved between threads, never changed after the move.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "model/pg_type.h"

namespace eclusa {

class TypedColumn {
 public:
  TypedColumn(TypeKind kind, int64_t rows) : kind_(kind), rows_(rows) {}

  TypeKind kind() const { return kind_; }
  int64_t rows() const { return rows_; }

  bool IsNull(int64_t row) const { return !nulls_.empty() && nulls_[row] != 0; }
  bool HasNulls() const { return !nulls_.empty(); }
  template <class T>
  T Fixed(int64_t row) const {
    return reinterpret_cast<const T*>(fixed_.data())[row];
  }
  const uint8_t* FixedBytes(int64_t row, int width) const { return fixed_.data() + row * width; }
  // Of a null: an empty view.
  std::string_view Bytes(int64_t row) const {
    return {data_ + offsets_[row], static_cast<size_t>(offsets_[row + 1] - offsets_[row])};
  }

  // Builders. Fixed kinds: AllocateFixed once, then write through MutableFixed.
  void AllocateFixed() { fixed_.resize(static_cast<size_t>(rows_) * FixedWidth(kind_)); }
  template <class T>
  T* MutableFixed() {
    return reinterpret_cast<T*>(fixed_.data());
  }
  void SetNull(int64_t row) {
    if (nulls_.empty()) nulls_.resize(static_cast<size_t>(rows_));
    nulls_[row] = 1;
  }
  // All at once: empty, or one byte a row, not 0 where the value is null.
  void SetNulls(std::vector<uint8_t> nulls) { nulls_ = std::move(nulls); }
  // Varying kinds, owned: offsets has rows + 1 entries into data.
  void SetOwned(std::vector<int32_t> offsets, std::vector<char> data) {
    own_offsets_ = std::move(offsets);
    own_data_ = std::move(data);
    offsets_ = own_offsets_.data();
    data_ = own_data_.data();
  }
  // Varying kinds, borrowed: offsets and data live in what `owner` keeps.
  void SetBorrowed(const int32_t* offsets, const char* data, std::shared_ptr<const void> owner) {
    offsets_ = offsets;
    data_ = data;
    owner_ = std::move(owner);
  }

  // The values of these rows, in this order; a row may stand in it often.
  TypedColumn Gather(const std::vector<int32_t>& rows) const;

  // Bytes held, borrowed ones included: what a bounded queue counts.
  size_t ByteSize() const {
    const size_t varying =
        offsets_ == nullptr ? 0 : static_cast<size_t>(offsets_[rows_] - offsets_[0]);
    return fixed_.size() + nulls_.size() + varying +
           (offsets_ == nullptr ? 0 : 4 * static_cast<size_t>(rows_));
  }

 private:
  TypeKind kind_;
  int64_t rows_;
  std::vector<uint8_t> nulls_;  // empty: no nulls; else one byte a row
  std::vector<uint8_t> fixed_;
  const int32_t* offsets_ = nullptr;
  const char* data_ = nullptr;
  std::vector<int32_t> own_offsets_;
  std::vector<char> own_data_;
  std::shared_ptr<const void> owner_;
};

}  // namespace eclusa
