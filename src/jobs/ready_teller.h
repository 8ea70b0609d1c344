// ReadyTeller: tells workers and publishers of other processes that jobs are ready, for one that
// makes many.
//
// NOTIFY over a session of its own, after the jobs' commits, at most once in 100 ms: notifications
// wait for each other at their commit. Tell returns at once. A database that is away is not told:
// those who listen look by themselves then. Threads: Tell from any.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace eclusa {

class ReadyTeller {
 public:
  explicit ReadyTeller(std::string conninfo);
  void Tell();

 private:
  void Run(const std::stop_token& stop);

  const std::string conninfo_;
  std::mutex mutex_;
  std::condition_variable_any told_;
  bool pending_ = false;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace eclusa
