// A queue between threads, bounded by the bytes of what is in it, so that memory does not depend on
// how fast the other side is.
//
// An item larger than the bound passes when the queue is empty. Close() by the producer ends the
// stream; Abort() by either side wakes and refuses both. Threads: any number of producers and
// consumers.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace eclusa {

template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t bytes_max) : bytes_max_(bytes_max) {}

  // Waits for room. False: the queue was aborted, the item is dropped.
  bool Push(T item, size_t bytes) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return aborted_ || items_.empty() || bytes_ + bytes <= bytes_max_; });
    if (aborted_) return false;
    bytes_ += bytes;
    items_.emplace_back(std::move(item), bytes);
    filled_.notify_one();
    return true;
  }

  // Waits for an item. Nothing: the queue is closed and empty, or aborted.
  std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return aborted_ || closed_ || !items_.empty(); });
    if (aborted_ || items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front().first));
    bytes_ -= items_.front().second;
    items_.pop_front();
    room_.notify_all();
    return item;
  }

  // Whether the stream was broken off: a consumer that pops nothing asks.
  bool aborted() {
    const std::lock_guard lock(mutex_);
    return aborted_;
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    filled_.notify_all();
  }

  void Abort() {
    const std::lock_guard lock(mutex_);
    aborted_ = true;
    items_.clear();
    filled_.notify_all();
    room_.notify_all();
  }

 private:
  const size_t bytes_max_;  // constant after construction

  std::mutex mutex_;
  // protected by mutex_:
  std::condition_variable room_;
  std::condition_variable filled_;
  std::deque<std::pair<T, size_t>> items_;
  size_t bytes_ = 0;
  bool closed_ = false;
  bool aborted_ = false;
};

}  // namespace eclusa
