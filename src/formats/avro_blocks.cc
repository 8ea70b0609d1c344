#include "formats/avro_blocks.h"

#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <cstring>

#include "formats/avro_cursor.h"
#include "formats/csv_structure.h"
#include "model/codes.h"

namespace eclusa {
namespace {

static_assert(kAvroPadding <= kCsvPadding);

constexpr size_t kReadBytes = 256 << 10;
constexpr std::string_view kMagic("Obj\x01", 4);
// Schemas of thousands of columns take a few hundred KiB.
constexpr size_t kHeaderBytesMax = 16 << 20;
constexpr int64_t kMetadataMax = 10'000;
// Two numbers.
constexpr size_t kBlockHeadMax = 20;
// A block that cannot be read is believed to hold so many rows a byte, at most: what it claims
// becomes as many failed rows.
constexpr int64_t kRowsPerByteMax = 8;
// Rows without any byte (all columns null) are counted by the head alone.
constexpr int64_t kEmptyRowsMax = 1 << 20;

struct Metadata {
  std::string schema;
  std::string codec;
  std::shared_ptr<arrow::KeyValueMetadata> others = std::make_shared<arrow::KeyValueMetadata>();
  std::string_view sync;
  size_t bytes = 0;
};

// Nothing: more bytes are needed, or `wrong` says that they would not help.
std::optional<Metadata> ReadMetadata(std::string_view bytes, size_t sync_bytes, bool* wrong) {
  Metadata metadata;
  AvroCursor in(bytes);
  in.Seek(kMagic.size());
  int64_t items = 0;
  int64_t all = 0;
  do {
    if (!in.ReadItems(items)) return std::nullopt;
    all += std::min(items, kMetadataMax + 1);
    *wrong = all > kMetadataMax;
    for (int64_t i = 0; i < items && !*wrong; ++i) {
      std::string_view key;
      std::string_view value;
      if (!in.ReadBytes(key) || !in.ReadBytes(value)) return std::nullopt;
      if (key == "avro.schema") metadata.schema = value;
      if (key == "avro.codec") metadata.codec = value;
      if (!key.starts_with("avro.")) metadata.others->Append(std::string(key), std::string(value));
    }
    if (*wrong) return std::nullopt;
  } while (items != 0);
  if (!in.ReadFixed(sync_bytes, metadata.sync)) return std::nullopt;
  metadata.bytes = in.offset();
  return metadata;
}

}  // namespace

Result<AvroBlocks> AvroBlocks::Open(std::unique_ptr<Input> input, const std::string& path) {
  CsvBuffer buffer(std::move(input), kReadBytes);
  std::optional<Metadata> metadata;
  bool wrong = false;
  do {
    TRY(buffer.Fill());
    const std::string_view rest = buffer.text();
    wrong = !rest.starts_with(kMagic);
    if (!wrong) metadata = ReadMetadata(rest, kSyncBytes, &wrong);
  } while (!metadata && !wrong && !buffer.at_end() && buffer.rest().size() < kHeaderBytesMax);
  if (!metadata) {
    if (!wrong && buffer.at_end()) {
      return Error(ErrorKind::kInvalid, code::file_truncated, {{"path", path}});
    }
    return Error(ErrorKind::kInvalid, code::avro_damaged, {{"path", path}, {"detail", "metadata"}});
  }
  AvroBlocks blocks(std::move(buffer), TRY(AvroCodec::Create(metadata->codec, path)));
  blocks.path_ = path;
  blocks.codec_name_ = metadata->codec.empty() ? "null" : metadata->codec;
  blocks.schema_ = TRY(AvroSchema::Parse(metadata->schema, path));
  blocks.metadata_ = std::move(metadata->others);
  std::memcpy(blocks.sync_.data(), metadata->sync.data(), kSyncBytes);
  blocks.buffer_.Consume(metadata->bytes);
  return blocks;
}

Status AvroBlocks::FillTo(size_t bytes) {
  while (buffer_.rest().size() < bytes && !buffer_.at_end()) TRY(buffer_.Fill());
  return Ok();
}

// Nothing: no head of a block stands there.
std::optional<AvroBlocks::Head> AvroBlocks::ReadHead(size_t at) const {
  const std::string_view rest = buffer_.text();
  AvroCursor in(rest);
  in.Seek(std::min(at, rest.size()));
  Head head;
  int64_t bytes = 0;
  if (!in.ReadLong(head.rows) || !in.ReadLong(bytes) || head.rows < 0 || bytes < 0 ||
      bytes > kAvroBlockBytesMax) {
    return std::nullopt;
  }
  head.head_bytes = in.offset() - at;
  head.content_bytes = static_cast<size_t>(bytes);
  return head;
}

bool AvroBlocks::MarkerStandsAt(size_t at) const {
  const std::string_view rest = buffer_.text();
  return at <= rest.size() &&
         rest.substr(at, kSyncBytes) == std::string_view(sync_.data(), kSyncBytes);
}

// Whether as many rows may be in as many bytes.
bool AvroBlocks::IsBelievable(const Head& head) const {
  const int64_t least = schema_.root().bytes_min;
  if (least == 0 && head.rows <= kEmptyRowsMax) return true;
  const auto bytes = static_cast<int64_t>(head.content_bytes);
  return head.rows <=
         bytes * (codec_.compresses() ? kRowsPerByteMax : 1) / std::max<int64_t>(least, 1);
}

void AvroBlocks::Continue(CsvBuffer buffer, int64_t end) {
  buffer_ = std::move(buffer);
  used_ = 0;
  end_ = end;
}

Result<std::optional<AvroBlock>> AvroBlocks::Next() {
  buffer_.Consume(used_);
  used_ = 0;
  if (buffer_.offset() >= end_) return std::optional<AvroBlock>();
  TRY(FillTo(kBlockHeadMax));
  if (buffer_.rest().empty()) return std::optional<AvroBlock>();
  const std::optional<Head> head = ReadHead(0);
  if (!head) {
    const bool cut = buffer_.rest().size() < kBlockHeadMax;
    return std::optional(TRY(FindNextMarker("block head", cut)));
  }
  TRY(FillTo(head->bytes()));
  if (buffer_.rest().size() < head->bytes()) {
    return std::optional(TRY(FindNextMarker("block size", true)));
  }
  AvroBlock block;
  block.rows = IsBelievable(*head) ? head->rows : -1;
  block.bytes = static_cast<int64_t>(head->bytes());
  if (!MarkerStandsAt(head->head_bytes + head->content_bytes)) {
    if (!TRY(AnotherBlockFollows(*head))) {
      return std::optional(TRY(FindNextMarker("sync marker", false)));
    }
    block.damage = "sync marker";
  } else {
    const std::string_view bytes = buffer_.text().substr(head->head_bytes, head->content_bytes);
    if (!codec_.Decompress(bytes, &block.content)) {
      block.damage = "compression";
    } else {
      // Of what can be read, the content tells.
      const auto size = static_cast<int64_t>(block.content.size());
      const int64_t least = schema_.root().bytes_min;
      const int64_t most = least == 0 ? kEmptyRowsMax : size / least;
      if (head->rows > most) block.damage = "row count";
      if (block.damage.empty()) block.rows = head->rows;
    }
  }
  used_ = head->bytes();
  return std::optional(block);
}

// Whether the wrong marker behind the block is all that is wrong: a block follows that has the
// right one, or the file ends there.
Result<bool> AvroBlocks::AnotherBlockFollows(const Head& head) {
  TRY(FillTo(head.bytes() + kBlockHeadMax));
  if (buffer_.rest().size() == head.bytes()) return true;
  const std::optional<Head> next = ReadHead(head.bytes());
  if (!next) return false;
  TRY(FillTo(head.bytes() + next->bytes()));
  return MarkerStandsAt(head.bytes() + next->head_bytes + next->content_bytes);
}

// Passes over everything up to the next marker. `cut`: the file may end too early.
Result<AvroBlock> AvroBlocks::FindNextMarker(std::string_view damage, bool cut) {
  AvroBlock lost{.rows = -1, .content = {}, .damage = damage, .bytes = 0};
  const std::string_view marker(sync_.data(), kSyncBytes);
  while (true) {
    const std::string_view rest = buffer_.text();
    const size_t found = rest.find(marker);
    if (found != std::string_view::npos) {
      used_ = found + kSyncBytes;
      lost.bytes += static_cast<int64_t>(used_);
      return lost;
    }
    if (buffer_.at_end()) break;
    const size_t passed = rest.size() - std::min(rest.size(), kSyncBytes - 1);
    buffer_.Consume(passed);
    lost.bytes += static_cast<int64_t>(passed);
    TRY(buffer_.Fill());
  }
  if (cut) return Error(ErrorKind::kInvalid, code::file_truncated, {{"path", path_}});
  return Error(ErrorKind::kInvalid, code::avro_damaged,
               {{"path", path_}, {"detail", std::string(damage)}});
}

}  // namespace eclusa
