// AvroCursor: reads the values of one block of Avro data, within its bytes.
//
//   long, int = zigzag varint of at most 10 bytes · bytes, string = long length, bytes · float,
//   double = 4, 8 bytes, little endian · boolean = 1 byte, 0 or 1
//
// Every Read says false where the bytes do not hold the value; then the block is damaged. Faults of
// single values (text that is not UTF-8, a time past midnight) do not stop the reading: they are
// noted by row. Ownership: of nothing; the bytes outlive it. kAvroPadding bytes behind the end are
// readable. Threads: one at a time.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace eclusa {

inline constexpr size_t kAvroPadding = 64;

// A value that its row fails by.
struct AvroFault {
  int64_t row = 0;            // in the batch
  const std::string* column;  // dotted path
  std::string_view code;      // of the catalogue
  std::string value;          // as it is shown
  std::string rule;
};

class AvroCursor {
 public:
  AvroCursor() = default;
  explicit AvroCursor(std::string_view bytes)
      : begin_(reinterpret_cast<const uint8_t*>(bytes.data())),
        at_(begin_),
        end_(begin_ + bytes.size()) {}

  size_t rest() const { return static_cast<size_t>(end_ - at_); }
  size_t offset() const { return static_cast<size_t>(at_ - begin_); }
  void Seek(size_t offset) { at_ = begin_ + offset; }

  bool ReadLong(int64_t& value) {
    if (at_ == end_) return false;
    const uint8_t first = *at_;
    if (first < 0x80) {
      ++at_;
      value = (first >> 1) ^ -static_cast<int64_t>(first & 1);
      return true;
    }
    return ReadLongLong(value);
  }
  bool ReadInt(int32_t& value) {
    int64_t wide = 0;
    if (!ReadLong(wide)) return false;
    value = static_cast<int32_t>(wide);
    return value == wide;
  }
  // A number that counts something, or picks one of `most`.
  bool ReadIndex(size_t most, size_t& value) {
    int64_t wide = 0;
    if (!ReadLong(wide) || wide < 0 || static_cast<uint64_t>(wide) >= most) return false;
    value = static_cast<size_t>(wide);
    return true;
  }
  bool ReadBytes(std::string_view& value) {
    int64_t length = 0;
    if (!ReadLong(length) || length < 0 || static_cast<uint64_t>(length) > rest()) return false;
    return ReadFixed(static_cast<size_t>(length), value);
  }
  bool ReadFixed(size_t length, std::string_view& value) {
    if (length > rest()) return false;
    value = {reinterpret_cast<const char*>(at_), length};
    at_ += length;
    return true;
  }
  template <class Number>
  bool ReadNumber(Number& value) {
    if (rest() < sizeof(Number)) return false;
    std::memcpy(&value, at_, sizeof(Number));  // little endian, as all machines that are built for
    at_ += sizeof(Number);
    return true;
  }
  // A byte that is 0 or 1.
  bool ReadBoolean(uint8_t& value) { return ReadNumber(value) && value <= 1; }
  // The head of one part of an array or map: its items, 0 at the end. A negative count is followed
  // by the part's size, which only those need who skip.
  bool ReadItems(int64_t& items) {
    if (!ReadLong(items)) return false;
    if (items >= 0) return true;
    int64_t bytes = 0;
    if (items == INT64_MIN || !ReadLong(bytes) || bytes < 0) return false;
    items = -items;
    return true;
  }

  // --- the row that is being read, for what its values note ---
  int64_t row = 0;
  int64_t items_budget = 0;  // bytes that the items of its lists may still take in memory
  bool row_too_long = false;
  std::vector<AvroFault> faults;
  void AddFault(AvroFault fault) {
    // The first ones of a row say enough.
    const size_t count = faults.size();
    if (count >= kFaultsMax && faults[count - kFaultsMax].row == fault.row) return;
    faults.push_back(std::move(fault));
  }

 private:
  static constexpr size_t kFaultsMax = 20;

  bool ReadLongLong(int64_t& value) {
    uint64_t bits = 0;
    const uint8_t* at = at_;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == end_) return false;
      const uint8_t byte = *at++;
      if (shift == 63 && byte > 1) return false;  // more than 64 bits
      bits |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) {
        at_ = at;
        value = static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
        return true;
      }
    }
    return false;
  }

  const uint8_t* begin_ = nullptr;
  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
};

}  // namespace eclusa
