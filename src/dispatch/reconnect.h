// Reconnect: when to try a broker again, and what the log says of it: that it is away, once, and
// that it is there again, once.
//
// The wait doubles with each failure, give or take a quarter, so that many workers do not come back
// at one moment. Threads: one.
#pragma once

#include <chrono>
#include <string>

#include "core/result.h"

namespace eclusa {

class Reconnect {
 public:
  static constexpr std::chrono::milliseconds kFirst{200};
  static constexpr std::chrono::milliseconds kMost{2000};

  // `use`: what for, in the log.
  explicit Reconnect(std::string use) : use_(std::move(use)) {}

  // It works. True: it did not before.
  bool Live();
  // It does not; how long to wait.
  std::chrono::milliseconds Away(const Error& error);

 private:
  const std::string use_;
  bool live_ = false;
  std::string told_;  // the code that the log has
  std::chrono::milliseconds wait_ = kFirst;
};

}  // namespace eclusa
