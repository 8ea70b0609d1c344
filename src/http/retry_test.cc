#include "http/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "model/codes.h"

namespace eclusa {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

// Waits for nothing and remembers what was asked of it.
struct FakeClock {
  std::vector<int64_t> waits;
  RetryClock Clock(double random) {
    return {[this](milliseconds time, const std::stop_token& stop) {
              waits.push_back(time.count());
              return !stop.stop_requested();
            },
            [random] { return random; }};
  }
};

const RetryPlan kPlan{6, milliseconds(100), milliseconds(500)};

Result<int> Away() { return Error(ErrorKind::kUnavailable, code::http_unreachable); }

TEST(Retried, WaitsLongerEachTimeUpToTheLongest) {
  FakeClock clock;
  int calls = 0;
  const auto outcome = Retried(kPlan, clock.Clock(0.999), {}, [&] {
    ++calls;
    return Away();
  });
  EXPECT_FALSE(outcome.ok());
  EXPECT_EQ(calls, 6);
  EXPECT_THAT(clock.waits, ElementsAre(99, 199, 399, 499, 499));
}

TEST(Retried, TakesARandomPartOfTheWait) {
  EXPECT_EQ(RetryDelay(kPlan, 1, 0.0).count(), 0);
  EXPECT_EQ(RetryDelay(kPlan, 2, 0.5).count(), 100);
  EXPECT_EQ(RetryDelay(kPlan, 60, 0.5).count(), 250);
}

TEST(Retried, GivesTheFirstSuccess) {
  FakeClock clock;
  int calls = 0;
  const auto outcome = Retried(kPlan, clock.Clock(0.5), {},
                               [&] { return ++calls < 3 ? Away() : Result<int>(calls); });
  EXPECT_EQ(outcome.value(), 3);
  EXPECT_THAT(clock.waits, ElementsAre(50, 100));
}

TEST(Retried, DoesNotRepeatWhatCannotHelp) {
  FakeClock clock;
  int calls = 0;
  const auto outcome = Retried(kPlan, clock.Clock(0.5), {}, [&]() -> Status {
    ++calls;
    return Error(ErrorKind::kInvalid, code::http_url_malformed);
  });
  EXPECT_EQ(outcome.error().code(), code::http_url_malformed);
  EXPECT_EQ(calls, 1);
}

TEST(Retried, EndsItsWaitWhenStopped) {
  std::stop_source stop;
  int calls = 0;
  const auto outcome =
      Retried({5, milliseconds(3'600'000), milliseconds(3'600'000)},
              {RetryClock::Real().wait, [] { return 0.9; }}, stop.get_token(), [&] {
                ++calls;
                stop.request_stop();
                return Away();
              });
  EXPECT_FALSE(outcome.ok());
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace eclusa
