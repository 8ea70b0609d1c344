#include "dispatch/reconnect.h"

#include <algorithm>
#include <random>

#include "core/log.h"

namespace eclusa {

bool Reconnect::Live() {
  wait_ = kFirst;
  if (live_) return false;
  live_ = true;
  told_.clear();
  LogInfo("broker_live", {{"use", use_}});
  return true;
}

std::chrono::milliseconds Reconnect::Away(const Error& error) {
  // How a connection was lost and that no other can be had are one thing.
  const bool same =
      told_ == error.code() || (!told_.empty() && error.kind() == ErrorKind::kUnavailable);
  if (live_ || !same) {
    told_ = error.code();
    std::string detail;
    for (const auto& [name, value] : error.arguments()) {
      detail += (detail.empty() ? "" : ", ") + name + " " + value;
    }
    LogWarning("broker_away", {{"use", use_}, {"code", error.code()}, {"detail", detail}});
  }
  live_ = false;
  thread_local std::minstd_rand random(std::random_device{}());
  const auto wait = wait_ * std::uniform_int_distribution<int64_t>(750, 1250)(random) / 1000;
  wait_ = std::min(wait_ * 2, kMost);
  return wait;
}

}  // namespace eclusa
