// Waiting that a stop token ends. Threads: any.
#pragma once

#include <chrono>
#include <stop_token>

namespace eclusa {

// Waits that long, or until told to stop.
void WaitOrStop(std::chrono::milliseconds duration, const std::stop_token& stop);

}  // namespace eclusa
