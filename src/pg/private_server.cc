#include "pg/private_server.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "model/codes.h"
#include "pg/child_process.h"
#include "pg/installation.h"
#include "pg/server_folder.h"
#include "pg/supervisor.h"

namespace eclusa {
namespace {

using Mode = FileLock::Mode;

// As long as the supervisor itself may take to start (crash recovery) and to stop (checkpoint).
constexpr std::chrono::minutes kStartTime{11};
constexpr std::chrono::minutes kStopTime{6};
constexpr int kStopPollMs = 100;

WaitLimit LimitOf(std::chrono::minutes at_most, const std::stop_token& stop) {
  return {std::chrono::steady_clock::now() + at_most, stop};
}

// A wait that was given up: by the user, or because time was up.
Error GivenUp(const ServerFolder& folder, const WaitLimit& limit) {
  if (limit.stop.stop_requested()) return {ErrorKind::kCancelled, code::load_cancelled};
  return {ErrorKind::kUnavailable, code::server_busy, {{"path", folder.path}}};
}

bool SupervisorLives(const ServerFolder& folder) {
  Result<FileLock> lock = FileLock::Open(folder.supervisor_lock());
  return lock.ok() && !lock->TryLock(Mode::kShared);
}

pid_t SupervisorPid(const ServerFolder& folder) {
  std::ifstream file(folder.supervisor_lock());
  pid_t pid = 0;
  file >> pid;
  return pid;
}

bool Answers(const ServerFolder& folder) {
  // Its own word first: a server that is starting would log each attempt.
  const std::optional<Postmaster> postmaster = ReadPostmaster(folder);
  return postmaster && postmaster->ready && PQping(folder.Conninfo().c_str()) == PQPING_OK;
}

// Reads what the supervisor says until it closes its end.
Status AwaitOutcome(int pipe_end, const ServerFolder& folder, const WaitLimit& limit) {
  std::string bytes;
  char buffer[1024];
  for (;;) {
    if (limit.stop.stop_requested() || std::chrono::steady_clock::now() > limit.until) {
      return GivenUp(folder, limit);
    }
    pollfd readable{pipe_end, POLLIN, 0};
    if (poll(&readable, 1, kStopPollMs) <= 0) continue;
    const ssize_t count = read(pipe_end, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return DecodeStartOutcome(bytes, folder.log());
    bytes.append(buffer, static_cast<size_t>(count));
  }
}

Status StartSupervisor(const PrivateServerOptions& options, const ServerFolder& folder,
                       const WaitLimit& limit) {
  const Installation installation =
      TRY(FindInstallation({.bindir = options.bindir, .path = options.path}, folder.DataVersion()));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return Error(ErrorKind::kUnavailable, code::server_cannot_run,
                 {{"program", options.supervisor}, {"detail", std::strerror(errno)}});
  }
  const Result<pid_t> child = StartChild(
      {.program = options.supervisor,
       .arguments = {"eclusa", std::string(kSuperviseCommand), folder.path, installation.bindir},
       .handed_over = ends[1]});
  close(ends[1]);
  Status outcome = child.ok() ? AwaitOutcome(ends[0], folder, limit) : Status(child.error());
  close(ends[0]);
  // What we started only started the supervisor, and ended at once.
  if (child.ok()) waitpid(*child, nullptr, 0);
  return outcome;
}

struct Joined {
  ServerFolder folder;
  FileLock users;
};

Result<Joined> Join(const PrivateServerOptions& options) {
  const ServerFolder folder = TRY(PrepareServerFolder(options.data_dir));
  const WaitLimit limit = LimitOf(kStartTime, options.stop);
  FileLock start = TRY(FileLock::Open(folder.start_lock()));
  if (!start.Lock(Mode::kExclusive, limit)) return GivenUp(folder, limit);
  // Held by a supervisor that stops the server: its end is waited for here.
  FileLock users = TRY(FileLock::Open(folder.users_lock()));
  if (!users.Lock(Mode::kShared, limit)) return GivenUp(folder, limit);
  for (;;) {
    if (!SupervisorLives(folder)) {
      TRY(folder.SetStays(false));  // what an earlier server was told
      const Status started = StartSupervisor(options, folder, limit);
      if (started.ok()) break;
      // Another one is there after all: whoever started it was killed meanwhile.
      if (started.error().code() != code::server_busy) return started.error();
    } else if (Answers(folder)) {
      break;
    }
    if (!limit.Pause()) return GivenUp(folder, limit);
  }
  return Joined{folder, std::move(users)};
}

PrivateServerStatus StatusOf(const ServerFolder& folder) {
  PrivateServerStatus status;
  status.data_dir = folder.path;
  status.version = folder.DataVersion();
  if (!SupervisorLives(folder)) return status;
  const std::optional<Postmaster> postmaster = ReadPostmaster(folder);
  status.running = postmaster.has_value() && postmaster->ready;
  status.stays = folder.Stays();
  status.server = postmaster ? postmaster->pid : 0;
  status.supervisor = SupervisorPid(folder);
  status.conninfo = folder.Conninfo();
  status.url = folder.Url();
  if (const Result<FileLock> users = FileLock::Open(folder.users_lock()); users.ok()) {
    status.users = users->SharedHolders();
  }
  return status;
}

Error InUse(const ServerFolder& folder, const FileLock& users) {
  std::string processes;
  for (const pid_t pid : users.SharedHolders()) {
    processes.append(processes.empty() ? "" : ", ").append(std::to_string(pid));
  }
  return {
      ErrorKind::kConflict, code::server_in_use, {{"path", folder.path}, {"processes", processes}}};
}

}  // namespace

Result<std::string> DefaultDataDir(const Environment& environment, bool is_root) {
  if (is_root) return std::string("/var/lib/eclusa/pg");
  // As the XDG specification says, a value that is not absolute counts as none.
  const auto absolute = [&environment](std::string_view name) {
    const auto variable = environment.find(name);
    const bool usable = variable != environment.end() && variable->second.starts_with('/');
    return usable ? variable->second : std::string();
  };
  if (const std::string data_home = absolute("XDG_DATA_HOME"); !data_home.empty()) {
    return data_home + "/eclusa/pg";
  }
  if (const std::string home = absolute("HOME"); !home.empty()) {
    return home + "/.local/share/eclusa/pg";
  }
  return Error(ErrorKind::kInvalid, code::server_no_home);
}

Result<PrivateServer> PrivateServer::Use(const PrivateServerOptions& options) {
  Joined joined = TRY(Join(options));
  return PrivateServer(joined.folder.path, joined.folder.Conninfo(), std::move(joined.users));
}

Result<PrivateServerStatus> PrivateServer::Start(const PrivateServerOptions& options) {
  const Joined joined = TRY(Join(options));
  // While we hold it, it runs: from here on it stays.
  TRY(joined.folder.SetStays(true));
  return StatusOf(joined.folder);
}

Result<bool> PrivateServer::Stop(const PrivateServerOptions& options, bool now) {
  const std::optional<ServerFolder> folder = TRY(FindServerFolder(options.data_dir));
  if (!folder) return false;
  const WaitLimit limit = LimitOf(kStopTime, options.stop);
  FileLock start = TRY(FileLock::Open(folder->start_lock()));
  if (!start.Lock(Mode::kExclusive, limit)) return GivenUp(*folder, limit);
  if (!SupervisorLives(*folder)) return false;
  FileLock users = TRY(FileLock::Open(folder->users_lock()));
  while (!now && SupervisorLives(*folder)) {
    // The shared lock is refused while the supervisor decides whether to stop, or does.
    if (users.TryLock(Mode::kShared)) {
      if (!users.TryLock(Mode::kExclusive)) return InUse(*folder, users);
      break;
    }
    if (!limit.Pause()) return GivenUp(*folder, limit);
  }
  TRY(folder->SetStays(false));
  if (SupervisorLives(*folder)) kill(SupervisorPid(*folder), SIGTERM);
  users.Unlock();
  while (SupervisorLives(*folder)) {
    if (!limit.Pause()) return GivenUp(*folder, limit);
  }
  return true;
}

Result<PrivateServerStatus> PrivateServer::GetStatus(const PrivateServerOptions& options) {
  const std::optional<ServerFolder> folder = TRY(FindServerFolder(options.data_dir));
  if (folder) return StatusOf(*folder);
  PrivateServerStatus none;
  none.data_dir = options.data_dir;
  return none;
}

}  // namespace eclusa
