#include "pg/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>

#include "model/codes.h"

extern char** environ;

namespace eclusa {
namespace {

constexpr size_t kOutputMax = 64 * 1024;
constexpr int kCannotExecute = 127;

// Passed on, not read: what steers PostgreSQL or would change the language of its messages is left
// out, and so is what would make a server that knows systemd report to our caller's service.
bool PassedOn(std::string_view variable) {
  for (const std::string_view prefix : {"PG", "LC_", "LANG=", "LANGUAGE=", "NOTIFY_SOCKET="}) {
    if (variable.starts_with(prefix)) return false;
  }
  return true;
}

std::vector<char*> ChildEnvironment() {
  std::vector<char*> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (PassedOn(*variable)) variables.push_back(*variable);
  }
  variables.push_back(nullptr);
  return variables;
}

struct Prepared {
  const char* program;
  char* const* arguments;
  char* const* environment;
  int output;
  int handed_over;
  int death_signal;
  pid_t parent;
};

// Between fork and exec: only async-signal-safe calls, nothing allocated.
[[noreturn]] void BecomeProgram(const Prepared& child) {
  if (child.death_signal != 0) {
    prctl(PR_SET_PDEATHSIG, child.death_signal);
    if (getppid() != child.parent) _exit(kCannotExecute);  // it ended before we asked
  }
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &by_default, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);

  // Out of the way of the numbers that are about to be given out.
  const int output = fcntl(child.output, F_DUPFD, 10);
  const int handed_over = child.handed_over < 0 ? -1 : fcntl(child.handed_over, F_DUPFD, 10);
  const int null = open("/dev/null", O_RDWR);
  dup2(null, STDIN_FILENO);
  dup2(output < 0 ? null : output, STDOUT_FILENO);
  dup2(output < 0 ? null : output, STDERR_FILENO);
  if (handed_over >= 0) {
    dup2(handed_over, kHandedOver);
    close_range(kHandedOver + 1, ~0U, 0);
  } else {
    close_range(kHandedOver, ~0U, 0);
  }
  execve(child.program, child.arguments, child.environment);
  _exit(kCannotExecute);
}

Error CannotRun(const std::string& program, std::string detail) {
  return {ErrorKind::kUnavailable,
          code::server_cannot_run,
          {{"program", program}, {"detail", std::move(detail)}}};
}

// Waits for a child's end, or kills it.
int Reap(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Reads until the other end is closed. False: time is up.
bool ReadAll(int fd, std::chrono::steady_clock::time_point until, std::string* output) {
  char buffer[4096];
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd readable{fd, POLLIN, 0};
    const int ready = poll(&readable, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;
    if (output->size() < kOutputMax) output->append(buffer, static_cast<size_t>(count));
  }
}

}  // namespace

Result<pid_t> StartChild(const ChildRequest& request) {
  CHECK(!request.arguments.empty());
  std::vector<std::string> texts = request.arguments;
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  const std::vector<char*> environment = ChildEnvironment();
  const Prepared child{.program = request.program.empty() ? arguments[0] : request.program.c_str(),
                       .arguments = arguments.data(),
                       .environment = environment.data(),
                       .output = request.output,
                       .handed_over = request.handed_over,
                       .death_signal = request.death_signal,
                       .parent = getpid()};
  // No handler of ours may run in the child.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) BecomeProgram(child);
  const int cause = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return CannotRun(request.arguments[0], std::strerror(cause));
  return pid;
}

Result<ProgramEnd> RunProgram(std::vector<std::string> arguments, std::chrono::seconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return CannotRun(arguments[0], std::strerror(errno));
  const Result<pid_t> pid = StartChild(
      {.program = {}, .arguments = arguments, .output = ends[1], .death_signal = SIGKILL});
  close(ends[1]);
  if (!pid.ok()) {
    close(ends[0]);
    return pid.error();
  }
  ProgramEnd end;
  const bool in_time = ReadAll(ends[0], until, &end.output);
  close(ends[0]);
  if (!in_time) kill(*pid, SIGKILL);
  end.status = Reap(*pid);
  if (!in_time) {
    return CannotRun(arguments[0], "no end after " + std::to_string(at_most.count()) + " s");
  }
  return end;
}

// glibc 2.36 declares pidfd_open for C alone.
int OpenProcess(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

}  // namespace eclusa
