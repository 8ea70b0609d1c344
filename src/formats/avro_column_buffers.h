// Growable, Presence: the buffers that a column of Avro is put together in.
//
// They can be cut back to an earlier length, which Arrow's builders cannot. Memory comes from
// Arrow's pool and is handed over as it is. Threads: one at a time.
#pragma once

#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/util/bit_util.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "core/check.h"

namespace eclusa {

// A list of plain values that grows.
template <class Value>
class Growable {
 public:
  int64_t size() const { return size_; }
  Value* data() { return data_; }
  Value operator[](int64_t i) const { return data_[i]; }

  void Push(Value value) {
    if (size_ == capacity_) [[unlikely]]
      Grow(1);
    data_[size_++] = value;
  }
  void Fill(int64_t count, Value value) {
    Reserve(count);
    std::fill_n(data_ + size_, count, value);
    size_ += count;
  }
  // Room for so many more, to be written at data() + size() and then Add()ed.
  void Reserve(int64_t more) {
    if (size_ + more > capacity_) Grow(more);
  }
  void Add(int64_t count) { size_ += count; }
  void Rewind(int64_t size) { size_ = size; }

  // The values; begins anew, expecting as many.
  std::shared_ptr<arrow::Buffer> Take() {
    Reserve(1);  // a buffer even of nothing
    CHECK(buffer_->Resize(size_ * kWidth, /*shrink_to_fit=*/false).ok());
    expected_ = size_ + size_ / 16;
    size_ = capacity_ = 0;
    data_ = nullptr;
    return std::move(buffer_);
  }

 private:
  static constexpr int64_t kWidth = sizeof(Value);
  static constexpr int64_t kLeast = 64;

  // Memory for a batch is bounded (avro_source.h): where there is none, nothing can go on.
  void Grow(int64_t more) {
    const int64_t wanted = std::max({size_ + more, 2 * capacity_, expected_, kLeast});
    if (buffer_ == nullptr) {
      buffer_ = arrow::AllocateResizableBuffer(wanted * kWidth).ValueOrDie();
    } else {
      CHECK(buffer_->Resize(wanted * kWidth, /*shrink_to_fit=*/false).ok());
    }
    data_ = reinterpret_cast<Value*>(buffer_->mutable_data());
    capacity_ = wanted;
  }

  std::shared_ptr<arrow::ResizableBuffer> buffer_;
  Value* data_ = nullptr;
  int64_t size_ = 0;
  int64_t capacity_ = 0;
  int64_t expected_ = 0;
};

// Bits of bytes that are 0 or 1.
inline std::shared_ptr<arrow::Buffer> PackBits(const uint8_t* bytes, int64_t count) {
  std::shared_ptr<arrow::Buffer> bits = arrow::AllocateEmptyBitmap(count).ValueOrDie();
  uint8_t* out = bits->mutable_data();
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t eight;
    std::memcpy(&eight, bytes + i, 8);
    out[i / 8] = static_cast<uint8_t>(eight * 0x0102040810204080 >> 56);
  }
  for (; i < count; ++i) out[i / 8] |= static_cast<uint8_t>(bytes[i] << (i % 8));
  return bits;
}

// Which values of a column are there.
class Presence {
 public:
  int64_t size() const { return size_; }
  void Push() {
    ++size_;
    if (has_nulls_) bytes_.Push(1);
  }
  void PushNull() {
    if (!has_nulls_) bytes_.Fill(size_, 1);
    has_nulls_ = true;
    bytes_.Push(0);
    ++size_;
  }
  void Rewind(int64_t size) {
    size_ = size;
    if (has_nulls_) bytes_.Rewind(size);
  }

  // Validity and number of nulls for an array; begins anew.
  std::pair<std::shared_ptr<arrow::Buffer>, int64_t> Take() {
    std::pair<std::shared_ptr<arrow::Buffer>, int64_t> taken{nullptr, 0};
    if (has_nulls_) {
      taken.second = size_ - std::count(bytes_.data(), bytes_.data() + size_, uint8_t{1});
      if (taken.second > 0) taken.first = PackBits(bytes_.data(), size_);
      bytes_.Rewind(0);
    }
    size_ = 0;
    has_nulls_ = false;
    return taken;
  }

 private:
  int64_t size_ = 0;
  bool has_nulls_ = false;
  Growable<uint8_t> bytes_;  // one a value, where has_nulls_
};

}  // namespace eclusa
