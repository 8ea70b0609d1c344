// AvroBlocks: an Avro object container file, block after block.
//
//   file   = magic metadata sync *block             ; magic = "Obj" 0x01, sync = 16 bytes
//   metadata = map of bytes: "avro.schema" (JSON), "avro.codec" (null where it is missing), others
//   block  = rows:long size:long content sync       ; content = size bytes, compressed by the codec
//
// A block whose content does not decompress, or behind which another sync marker stands than the
// file's, is damaged, and reading goes on behind the next marker: Damage says how many rows are
// gone where that is known. It is known where the block's head can be believed: behind its content
// stands the marker, or the file ends, or the next block. Else the bytes up to the next marker are
// lost. Where no marker follows, the file is cut: file.truncated. Nothing that a head claims is
// allocated beyond kAvroBlockBytesMax. Source: Apache Avro 1.12 specification, object container
// files. Errors: avro.* and file.* codes. Ownership: owns the Input. Threads: one at a time.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "formats/avro_codec.h"
#include "formats/avro_schema.h"
#include "formats/csv_buffer.h"

namespace arrow {
class KeyValueMetadata;
}

namespace eclusa {

struct AvroBlock {
  int64_t rows = 0;          // what the head claims; -1: damaged, and not known
  std::string_view content;  // good until Next; kAvroPadding bytes behind it are readable
  std::string_view damage;   // what is wrong; empty: nothing
  int64_t bytes = 0;         // in the file
};

class AvroBlocks {
 public:
  static Result<AvroBlocks> Open(std::unique_ptr<Input> input, const std::string& path);

  const AvroSchema& schema() const { return schema_; }
  // What the header says besides schema and codec.
  const std::shared_ptr<arrow::KeyValueMetadata>& metadata() const { return metadata_; }
  const std::string& codec() const { return codec_name_; }
  const Input& input() const { return buffer_.input(); }

  // Goes on from another place of the file, where a block begins, as far as `end`.
  void Continue(CsvBuffer buffer, int64_t end);
  // Where the next block begins.
  int64_t offset() const { return buffer_.offset() + static_cast<int64_t>(used_); }

  // Nothing: the file is at its end.
  Result<std::optional<AvroBlock>> Next();

 private:
  static constexpr size_t kSyncBytes = 16;
  struct Head {
    int64_t rows = 0;
    size_t head_bytes = 0;
    size_t content_bytes = 0;
    size_t bytes() const { return head_bytes + content_bytes + kSyncBytes; }
  };

  AvroBlocks(CsvBuffer buffer, AvroCodec codec)
      : buffer_(std::move(buffer)), codec_(std::move(codec)) {}

  Status FillTo(size_t bytes);
  std::optional<Head> ReadHead(size_t at) const;
  bool MarkerStandsAt(size_t at) const;
  bool IsBelievable(const Head& head) const;
  Result<bool> AnotherBlockFollows(const Head& head);
  Result<AvroBlock> FindNextMarker(std::string_view damage, bool cut);

  CsvBuffer buffer_;
  AvroCodec codec_;
  std::string path_;
  std::string codec_name_;
  AvroSchema schema_;
  std::shared_ptr<arrow::KeyValueMetadata> metadata_;
  std::array<char, kSyncBytes> sync_ = {};
  int64_t end_ = std::numeric_limits<int64_t>::max();
  size_t used_ = 0;  // bytes of the buffer's rest that the last block has
};

}  // namespace eclusa
