// Files over what is read in ranges, each a request to a server.
//
// Memory: 32 MiB of blocks for random access, two blocks of 4 MiB for reading from front to back.
// Errors: those of the ranges, through Arrow as they are (io/arrow_error.h).
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "io/input.h"

namespace arrow::io {
class RandomAccessFile;
}

namespace eclusa {

// One version of one object. Threads: any.
class ByteRanges {
 public:
  virtual ~ByteRanges() = default;
  virtual int64_t size() const = 0;
  // Exactly `length` bytes, which must be there.
  virtual Result<std::string> Read(int64_t at, int64_t length,
                                   const std::stop_token& stop) const = 0;
};

// Threads of the file: ReadAt from any. Reads that follow each other are served from blocks of up
// to 1 MiB, whose size falls where they are dropped before they were used.
std::shared_ptr<arrow::io::RandomAccessFile> MakeRangeFile(std::shared_ptr<const ByteRanges> ranges,
                                                           std::stop_token stop);
// The stored bytes; a thread reads the next block ahead.
std::unique_ptr<Input> MakeRangeInput(std::shared_ptr<const ByteRanges> ranges,
                                      const std::stop_token& stop);

struct DigestRequest {
  int64_t size = 0;  // of the file
  std::string name;  // in errors
  std::stop_token stop;
};
// SHA-256 of all bytes, 64 hexadecimal digits; load.cancelled where it is stopped.
Result<std::string> DigestOf(arrow::io::RandomAccessFile& file, const DigestRequest& request);

}  // namespace eclusa
