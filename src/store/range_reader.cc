#include "store/range_reader.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>

#include "io/arrow_error.h"
#include "io/sha256.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr int64_t kCacheBytes = 32 << 20;
// A request costs tens of milliseconds at a real store, a MiB about as much.
constexpr int64_t kBlockMost = 1 << 20;
constexpr int64_t kBlockLeast = 128 << 10;
constexpr int64_t kInputBlock = 4 << 20;
// Each block is a request of its own to a store behind a network.
constexpr int64_t kDigestBlock = 8 << 20;

// --- random access ---

class RangeFile final : public arrow::io::RandomAccessFile {
 public:
  RangeFile(std::shared_ptr<const ByteRanges> ranges, std::stop_token stop)
      : ranges_(std::move(ranges)), stop_(std::move(stop)) {}

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> GetSize() override { return ranges_->size(); }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Seek(int64_t position) override {
    if (position < 0) return arrow::Status::Invalid("a place before the beginning");
    position_ = position;
    return arrow::Status::OK();
  }

  arrow::Result<int64_t> Read(int64_t length, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t got, ReadAt(position_, length, out));
    position_ += got;
    return got;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t length) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, length));
    position_ += buffer->size();
    return buffer;
  }

  arrow::Result<int64_t> ReadAt(int64_t at, int64_t length, void* out) override {
    if (at < 0 || length < 0) return arrow::Status::Invalid("a place before the beginning");
    length = std::min(length, std::max<int64_t>(ranges_->size() - at, 0));
    auto* to = static_cast<char*>(out);
    for (int64_t left = length; left > 0;) {
      Result<int64_t> copied = CopySome(at, left, to);
      if (!copied.ok()) return ArrowStatus(std::move(copied).error());
      at += *copied;
      to += *copied;
      left -= *copied;
    }
    return length;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t at, int64_t length) override {
    const int64_t there = std::min(length, std::max<int64_t>(ranges_->size() - at, 0));
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(std::max<int64_t>(there, 0)));
    ARROW_ASSIGN_OR_RAISE(const int64_t got, ReadAt(at, length, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(got));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

 private:
  struct CachedBlock {
    std::shared_ptr<const std::string> bytes;
    int64_t used = 0;   // bytes of it that were read
    uint64_t turn = 0;  // when it was last
  };

  // Up to `length` bytes; at least one.
  Result<int64_t> CopySome(int64_t at, int64_t length, char* out) {
    int64_t block_size = 0;
    {
      const std::lock_guard lock(mutex_);
      if (const int64_t copied = CopyCached(at, length, out); copied > 0) return copied;
      block_size = block_size_;
    }
    // What is larger than a block is not read twice.
    const bool direct = length >= block_size;
    const int64_t start = direct ? at : at - at % block_size;
    const int64_t size = direct ? length : std::min(block_size, ranges_->size() - start);
    std::string bytes = TRY(ranges_->Read(start, size, stop_));
    if (direct) {
      std::memcpy(out, bytes.data(), bytes.size());
      return size;
    }
    const std::lock_guard lock(mutex_);
    Keep(start, std::move(bytes));
    const int64_t copied = CopyCached(at, length, out);
    CHECK(copied > 0);
    return copied;
  }

  // With mutex_ held. 0: it is not there.
  int64_t CopyCached(int64_t at, int64_t length, char* out) {
    auto block = blocks_.upper_bound(at);
    if (block == blocks_.begin()) return 0;
    --block;
    CachedBlock& found = block->second;
    const int64_t offset = at - block->first;
    const auto size = static_cast<int64_t>(found.bytes->size());
    if (offset >= size) return 0;
    const int64_t count = std::min(length, size - offset);
    std::memcpy(out, found.bytes->data() + offset, static_cast<size_t>(count));
    found.used += count;
    found.turn = ++turn_;
    return count;
  }

  // With mutex_ held.
  void Keep(int64_t start, std::string bytes) {
    cached_ += static_cast<int64_t>(bytes.size());
    CachedBlock& block = blocks_[start];
    if (block.bytes != nullptr) cached_ -= static_cast<int64_t>(block.bytes->size());
    block = {std::make_shared<const std::string>(std::move(bytes)), 0, ++turn_};
    while (cached_ > kCacheBytes && blocks_.size() > 1) {
      const auto oldest = std::min_element(
          blocks_.begin(), blocks_.end(),
          [](const auto& a, const auto& b) { return a.second.turn < b.second.turn; });
      const auto size = static_cast<int64_t>(oldest->second.bytes->size());
      // More columns are read beside each other than there are blocks: smaller ones, then.
      if (oldest->second.used < size / 2) block_size_ = std::max(block_size_ / 2, kBlockLeast);
      cached_ -= size;
      blocks_.erase(oldest);
    }
  }

  const std::shared_ptr<const ByteRanges> ranges_;
  const std::stop_token stop_;
  int64_t position_ = 0;
  bool closed_ = false;

  std::mutex mutex_;
  // protected by mutex_:
  std::map<int64_t, CachedBlock> blocks_;  // by their first byte
  int64_t cached_ = 0;
  int64_t block_size_ = kBlockMost;
  uint64_t turn_ = 0;
};

