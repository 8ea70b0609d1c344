#include "core/wait.h"

#include <condition_variable>
#include <mutex>

namespace eclusa {

void WaitOrStop(std::chrono::milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, duration, [] { return false; });
}

}  // namespace eclusa
