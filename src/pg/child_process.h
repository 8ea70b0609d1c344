// Child processes: starting a program, and running one to its end for what it prints.
//
// A child begins with default signals, no signal blocked, /dev/null as its input, no file of its
// parent's but those given, and the parent's environment without what would steer PostgreSQL (PG*,
// NOTIFY_SOCKET) or change its language. Safe with threads running: between fork and exec only
// async-signal-safe calls are made.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/result.h"

namespace eclusa {

struct ChildRequest {
  std::string program;                 // its path; empty: the first argument
  std::vector<std::string> arguments;  // its name first
  int output = -1;                     // its standard output and error; -1: /dev/null
  int handed_over = -1;                // where not -1, a file that it finds as kHandedOver
  // The signal that it gets when the thread that started it ends; 0: none.
  int death_signal = 0;
};
inline constexpr int kHandedOver = 3;

// A program that cannot be run ends with status 127. Errors: server.cannot_run (no process to be
// had).
Result<pid_t> StartChild(const ChildRequest& request);

struct ProgramEnd {
  int status = 0;      // 128 + N where signal N ended it
  std::string output;  // the first 64 KiB of standard output and error
};

// It is killed when time is up or the caller ends. Errors: server.cannot_run, also where it did not
// end in time.
Result<ProgramEnd> RunProgram(std::vector<std::string> arguments, std::chrono::seconds at_most);

// A descriptor that becomes readable when a process, no matter whose child, ends; -1: there is
// none.
int OpenProcess(pid_t pid);

}  // namespace eclusa
