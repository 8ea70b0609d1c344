// ByteBuffer: bytes of varying length appended value after value, without clearing what is about to
// be overwritten.
//
// Reserve gives room at the end, Commit says how much of it was used. Take hands the bytes over.
// Ownership: a value that is moved. Threads: as any value.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace eclusa {

class ByteBuffer {
 public:
  explicit ByteBuffer(size_t expected = 0) : bytes_(expected) {}

  size_t size() const { return used_; }

  // Room for `most` bytes after the last one; valid until the next call.
  char* Reserve(size_t most) {
    if (bytes_.size() - used_ < most) Grow(most);
    return bytes_.data() + used_;
  }
  void Commit(size_t count) { used_ += count; }

  void Append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(Reserve(bytes.size()), bytes.data(), bytes.size());
    used_ += bytes.size();
  }

  // Gives up what came after the first `size` bytes.
  void Rewind(size_t size) { used_ = size; }

  std::vector<char> Take() && {
    bytes_.resize(used_);
    return std::move(bytes_);
  }

 private:
  void Grow(size_t most) { bytes_.resize(2 * bytes_.size() + most + 64); }

  std::vector<char> bytes_;
  size_t used_ = 0;
};

}  // namespace eclusa
