// AvroCodec: compression of the blocks of an Avro file.
//
//   null       as it is
//   deflate    RFC 1951, without head and checksum
//   snappy     Snappy's block format, then the CRC-32 of the uncompressed bytes, 4 bytes, high
//   first zstandard  one or more zstd frames
//
// Other codecs of Avro (bzip2, xz) are refused by name: avro.codec. Threads: one at a time. Memory:
// at most kAvroBlockBytesMax and a library's state.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace arrow::util {
class Codec;
class Decompressor;
}  // namespace arrow::util

namespace eclusa {

// Of a block's content, compressed or not. Writers make blocks of 16 KiB to a few MiB; a block has
// to be in memory as a whole, so that a small file could otherwise ask for any amount.
inline constexpr int64_t kAvroBlockBytesMax = 256 << 20;

class AvroCodec {
 public:
  // `path` stands in errors.
  static Result<AvroCodec> Create(std::string_view name, const std::string& path);
  AvroCodec(AvroCodec&&) noexcept;
  ~AvroCodec();

  // The content of a block: the bytes themselves, or in a buffer that is good until the next call;
  // kAvroPadding bytes behind it are readable. False: it does not decompress, its checksum differs,
  // or it is larger than a block may be.
  bool Decompress(std::string_view bytes, std::string_view* content);
  Result<std::string> Compress(std::string_view content) const;

  bool compresses() const { return codec_ != nullptr; }

 private:
  AvroCodec() = default;
  bool DecompressStream(std::string_view bytes, size_t* size);
  bool DecompressSnappy(std::string_view bytes, size_t* size);

  std::string path_;
  bool snappy_ = false;
  bool deflate_ = false;
  std::unique_ptr<arrow::util::Codec> codec_;  // null: none
  std::shared_ptr<arrow::util::Decompressor> decompressor_;
  std::vector<char> buffer_;
};

}  // namespace eclusa
