#include "http/retry.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>

namespace eclusa {

RetryClock RetryClock::Real() {
  return {
      [](std::chrono::milliseconds time, const std::stop_token& stop) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any never;
        never.wait_for(lock, stop, time, [] { return false; });
        return !stop.stop_requested();
      },
      [] {
        thread_local std::minstd_rand generator(std::random_device{}());
        return std::uniform_real_distribution<double>(0, 1)(generator);
      },
  };
}

std::chrono::milliseconds RetryDelay(const RetryPlan& plan, int failed, double random) {
  std::chrono::milliseconds most = plan.first;
  for (int i = 1; i < failed && most < plan.longest; ++i) most *= 2;
  most = std::min(most, plan.longest);
  return std::chrono::milliseconds(
      static_cast<int64_t>(static_cast<double>(most.count()) * random));
}

}  // namespace eclusa
