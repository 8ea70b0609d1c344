// Retried: asks again, after waits that grow, where an operation says that it may help.
//
// Only kUnavailable is tried again. The wait before attempt n is a random part of first * 2^(n-1),
// at most `longest` ("full jitter": those who failed together do not come back together). What is
// tried must be repeatable; that is the caller's to know. Threads: as what is tried.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "core/result.h"

namespace eclusa {

struct RetryPlan {
  int attempts = 4;  // the first one included
  std::chrono::milliseconds first{200};
  std::chrono::milliseconds longest{5000};
};

// Where waiting and chance come from.
struct RetryClock {
  // False: `stop` ended the wait.
  std::function<bool(std::chrono::milliseconds, const std::stop_token& stop)> wait;
  std::function<double()> random;  // at least 0, less than 1

  static RetryClock Real();
};

// The wait before the attempt that follows `failed` failed ones.
std::chrono::milliseconds RetryDelay(const RetryPlan& plan, int failed, double random);

// `operation` returns a Result; the last one is returned.
template <class Operation>
auto Retried(const RetryPlan& plan, const RetryClock& clock, const std::stop_token& stop,
             Operation operation) {
  for (int failed = 1;; ++failed) {
    auto outcome = operation();
    if (outcome.ok() || outcome.error().kind() != ErrorKind::kUnavailable ||
        failed >= plan.attempts) {
      return outcome;
    }
    if (!clock.wait(RetryDelay(plan, failed, clock.random()), stop)) return outcome;
  }
}

}  // namespace eclusa
