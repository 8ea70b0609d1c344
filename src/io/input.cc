#include "io/input.h"

#include <arrow/io/file.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "io/arrow_error.h"
#include "io/decompress.h"
#include "io/descriptor.h"
#include "model/codes.h"

namespace eclusa {
namespace {

class FileInput final : public Input {
 public:
  FileInput(Descriptor file, int64_t size, std::string path)
      : file_(std::move(file)), size_(size), path_(std::move(path)) {}

  Result<size_t> Read(std::span<char> out) override {
    const size_t got = TRY(file_.Read(out, path_));
    read_.fetch_add(static_cast<int64_t>(got), std::memory_order_relaxed);
    return got;
  }
  Compression compression() const override { return Compression::kNone; }
  int64_t BytesTotal() const override { return size_; }
  int64_t BytesRead() const override { return read_.load(std::memory_order_relaxed); }

 private:
  Descriptor file_;
  int64_t size_;
  std::string path_;
  std::atomic<int64_t> read_ = 0;
};

class MemoryInput final : public Input {
 public:
  explicit MemoryInput(std::string bytes) : bytes_(std::move(bytes)) {}

  Result<size_t> Read(std::span<char> out) override {
    const size_t at = at_.load(std::memory_order_relaxed);
    const size_t count = std::min(out.size(), bytes_.size() - at);
    if (count > 0) std::memcpy(out.data(), bytes_.data() + at, count);
    at_.store(at + count, std::memory_order_relaxed);
    return count;
  }
  Compression compression() const override { return Compression::kNone; }
  int64_t BytesTotal() const override { return static_cast<int64_t>(bytes_.size()); }
  int64_t BytesRead() const override {
    return static_cast<int64_t>(at_.load(std::memory_order_relaxed));
  }

 private:
  std::string bytes_;
  std::atomic<size_t> at_ = 0;
};

class PlacedInput final : public Input {
 public:
  PlacedInput(std::shared_ptr<arrow::io::RandomAccessFile> file, int64_t begin, std::string name)
      : file_(std::move(file)), begin_(begin), name_(std::move(name)) {}

  Result<size_t> Read(std::span<char> out) override {
    const int64_t at = begin_ + BytesRead();
    const auto got = file_->ReadAt(at, static_cast<int64_t>(out.size()), out.data());
    if (!got.ok()) {
      return ArrowError(got.status(), name_, {FileAction::kRead, code::file_read_failed});
    }
    read_.fetch_add(*got, std::memory_order_relaxed);
    return static_cast<size_t>(*got);
  }
  Compression compression() const override { return Compression::kNone; }
  int64_t BytesTotal() const override { return file_->GetSize().ValueOr(0) - begin_; }
  int64_t BytesRead() const override { return read_.load(std::memory_order_relaxed); }

 private:
  const std::shared_ptr<arrow::io::RandomAccessFile> file_;
  const int64_t begin_;
  const std::string name_;
  std::atomic<int64_t> read_ = 0;
};

}  // namespace

std::string_view Name(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
  }
  CHECK(false);
}

Compression CompressionOf(std::string_view first_bytes) {
  if (first_bytes.starts_with("\x1f\x8b")) return Compression::kGzip;
  if (first_bytes.starts_with("\x28\xb5\x2f\xfd")) return Compression::kZstd;
  return Compression::kNone;
}

Result<std::unique_ptr<Input>> OpenStoredInput(const std::string& path) {
  struct stat about = {};
  Descriptor file = TRY(Descriptor::OpenToRead(path, &about));
  return std::unique_ptr<Input>(std::make_unique<FileInput>(std::move(file), about.st_size, path));
}

Result<std::unique_ptr<Input>> OpenInput(const std::string& path) {
  return Decompressed(TRY(OpenStoredInput(path)), path);
}

Result<std::unique_ptr<Input>> OpenMemoryInput(std::string bytes, std::string name) {
  return Decompressed(std::make_unique<MemoryInput>(std::move(bytes)), std::move(name));
}

std::unique_ptr<Input> InputFrom(std::shared_ptr<arrow::io::RandomAccessFile> file, int64_t begin,
                                 std::string name) {
  return std::make_unique<PlacedInput>(std::move(file), begin, std::move(name));
}

Result<std::shared_ptr<arrow::io::RandomAccessFile>> OpenRandomAccess(const std::string& path) {
  struct stat about = {};
  Descriptor file = TRY(Descriptor::OpenToRead(path, &about));
  arrow::Result<std::shared_ptr<arrow::io::ReadableFile>> opened =
      arrow::io::ReadableFile::Open(file.number());
  if (!opened.ok()) {
    return ArrowError(opened.status(), path, {FileAction::kRead, code::file_read_failed});
  }
  file.Release();  // the ReadableFile closes it from here on
  return std::shared_ptr<arrow::io::RandomAccessFile>(*std::move(opened));
}

}  // namespace eclusa
