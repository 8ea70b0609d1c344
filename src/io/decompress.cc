#include "io/decompress.h"

#include <arrow/util/compression.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "io/arrow_error.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr size_t kMagicSize = 4;
constexpr size_t kBlockSize = 128 << 10;
// A stretch of so many bytes that came from fewer than a thousandth of them is no data. What gzip
// can do at most is 1032: bytes that repeat all along. Measured: rows of a number and a thousand
// empty fields come to 194 in gzip and 511 in zstd; more only rows that are all the same. Every
// stretch is looked at, so that a file cannot buy its way with content at its beginning; shorter
// ones do no harm.
constexpr int64_t kStretchBytes = 64 << 20;
constexpr int64_t kRatioMax = 1000;
// More than any one file of rows: a load of it would take weeks.
constexpr int64_t kFileBytesMax = int64_t{16} << 40;

// Gives the first bytes, which were read to see what they are, once more.
class PassedThrough final : public Input {
 public:
  PassedThrough(std::unique_ptr<Input> input, std::string_view first)
      : input_(std::move(input)), first_(first) {}

  Result<size_t> Read(std::span<char> out) override {
    const size_t again = std::min(first_.size(), out.size());
    if (again > 0) {
      std::memcpy(out.data(), first_.data(), again);
      first_.erase(0, again);
    }
    return again + TRY(input_->Read(out.subspan(again)));
  }
  Compression compression() const override { return Compression::kNone; }
  int64_t BytesTotal() const override { return input_->BytesTotal(); }
  int64_t BytesRead() const override { return input_->BytesRead(); }

 private:
  std::unique_ptr<Input> input_;
  std::string first_;
};

class Decompressor final : public Input {
 public:
  Decompressor(std::unique_ptr<Input> input, std::string path, Compression compression,
               std::string_view first)
      : input_(std::move(input)),
        path_(std::move(path)),
        compression_(compression),
        block_(kBlockSize),
        filled_(first.size()) {
    std::memcpy(block_.data(), first.data(), first.size());
  }

  Status Prepare() {
    auto made = arrow::util::Codec::Create(
        compression_ == Compression::kGzip ? arrow::Compression::GZIP : arrow::Compression::ZSTD);
    if (!made.ok()) return Damaged(made.status());
    codec_ = *std::move(made);
    auto decompressor = codec_->MakeDecompressor();
    if (!decompressor.ok()) return Damaged(decompressor.status());
    decompressor_ = *std::move(decompressor);
    return Ok();
  }

  Result<size_t> Read(std::span<char> out) override {
    size_t written = 0;
    while (written < out.size() && !ended_) {
      if (at_ == filled_ && !end_of_input_) TRY(FillBlock());
      if (!TRY(StandsInMember())) break;
      written += TRY(Step(out.subspan(written)));
    }
    return written;
  }
  Compression compression() const override { return compression_; }
  int64_t BytesTotal() const override { return input_->BytesTotal(); }
  int64_t BytesRead() const override { return input_->BytesRead(); }

 private:
  Status FillBlock() {
    at_ = 0;
    filled_ = TRY(input_->Read(block_));
    end_of_input_ = filled_ < block_.size();
    return Ok();
  }

  // Between members: whether another one begins. False: the file is at its end.
  Result<bool> StandsInMember() {
    if (!decompressor_->IsFinished()) return true;
    while (true) {
      while (at_ < filled_ && block_[at_] == 0) ++at_;
      if (at_ < filled_) break;
      if (end_of_input_) {
        ended_ = true;
        return false;
      }
      TRY(FillBlock());
    }
    const arrow::Status status = decompressor_->Reset();
    if (!status.ok()) return Damaged(status);
    return true;
  }

  Result<size_t> Step(std::span<char> out) {
    auto result = decompressor_->Decompress(
        static_cast<int64_t>(filled_ - at_), reinterpret_cast<const uint8_t*>(block_.data() + at_),
        static_cast<int64_t>(out.size()), reinterpret_cast<uint8_t*>(out.data()));
    if (!result.ok()) return NotDecompressed(result.status());
    TRY(Weigh(result->bytes_read, result->bytes_written));
    at_ += static_cast<size_t>(result->bytes_read);
    const bool stuck = result->bytes_read == 0 && result->bytes_written == 0;
    if (stuck && !decompressor_->IsFinished()) {
      // Nothing more comes out of what is there: with all of the input given, its end is missing.
      if (at_ == filled_ && end_of_input_) {
        return Error(ErrorKind::kInvalid, code::file_truncated, {{"path", path_}});
      }
      if (at_ < filled_) return Damaged(arrow::Status::IOError("no progress"));
    }
    return static_cast<size_t>(result->bytes_written);
  }

  // Whether what comes out can still be data, after what went in.
  Status Weigh(int64_t in, int64_t out) {
    bytes_out_ += out;
    stretch_in_ += in;
    stretch_out_ += out;
    if (stretch_out_ < kStretchBytes && bytes_out_ <= kFileBytesMax) return Ok();
    if (bytes_out_ > kFileBytesMax || stretch_out_ / kRatioMax > stretch_in_) {
      return Error(ErrorKind::kInvalid, code::file_expands,
                   {{"path", path_},
                    {"compression", std::string(Name(compression_))},
                    {"ratio", std::to_string(kRatioMax)},
                    {"size", std::to_string(bytes_out_)}});
    }
    stretch_in_ = stretch_out_ = 0;
    return Ok();
  }

  // zstd says so of a frame that asks for more than 128 MiB of what it gave before.
  Error NotDecompressed(const arrow::Status& status) const {
    if (status.message().find("too much memory") == std::string::npos) return Damaged(status);
    return {ErrorKind::kInvalid, code::file_window, {{"path", path_}}};
  }

  Error Damaged(const arrow::Status& status) const {
    return ArrowError(status, path_, {FileAction::kRead, code::file_damaged});
  }

  std::unique_ptr<Input> input_;
  std::string path_;
  Compression compression_;
  std::unique_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::util::Decompressor> decompressor_;
  std::vector<char> block_;
  size_t at_ = 0;  // in block_
  size_t filled_;
  bool end_of_input_ = false;
  bool ended_ = false;
  int64_t bytes_out_ = 0;
  // Of the stretch that is being weighed.
  int64_t stretch_in_ = 0;
  int64_t stretch_out_ = 0;
};

}  // namespace

Result<std::unique_ptr<Input>> Decompressed(std::unique_ptr<Input> input, std::string path) {
  std::array<char, kMagicSize> first;
  const size_t got = TRY(input->Read(first));
  const std::string_view magic(first.data(), got);
  const Compression compression = CompressionOf(magic);
  if (compression == Compression::kNone) {
    return std::unique_ptr<Input>(std::make_unique<PassedThrough>(std::move(input), magic));
  }
  auto decompressor =
      std::make_unique<Decompressor>(std::move(input), std::move(path), compression, magic);
  TRY(decompressor->Prepare());
  return std::unique_ptr<Input>(std::move(decompressor));
}

}  // namespace eclusa
