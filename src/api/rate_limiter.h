// RateLimiter: so many requests a minute of each caller, in the memory of this server.
//
// A bucket of tokens per caller: full at first, so that a minute's worth may come at once, and
// filled up evenly. Kept as the time at which it will be full (GCRA): one number a caller, and
// none for a bucket that is full. Threads: any.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "http/message.h"

namespace eclusa::api {

struct RateTurn {
  bool granted = true;
  int64_t limit = 0;
  int64_t remaining = 0;
  std::chrono::seconds full_after{0};   // rounded up
  std::chrono::seconds retry_after{0};  // of one that is not granted: at least 1
};
// RateLimit-Limit, -Remaining and -Reset; Retry-After where it is not granted.
void SayRate(const RateTurn& turn, http::Response& response);

class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  // 0: any number.
  explicit RateLimiter(int64_t per_minute, std::function<Clock::time_point()> now = Clock::now);

  // One request; nothing where there is no limit. `own`: the caller's, in place of everybody's.
  std::optional<RateTurn> Take(const std::string& caller, std::optional<int64_t> own = {});
  // Callers whose buckets are kept.
  size_t size() const;

 private:
  void Forget(Clock::time_point now);

  const int64_t per_minute_;
  const std::function<Clock::time_point()> now_;

  mutable std::mutex mutex_;
  // protected by mutex_:
  std::unordered_map<std::string, Clock::time_point> full_at_;
  size_t forget_at_;
};

}  // namespace eclusa::api
