// Bytes that were read and not yet consumed.
//
// Small while a head is awaited, because thousands of connections may wait; grows on demand.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace eclusa::http {

class ReadBuffer {
 public:
  std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  size_t capacity() const { return capacity_; }

  void Consume(size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Room for more bytes, the buffer being at least `capacity` in all and never full.
  std::span<char> Room(size_t capacity) {
    const size_t kept = end_ - begin_;
    capacity = std::max({capacity, capacity_, kept == capacity_ ? 2 * kept : size_t{1}});
    if (capacity > capacity_) {
      auto larger = std::make_unique_for_overwrite<char[]>(capacity);
      if (kept > 0) std::memcpy(larger.get(), bytes_.get() + begin_, kept);
      bytes_ = std::move(larger);
      capacity_ = capacity;
      begin_ = 0;
      end_ = kept;
    } else if (begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, kept);
      begin_ = 0;
      end_ = kept;
    }
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void Filled(size_t count) { end_ += count; }

  // Gives memory back where there is more than `capacity` and nothing is kept.
  void Shrink(size_t capacity) {
    if (!empty() || capacity_ <= capacity) return;
    bytes_.reset();
    capacity_ = begin_ = end_ = 0;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace eclusa::http
