#include "api/rate_limiter.h"

#include <algorithm>

namespace eclusa::api {
namespace {

constexpr std::chrono::minutes kWindow{1};
constexpr int64_t kPerMinuteMax = 1'000'000'000;  // each is a whole number of nanoseconds still
constexpr size_t kForgetAtLeast = 1024;

}  // namespace

void SayRate(const RateTurn& turn, http::Response& response) {
  response.headers.Set("RateLimit-Limit", std::to_string(turn.limit));
  response.headers.Set("RateLimit-Remaining", std::to_string(turn.remaining));
  response.headers.Set("RateLimit-Reset", std::to_string(turn.full_after.count()));
  if (!turn.granted) {
    response.headers.Set("Retry-After", std::to_string(turn.retry_after.count()));
  }
}

RateLimiter::RateLimiter(int64_t per_minute, std::function<Clock::time_point()> now)
    : per_minute_(per_minute), now_(std::move(now)), forget_at_(kForgetAtLeast) {}

std::optional<RateTurn> RateLimiter::Take(const std::string& caller, std::optional<int64_t> own) {
  const int64_t limit = std::min(own.value_or(per_minute_), kPerMinuteMax);
  if (limit <= 0) return std::nullopt;
  const Clock::duration each = Clock::duration(kWindow) / limit;  // one request's way back
  const Clock::time_point now = now_();
  const std::lock_guard lock(mutex_);
  if (full_at_.size() >= forget_at_) Forget(now);
  Clock::time_point& kept = full_at_[caller];
  const Clock::time_point full_at = std::max(kept, now) + each;
  RateTurn turn{.granted = full_at - now <= kWindow, .limit = limit};
  if (turn.granted) {
    kept = full_at;
    turn.remaining = (kWindow - (full_at - now)) / each;
  } else {
    turn.retry_after = std::chrono::ceil<std::chrono::seconds>(full_at - now - kWindow);
  }
  turn.full_after = std::chrono::ceil<std::chrono::seconds>(kept - now);
  return turn;
}

size_t RateLimiter::size() const {
  const std::lock_guard lock(mutex_);
  return full_at_.size();
}

// Full buckets are as good as none.
void RateLimiter::Forget(Clock::time_point now) {
  std::erase_if(full_at_, [&](const auto& entry) { return entry.second <= now; });
  forget_at_ = std::max(kForgetAtLeast, 2 * full_at_.size());
}

}  // namespace eclusa::api
