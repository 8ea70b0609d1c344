// The threads on which handlers run: blocking code, away from the event loop.
//
// Tasks run in the order in which they came. A task must not throw. Threads: safe from any. Stop
// runs what is queued, then joins; a task that is added after Stop runs at once, in the caller.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace eclusa::http {

class HandlerPool {
 public:
  using Task = std::function<void()>;

  HandlerPool(size_t threads, size_t waiting_max);
  ~HandlerPool();
  HandlerPool(const HandlerPool&) = delete;
  HandlerPool& operator=(const HandlerPool&) = delete;

  // A new request. False: as many as may wait are waiting already; `task` is dropped.
  bool Offer(Task task);
  // A further step of a request that was let in: always taken. There is at most one per connection.
  void Add(Task task);
  void Stop();

 private:
  struct Entry {
    Task task;
    bool offered;
  };
  void Run();
  void Push(Task task, bool offered, std::unique_lock<std::mutex> lock);

  const size_t waiting_max_;  // constant after construction

  std::mutex mutex_;
  // protected by mutex_:
  std::condition_variable filled_;
  std::deque<Entry> tasks_;
  size_t waiting_ = 0;  // of tasks_, those that were offered
  size_t idle_ = 0;     // threads without a task
  bool stopped_ = false;

  std::vector<std::jthread> threads_;
};

}  // namespace eclusa::http