// --- from front to back ---

class RangeInput final : public Input {
 public:
  RangeInput(std::shared_ptr<const ByteRanges> ranges, const std::stop_token& stop)
      : ranges_(std::move(ranges)), outer_stop_(stop, [this] { stop_.request_stop(); }) {
    Begin(0);
  }
  RangeInput(const RangeInput&) = delete;
  RangeInput& operator=(const RangeInput&) = delete;
  ~RangeInput() override {
    stop_.request_stop();
    if (next_.valid()) next_.wait();
  }

  Result<size_t> Read(std::span<char> out) override {
    size_t filled = 0;
    while (filled < out.size()) {
      if (at_ == block_.size() && !TRY(Advance())) break;
      const size_t count = std::min(out.size() - filled, block_.size() - at_);
      std::memcpy(out.data() + filled, block_.data() + at_, count);
      at_ += count;
      filled += count;
    }
    read_.fetch_add(static_cast<int64_t>(filled), std::memory_order_relaxed);
    return filled;
  }
  Compression compression() const override { return Compression::kNone; }
  int64_t BytesTotal() const override { return ranges_->size(); }
  int64_t BytesRead() const override { return read_.load(std::memory_order_relaxed); }

 private:
  // Asks for the block from `start` on, in a thread of its own.
  void Begin(int64_t start) {
    const int64_t size = std::min(kInputBlock, ranges_->size() - start);
    if (size <= 0) return;
    next_start_ = start + size;
    next_ = std::async(std::launch::async, [this, start, size] {
      return ranges_->Read(start, size, stop_.get_token());
    });
  }

  // False: there is no more.
  Result<bool> Advance() {
    // Once failed it stays so: the end that was not reached must not look like one.
    if (failed_) return *failed_;
    if (!next_.valid()) return false;
    Result<std::string> block = next_.get();
    if (!block.ok()) {
      failed_ = block.error();
      return *failed_;
    }
    block_ = *std::move(block);
    at_ = 0;
    Begin(next_start_);
    return true;
  }

  const std::shared_ptr<const ByteRanges> ranges_;
  std::stop_source stop_;
  std::string block_;
  size_t at_ = 0;  // in block_
  std::atomic<int64_t> read_ = 0;
  std::optional<Error> failed_;
  int64_t next_start_ = 0;
  std::future<Result<std::string>> next_;
  std::stop_callback<std::function<void()>> outer_stop_;
};

}  // namespace

std::shared_ptr<arrow::io::RandomAccessFile> MakeRangeFile(std::shared_ptr<const ByteRanges> ranges,
                                                           std::stop_token stop) {
  return std::make_shared<RangeFile>(std::move(ranges), std::move(stop));
}

std::unique_ptr<Input> MakeRangeInput(std::shared_ptr<const ByteRanges> ranges,
                                      const std::stop_token& stop) {
  return std::make_unique<RangeInput>(std::move(ranges), stop);
}

Result<std::string> DigestOf(arrow::io::RandomAccessFile& file, const DigestRequest& request) {
  Sha256 digest;
  for (int64_t at = 0; at < request.size; at += kDigestBlock) {
    if (request.stop.stop_requested()) return Error(ErrorKind::kCancelled, code::load_cancelled);
    auto block = file.ReadAt(at, std::min(kDigestBlock, request.size - at));
    if (!block.ok()) {
      return ArrowError(block.status(), request.name, {FileAction::kRead, code::store_gone});
    }
    digest.Update(
        {reinterpret_cast<const char*>((*block)->data()), static_cast<size_t>((*block)->size())});
  }
  return HexText(digest.Finish());
}

}  // namespace eclusa
