#include "api/rate_limiter.h"

#include <gtest/gtest.h>

namespace eclusa::api {
namespace {

using std::chrono::seconds;

class RateLimiterTest : public testing::Test {
 protected:
  RateLimiter Limiter(int64_t per_minute) {
    return RateLimiter(per_minute, [this] { return now_; });
  }
  RateLimiter::Clock::time_point now_ = RateLimiter::Clock::time_point(seconds(1000));
};

TEST_F(RateLimiterTest, GrantsAMinutesWorthAtOnceAndNotOneMore) {
  RateLimiter limiter = Limiter(7);  // not a divisor of a minute
  for (int64_t left = 6; left >= 0; --left) {
    const RateTurn turn = limiter.Take("a").value();
    EXPECT_TRUE(turn.granted) << left;
    EXPECT_EQ(turn.remaining, left);
    EXPECT_EQ(turn.limit, 7);
  }
  const RateTurn refused = limiter.Take("a").value();
  EXPECT_FALSE(refused.granted);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_EQ(refused.retry_after, seconds(9));  // 60 / 7, rounded up
  EXPECT_EQ(refused.full_after, seconds(60));
}

TEST_F(RateLimiterTest, GrantsAgainAfterTheTimeThatItSaid) {
  RateLimiter limiter = Limiter(2);
  EXPECT_TRUE(limiter.Take("a")->granted);
  EXPECT_TRUE(limiter.Take("a")->granted);
  const seconds wait = limiter.Take("a")->retry_after;
  EXPECT_EQ(wait, seconds(30));
  now_ += wait - seconds(1);
  EXPECT_FALSE(limiter.Take("a")->granted);  // and it costs nothing to have asked
  now_ += seconds(1);
  EXPECT_TRUE(limiter.Take("a")->granted);
  EXPECT_FALSE(limiter.Take("a")->granted);
}

TEST_F(RateLimiterTest, FillsUpToAMinutesWorthAndNoFurther) {
  RateLimiter limiter = Limiter(3);
  EXPECT_EQ(limiter.Take("a")->remaining, 2);
  now_ += std::chrono::hours(5);
  EXPECT_EQ(limiter.Take("a")->remaining, 2);
}

TEST_F(RateLimiterTest, CountsEachCallerAlone) {
  RateLimiter limiter = Limiter(1);
  EXPECT_TRUE(limiter.Take("token:1")->granted);
  EXPECT_FALSE(limiter.Take("token:1")->granted);
  EXPECT_TRUE(limiter.Take("jwt:1")->granted);
}

TEST_F(RateLimiterTest, KeepsNoCallersWhoseBucketsAreFull) {
  RateLimiter limiter = Limiter(10);
  for (int caller = 0; caller < 1024; ++caller) limiter.Take(std::to_string(caller));
  EXPECT_EQ(limiter.size(), 1024U);
  now_ += seconds(7);
  limiter.Take("one more");
  EXPECT_EQ(limiter.size(), 1U);
}

TEST_F(RateLimiterTest, LimitsNothingAtZeroAndStandsTheLargestNumber) {
  EXPECT_FALSE(Limiter(0).Take("a").has_value());
  EXPECT_TRUE(Limiter(INT64_MAX).Take("a")->granted);
}

TEST(SayRateTest, TellsTheClient) {
  http::Response response;
  SayRate({.granted = false,
           .limit = 10,
           .remaining = 0,
           .full_after = seconds(60),
           .retry_after = seconds(6)},
          response);
  EXPECT_EQ(*response.headers.Find("RateLimit-Limit"), "10");
  EXPECT_EQ(*response.headers.Find("RateLimit-Remaining"), "0");
  EXPECT_EQ(*response.headers.Find("RateLimit-Reset"), "60");
  EXPECT_EQ(*response.headers.Find("Retry-After"), "6");
  http::Response granted;
  SayRate({.granted = true, .limit = 10, .remaining = 3}, granted);
  EXPECT_EQ(granted.headers.Find("Retry-After"), nullptr);
}

}  // namespace
}  // namespace eclusa::api
