// How fast a client sends or takes bytes, by the time in which the server waits for it alone.
//
// Against clients that hold a connection by a byte now and then. Values; the loop's thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "http/server_config.h"

namespace eclusa::http {

class ClientRate {
 public:
  using Clock = std::chrono::steady_clock;

  // The wait for the next bytes begins. Says how long it may be: `silence`, or what the bytes of
  // before have earned where that is less.
  std::chrono::milliseconds Begin(const ServerConfig& config, std::chrono::milliseconds silence,
                                  Clock::time_point now = Clock::now()) {
    began_ = now;
    const std::chrono::milliseconds earned(bytes_ * 1000 / config.bytes_per_second_min);
    const auto left = config.rate_grace + earned - waited_;
    return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(left),
                      std::chrono::milliseconds(0), silence);
  }
  void End(uint64_t bytes, Clock::time_point now = Clock::now()) {
    waited_ += now - began_;
    bytes_ += bytes;
  }

 private:
  uint64_t bytes_ = 0;
  Clock::duration waited_{0};
  Clock::time_point began_;
};

}  // namespace eclusa::http
