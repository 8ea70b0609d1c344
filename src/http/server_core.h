// What all connections of a server share.
//
// Constant after construction but for what says so; outlives every connection and every task.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>

#include "http/asio.h"
#include "http/handler_pool.h"
#include "http/message.h"
#include "http/router.h"
#include "http/server.h"

namespace eclusa::http {

class Connection;

// How many connections there are, in all and of each address. Threads: safe from any.
class ConnectionCounts {
 public:
  void Add(const std::string& address) {
    const std::lock_guard lock(mutex_);
    ++all_;
    if (!address.empty()) ++of_[address];
  }
  void Remove(const std::string& address) {
    const std::lock_guard lock(mutex_);
    if (--all_ == 0) none_.notify_all();
    const auto found = of_.find(address);
    if (found != of_.end() && --found->second == 0) of_.erase(found);
  }
  // In all, and of this address.
  std::pair<int, int> Get(const std::string& address) {
    const std::lock_guard lock(mutex_);
    const auto found = of_.find(address);
    return {all_, found == of_.end() ? 0 : found->second};
  }
  // False: some were left when the time was over.
  bool WaitForNone(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, timeout, [&] { return all_ == 0; });
  }

 private:
  std::mutex mutex_;
  // protected by mutex_:
  std::condition_variable none_;
  std::map<std::string, int> of_;
  int all_ = 0;
};

struct ServerCore {
  ServerCore(ServerConfig config_in, Router router_in, ServerHooks hooks_in)
      : config(std::move(config_in)),
        router(std::move(router_in)),
        hooks(std::move(hooks_in)),
        pool(static_cast<size_t>(config.pool_threads), static_cast<size_t>(config.waiting_max)) {}

  const ServerConfig config;
  const Router router;
  const ServerHooks hooks;
  ConnectionCounts counts;
  std::atomic<bool> draining = false;  // answer what runs, begin nothing
  HandlerPool pool;
};

// One thread's event loop with its connections, each of which stays in it.
struct Loop {
  asio::io_context context{1};
  asio::executor_work_guard<LoopExecutor> guard{context.get_executor()};
  std::unordered_set<Connection*> connections;  // touched by the loop's thread alone
};

}  // namespace eclusa::http
