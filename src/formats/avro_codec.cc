#include "formats/avro_codec.h"

#include <arrow/util/compression.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "formats/avro_cursor.h"
#include "io/arrow_error.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr size_t kChecksumBytes = 4;
// Writers in Python cut a zlib stream short and leave three bytes of its checksum behind the data.
constexpr size_t kZlibRestMax = 4;
constexpr size_t kFirstBuffer = 256 << 10;
// Three bytes copy 64 at most.
constexpr uint64_t kSnappyRatioMax = 22;

// CRC-32 (IEEE 802.3, reflected), eight bytes at a time.
constexpr std::array<std::array<uint32_t, 256>, 8> MakeCrcTables() {
  std::array<std::array<uint32_t, 256>, 8> tables = {};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
    tables[0][byte] = crc;
  }
  for (size_t table = 1; table < 8; ++table) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[table - 1][byte];
      tables[table][byte] = before >> 8 ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}
constexpr auto kCrcTables = MakeCrcTables();

uint32_t Crc32(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    uint64_t eight;
    std::memcpy(&eight, bytes.data() + at, 8);
    eight ^= crc;
    crc = 0;
    for (size_t i = 0; i < 8; ++i) crc ^= kCrcTables[7 - i][eight >> (8 * i) & 0xFF];
  }
  for (; at < bytes.size(); ++at) {
    crc = crc >> 8 ^ kCrcTables[0][(crc ^ static_cast<uint8_t>(bytes[at])) & 0xFF];
  }
  return ~crc;
}

std::array<char, kChecksumBytes> BigEndian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

// The length that a Snappy block begins with: a varint of at most 32 bits. False: it has none.
bool SnappyLength(std::string_view bytes, size_t* length) {
  uint64_t value = 0;
  for (size_t i = 0; i < std::min<size_t>(bytes.size(), 5); ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    value |= static_cast<uint64_t>(byte & 0x7F) << (7 * i);
    if (byte >= 0x80) continue;
    *length = value;
    return value <= std::min<uint64_t>(kAvroBlockBytesMax, kSnappyRatioMax * bytes.size());
  }
  return false;
}

const uint8_t* Bytes(const char* data) { return reinterpret_cast<const uint8_t*>(data); }
uint8_t* Bytes(char* data) { return reinterpret_cast<uint8_t*>(data); }

}  // namespace

AvroCodec::AvroCodec(AvroCodec&&) noexcept = default;
AvroCodec::~AvroCodec() = default;

Result<AvroCodec> AvroCodec::Create(std::string_view name, const std::string& path) {
  AvroCodec made;
  made.path_ = path;
  if (name.empty() || name == "null") return made;
  arrow::Result<std::unique_ptr<arrow::util::Codec>> codec = arrow::Status::Invalid("codec");
  if (name == "deflate") {
    made.deflate_ = true;
    arrow::util::GZipCodecOptions options;
    options.gzip_format = arrow::util::GZipFormat::DEFLATE;
    codec = arrow::util::Codec::Create(arrow::Compression::GZIP, options);
  } else if (name == "zstandard") {
    codec = arrow::util::Codec::Create(arrow::Compression::ZSTD);
  } else if (name == "snappy") {
    made.snappy_ = true;
    codec = arrow::util::Codec::Create(arrow::Compression::SNAPPY);
  } else {
    return Error(ErrorKind::kInvalid, code::avro_codec,
                 {{"path", path}, {"codec", ClipValue(name)}});
  }
  if (!codec.ok()) {
    return ArrowError(codec.status(), path, {FileAction::kRead, code::file_read_failed});
  }
  made.codec_ = *std::move(codec);
  if (made.snappy_) return made;
  auto decompressor = made.codec_->MakeDecompressor();
  if (!decompressor.ok()) {
    return ArrowError(decompressor.status(), path, {FileAction::kRead, code::file_read_failed});
  }
  made.decompressor_ = *std::move(decompressor);
  return made;
}

bool AvroCodec::Decompress(std::string_view bytes, std::string_view* content) {
  if (codec_ == nullptr) {
    *content = bytes;
    return true;
  }
  if (buffer_.empty()) buffer_.resize(kFirstBuffer);
  size_t size = 0;
  if (!(snappy_ ? DecompressSnappy(bytes, &size) : DecompressStream(bytes, &size))) return false;
  *content = {buffer_.data(), size};
  return true;
}

bool AvroCodec::DecompressSnappy(std::string_view bytes, size_t* size) {
  if (bytes.size() < kChecksumBytes) return false;
  const std::string_view checksum = bytes.substr(bytes.size() - kChecksumBytes);
  bytes.remove_suffix(kChecksumBytes);
  if (!SnappyLength(bytes, size)) return false;
  if (buffer_.size() < *size + kAvroPadding) buffer_.resize(*size + kAvroPadding);
  const auto done = codec_->Decompress(static_cast<int64_t>(bytes.size()), Bytes(bytes.data()),
                                       static_cast<int64_t>(*size), Bytes(buffer_.data()));
  if (!done.ok() || *done != static_cast<int64_t>(*size)) return false;
  const auto expected = BigEndian(Crc32({buffer_.data(), *size}));
  return std::memcmp(expected.data(), checksum.data(), kChecksumBytes) == 0;
}

// The size of the content stands nowhere: the buffer grows with it.
bool AvroCodec::DecompressStream(std::string_view bytes, size_t* size) {
  *size = 0;
  if (!decompressor_->Reset().ok()) return false;
  while (true) {
    const size_t room = buffer_.size() - kAvroPadding - *size;
    const auto step =
        decompressor_->Decompress(static_cast<int64_t>(bytes.size()), Bytes(bytes.data()),
                                  static_cast<int64_t>(room), Bytes(buffer_.data() + *size));
    if (!step.ok()) return false;
    bytes.remove_prefix(static_cast<size_t>(step->bytes_read));
    *size += static_cast<size_t>(step->bytes_written);
    if (decompressor_->IsFinished()) {
      if (bytes.empty()) return true;
      if (deflate_) return bytes.size() <= kZlibRestMax;
      // Another frame.
      if (!decompressor_->Reset().ok()) return false;
      continue;
    }
    if (static_cast<size_t>(step->bytes_written) == room) {
      if (buffer_.size() >= static_cast<size_t>(kAvroBlockBytesMax)) return false;
      buffer_.resize(
          std::min(2 * buffer_.size(), static_cast<size_t>(kAvroBlockBytesMax) + kAvroPadding));
    } else if (step->bytes_read == 0 && step->bytes_written == 0) {
      return false;  // its end is missing
    }
  }
}

Result<std::string> AvroCodec::Compress(std::string_view content) const {
  if (codec_ == nullptr) return std::string(content);
  const auto size = static_cast<int64_t>(content.size());
  const int64_t most = codec_->MaxCompressedLen(size, Bytes(content.data()));
  std::string out(static_cast<size_t>(most) + kChecksumBytes, '\0');
  const auto written = codec_->Compress(size, Bytes(content.data()), most, Bytes(out.data()));
  if (!written.ok()) {
    return ArrowError(written.status(), path_, {FileAction::kWrite, code::file_write_failed});
  }
  out.resize(static_cast<size_t>(*written));
  if (snappy_) {
    const auto checksum = BigEndian(Crc32(content));
    out.append(checksum.data(), checksum.size());
  }
  return out;
}

}  // namespace eclusa
