// Ctrl-C and SIGTERM as a stop token: the one way in which a user ends a running command.
//
// A second signal ends the process at once. Threads: call InstallStopSignals once, from main,
// before other threads start (it blocks the signals and waits for them in a thread of its own).
#pragma once

#include <stop_token>

namespace eclusa {

std::stop_token InstallStopSignals();

}  // namespace eclusa
