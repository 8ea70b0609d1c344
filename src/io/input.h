// Input: the bytes of one file from front to back, decompressed where it is gzip or zstd.
//
// Compression is recognised by magic bytes, never by the name. Gzip files of several members and
// zstd files of several frames read as one. Offsets of callers count decompressed bytes; BytesRead
// counts the file's own. Errors: file.* codes; a compressed file that ends in the middle is
// file.truncated, one that does not decompress is file.damaged; bombs are refused
// (io/decompress.h). Only regular files: they are read more than once. Ownership: an Input owns its
// descriptor. Threads: Read from one at a time, BytesRead from any. Memory: 128 KiB, and up to 128
// MiB of window where a zstd file asks for it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"

namespace arrow::io {
class RandomAccessFile;
}

namespace eclusa {

enum class Compression : uint8_t { kNone, kGzip, kZstd };

std::string_view Name(Compression compression);  // "none", "gzip", "zstd"
// By the first bytes of a file; four are enough.
Compression CompressionOf(std::string_view first_bytes);

class Input {
 public:
  virtual ~Input() = default;
  // Fills `out` from its beginning; fewer bytes than asked only at the end.
  virtual Result<size_t> Read(std::span<char> out) = 0;
  virtual Compression compression() const = 0;
  virtual int64_t BytesTotal() const = 0;  // of the file as it is stored
  virtual int64_t BytesRead() const = 0;   // of those
};

// The file as it is read by text formats: decompressed.
Result<std::unique_ptr<Input>> OpenInput(const std::string& path);

// The file's bytes as they are stored, whatever they are; with Decompressed, for callers that have
// a better name for the file than its path.
Result<std::unique_ptr<Input>> OpenStoredInput(const std::string& path);

// The same as OpenInput over bytes in memory, for tests; `name` stands in errors.
Result<std::unique_ptr<Input>> OpenMemoryInput(std::string bytes, std::string name);

// A file that is not compressed, from one of its bytes on; `name` stands in errors. What is read
// counts from there.
std::unique_ptr<Input> InputFrom(std::shared_ptr<arrow::io::RandomAccessFile> file, int64_t begin,
                                 std::string name);

// The file as its formats with an index of their own read it: at any place, never decompressed.
Result<std::shared_ptr<arrow::io::RandomAccessFile>> OpenRandomAccess(const std::string& path);

}  // namespace eclusa
