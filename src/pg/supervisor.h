// The supervisor: the process that owns a private server from its start to its end.
//
// It is this same binary, started by PrivateServer as `eclusa supervise FOLDER BINDIR`, which
// leaves its parent and its session, gives up root, makes the data folder where there is none,
// clears what a killed server left behind, starts postgres, and says over a pipe (kHandedOver) how
// that went. Then it sleeps until one of these happens:
//   - nobody holds the folder's users.lock and the server is not to stay, or SIGTERM or SIGINT
//   comes:
//     it stops the server (fast shutdown) and ends;
//   - the server dies: it starts it again, a few times;
//   - it is killed itself: the kernel stops the server (PR_SET_PDEATHSIG).
// While it lives it holds supervisor.lock; while it stops for want of users, users.lock too.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/result.h"

namespace eclusa {

inline constexpr std::string_view kSuperviseCommand = "supervise";

// True where a program was called to be the supervisor. To be asked first thing in main, before any
// thread is started.
bool IsSupervisor(int argc, char** argv);

// Never returns to the caller's business: the result is the exit status of the process.
int RunSupervisor(int argc, char** argv);

// What the supervisor says over the pipe: an error as bytes, or success as "ready".
std::string EncodeStartOutcome(const Status& outcome);
// Bytes that are no outcome, such as none at all because it was killed, are server.did_not_start.
Status DecodeStartOutcome(std::string_view bytes, const std::string& log);

}  // namespace eclusa
