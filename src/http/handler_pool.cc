#include "http/handler_pool.h"

#include <utility>

namespace eclusa::http {

HandlerPool::HandlerPool(size_t threads, size_t waiting_max) : waiting_max_(waiting_max) {
  threads_.reserve(threads);
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

HandlerPool::~HandlerPool() { Stop(); }

bool HandlerPool::Offer(Task task) {
  std::unique_lock lock(mutex_);
  if (waiting_ >= waiting_max_) return false;
  Push(std::move(task), true, std::move(lock));
  return true;
}

void HandlerPool::Add(Task task) { Push(std::move(task), false, std::unique_lock(mutex_)); }

void HandlerPool::Push(Task task, bool offered, std::unique_lock<std::mutex> lock) {
  if (stopped_) {
    lock.unlock();
    task();
    return;
  }
  tasks_.push_back({std::move(task), offered});
  if (offered) ++waiting_;
  const bool wake = idle_ > 0;
  lock.unlock();
  if (wake) filled_.notify_one();
}

void HandlerPool::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    while (tasks_.empty() && !stopped_) {
      ++idle_;
      filled_.wait(lock);
      --idle_;
    }
    if (tasks_.empty()) return;
    Entry entry = std::move(tasks_.front());
    tasks_.pop_front();
    if (entry.offered) --waiting_;
    lock.unlock();
    entry.task();
    entry.task = nullptr;  // what it held goes here, outside the lock
    lock.lock();
  }
}

void HandlerPool::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  filled_.notify_all();
  threads_.clear();
}

}  // namespace eclusa::http
