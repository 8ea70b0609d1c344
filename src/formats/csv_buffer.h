// CsvBuffer: the bytes of an Input that were not consumed yet, in one piece.
//
// Fill reads another block behind them, as many bytes as are there already where a long row needs
// more, so that growing costs no more than what is read. It looks for the first byte of the file
// that is not ASCII, and no further. Ownership: owns the Input. Threads: one at
// a time. Memory: the longest rest that the caller asks for, and a block.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "io/input.h"

namespace eclusa {

class CsvBuffer {
 public:
  // `offset`: of the input's first byte in the file.
  CsvBuffer(std::unique_ptr<Input> input, size_t block_bytes, int64_t offset = 0);

  // kCsvPadding bytes behind it are readable, and zero. Valid until Fill.
  std::span<const char> rest() const { return {data_.data() + begin_, end_ - begin_}; }
  std::string_view text() const { return {data_.data() + begin_, end_ - begin_}; }  // the same
  int64_t offset() const { return offset_; }  // of the rest's first byte in the (decompressed) file
  bool at_end() const { return at_end_; }     // nothing follows the rest
  // Where the first byte stands that is not ASCII; -1: none was read so far.
  int64_t non_ascii_at() const { return non_ascii_at_; }

  Status Fill();
  void Consume(size_t bytes);

  const Input& input() const { return *input_; }

 private:
  std::unique_ptr<Input> input_;
  size_t block_bytes_;
  std::vector<char> data_;
  size_t begin_ = 0;
  size_t end_ = 0;
  int64_t offset_ = 0;
  int64_t non_ascii_at_ = -1;
  bool at_end_ = false;
};

}  // namespace eclusa
