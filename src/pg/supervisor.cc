#include "pg/supervisor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "core/log.h"
#include "model/codes.h"
#include "pg/child_process.h"
#include "pg/cluster.h"
#include "pg/file_lock.h"
#include "pg/server_folder.h"

namespace eclusa {
namespace {

// After a crash PostgreSQL first replays up to max_wal_size of its log.
constexpr std::chrono::minutes kStartTime{10};
constexpr std::chrono::minutes kStopTime{5};
// Somebody who only looks whether the supervisor lives holds its lock for a moment.
constexpr std::chrono::seconds kLockTime{5};
// How long a wait for a file's change lasts where the kernel does not tell of it.
constexpr int kLookAgainMs = 50;
constexpr int kRestartsMax = 5;
constexpr off_t kLogMax = 8 * 1024 * 1024;
constexpr std::string_view kReady = "ready";
constexpr std::string_view kFailed = "failed";

Status Failed(std::string_view what, const ServerFolder& folder) {
  return Error(
      ErrorKind::kInternal, code::server_did_not_start,
      {{"detail", fmt::format("{}: {}", what, std::strerror(errno))}, {"log", folder.log()}});
}

// Whoever starts us must not wait for our end, nor its terminal reach us.
void LeaveParent() {
  const pid_t pid = fork();
  if (pid != 0) _exit(pid < 0 ? 1 : 0);
  setsid();
  prctl(PR_SET_NAME, "eclusa");
  umask(077);
  if (chdir("/") != 0) _exit(1);
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
}

Status BecomeUser(const ServerUser& user) {
  if (geteuid() != 0) return Ok();
  const bool became = user.uid != 0 && setgroups(0, nullptr) == 0 &&
                      setresgid(user.gid, user.gid, user.gid) == 0 &&
                      setresuid(user.uid, user.uid, user.uid) == 0 && setresuid(0, 0, 0) != 0;
  if (became) return Ok();
  return Error(ErrorKind::kInvalid, code::server_cannot_become,
               {{"user", user.name}, {"detail", std::strerror(errno)}});
}

// The user whom root chose may be unable to get to the folder, which is said by naming the folder
// above it that is closed.
Status CheckReach(const ServerFolder& folder) {
  const std::filesystem::path path = folder.path;
  std::filesystem::path above;
  for (const std::filesystem::path& part : path) {
    above /= part;
    if (access(above.c_str(), X_OK) != 0) {
      return Error(ErrorKind::kInvalid, code::server_out_of_reach,
                   {{"path", folder.path}, {"user", folder.user.name}, {"closed", above.string()}});
    }
  }
  return Ok();
}

Status CheckProgram(const std::string& program) {
  if (access(program.c_str(), X_OK) == 0) return Ok();
  return Error(ErrorKind::kInvalid, code::server_cannot_run,
               {{"program", program}, {"detail", std::strerror(errno)}});
}

class Supervisor {
 public:
  Supervisor(ServerFolder folder, std::string bindir)
      : folder_(std::move(folder)), bindir_(std::move(bindir)) {}

  // Brings the server up. After an error nothing of it runs.
  Status Start() {
    TRY(BecomeUser(folder_.user));
    TRY(CheckReach(folder_));
    TRY(CheckProgram(bindir_ + "/postgres"));
    TRY(OpenLog());
    TRY(TakeLock());
    TRY(OpenSignals());
    TRY(ClearLeftovers(folder_));
    const bool is_new = access(folder_.cluster().c_str(), F_OK) != 0;
    if (is_new) TRY(MakeCluster(folder_, bindir_));
    TRY(StartServer());
    if (is_new) SyncClusterInBackground(folder_);
    return Ok();
  }

  // Returns when the server has stopped.
  Status Run() {
    TRY(WatchUsers());
    for (int restarts = 0;;) {
      pollfd events[] = {{signals_, POLLIN, 0}, {server_end_, POLLIN, 0}, {unused_, POLLIN, 0}};
      if (poll(events, std::size(events), -1) < 0) continue;
      if (events[0].revents != 0) {
        StopServer();
        return Ok();
      }
      if (events[1].revents != 0) {
        Reap();
        LogWarning("server_died", {{"restarts", std::to_string(restarts)}});
        if (++restarts > kRestartsMax) return Failed("the server keeps dying", folder_);
        TRY(ClearLeftovers(folder_));
        TRY(StartServer());
        continue;
      }
      if (events[2].revents != 0) {
        if (!folder_.Stays()) {
          StopServer();
          return Ok();
        }
        // From here on only a signal ends it: whoever takes `stay` away sends one.
        uint64_t count = 0;
        if (read(unused_, &count, sizeof count) > 0) users_->Unlock();
      }
    }
  }

 private:
  Status OpenLog() {
    struct stat about {};
    if (stat(folder_.log().c_str(), &about) == 0 && about.st_size > kLogMax) {
      rename(folder_.log().c_str(), (folder_.log() + ".1").c_str());
    }
    log_ =
        open(folder_.log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (log_ < 0) return CannotWrite(folder_.log(), errno);
    dup2(log_, STDOUT_FILENO);
    dup2(log_, STDERR_FILENO);
    return Ok();
  }

  // Held until the process ends.
  Status TakeLock() {
    lock_ = TRY(FileLock::Open(folder_.supervisor_lock()));
    const WaitLimit limit{std::chrono::steady_clock::now() + kLockTime, {}};
    if (!lock_->Lock(FileLock::Mode::kExclusive, limit)) {
      return Error(ErrorKind::kConflict, code::server_busy, {{"path", folder_.path}});
    }
    const std::string pid = std::to_string(getpid()) + "\n";
    if (ftruncate(lock_->descriptor(), 0) != 0 ||
        pwrite(lock_->descriptor(), pid.data(), pid.size(), 0) < 0) {
      return CannotWrite(folder_.supervisor_lock(), errno);
    }
    return Ok();
  }

  Status OpenSignals() {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, nullptr);
    signals_ = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals_ < 0) return Failed("signalfd", folder_);
    return Ok();
  }

  // A thread sleeps in the kernel until nobody else holds the lock: no looking every so often.
  Status WatchUsers() {
    users_ = TRY(FileLock::Open(folder_.users_lock()));
    unused_ = eventfd(0, EFD_CLOEXEC);
    if (unused_ < 0) return Failed("eventfd", folder_);
    std::thread([this] {
      users_->LockForever(FileLock::Mode::kExclusive);
      const uint64_t one = 1;
      if (write(unused_, &one, sizeof one) < 0) kill(getpid(), SIGTERM);
    }).detach();
    return Ok();
  }

  // From this thread, which lives as long as the process: the server is told of our end through it.
  Status StartServer() {
    const off_t log_start = lseek(log_, 0, SEEK_END);
    server_ = TRY(StartPostgres(folder_, bindir_, log_));
    server_end_ = OpenProcess(server_);
    if (server_end_ < 0) return Failed("pidfd_open", folder_);
    const int changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (changes >= 0) inotify_add_watch(changes, folder_.cluster().c_str(), IN_MODIFY | IN_CREATE);
    Status outcome = WaitUntilReady(changes, log_start);
    if (changes >= 0) close(changes);
    return outcome;
  }

  Status WaitUntilReady(int changes, off_t log_start) {
    const auto until = std::chrono::steady_clock::now() + kStartTime;
    for (;;) {
      const std::optional<Postmaster> postmaster = ReadPostmaster(folder_);
      if (postmaster && postmaster->pid == server_ && postmaster->ready) return Ok();
      pollfd events[] = {{server_end_, POLLIN, 0}, {signals_, POLLIN, 0}, {changes, POLLIN, 0}};
      poll(events, std::size(events), kLookAgainMs);
      if (events[0].revents != 0) {
        Reap();
        return StartFailure(folder_, LogSince(log_start));
      }
      if (events[1].revents != 0 || std::chrono::steady_clock::now() > until) {
        StopServer();
        return StartFailure(folder_, LogSince(log_start));
      }
      if (events[2].revents != 0) {
        char ignored[4096];
        while (read(changes, ignored, sizeof ignored) > 0) {
        }
      }
    }
  }

  std::string LogSince(off_t start) const {
    std::ifstream log(folder_.log());
    log.seekg(start);
    return {std::istreambuf_iterator<char>(log), {}};
  }

  void StopServer() {
    // Fast; if that takes too long immediate, which the next start repairs from the log.
    const std::pair<int, std::chrono::milliseconds> steps[] = {
        {SIGINT, kStopTime}, {SIGQUIT, kLockTime}, {SIGKILL, kStopTime}};
    for (const auto& [number, at_most] : steps) {
      kill(server_, number);
      pollfd ended{server_end_, POLLIN, 0};
      const auto until = std::chrono::steady_clock::now() + at_most;
      int ready = 0;
      do {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        ready = poll(&ended, 1, std::max(0, static_cast<int>(left.count())));
      } while (ready < 0 && errno == EINTR);
      if (ready > 0) break;
    }
    Reap();
  }

  void Reap() {
    waitpid(server_, nullptr, 0);
    close(server_end_);
    server_end_ = -1;
  }

  const ServerFolder folder_;
  const std::string bindir_;
  std::optional<FileLock> lock_;
  std::optional<FileLock> users_;
  int log_ = -1;
  int signals_ = -1;
  int unused_ = -1;  // readable when nobody holds users.lock
  int server_end_ = -1;
  pid_t server_ = 0;
};

void Report(const Status& outcome) {
  const std::string bytes = EncodeStartOutcome(outcome);
  // Whoever asked may be gone; then nobody uses the server, and it stops.
  if (write(kHandedOver, bytes.data(), bytes.size()) < 0) LogInfo("starter_gone");
  close(kHandedOver);
}

}  // namespace

bool IsSupervisor(int argc, char** argv) { return argc == 4 && argv[1] == kSuperviseCommand; }

int RunSupervisor(int argc, char** argv) {
  CHECK(IsSupervisor(argc, argv));
  LeaveParent();
  fcntl(kHandedOver, F_SETFD, FD_CLOEXEC);
  const std::string path = argv[2];
  Result<std::optional<ServerFolder>> folder = FindServerFolder(path);
  if (!folder.ok() || !folder->has_value()) {
    Report(folder.ok() ? Status(CannotWrite(path, ENOENT)) : Status(folder.error()));
    return 1;
  }
  // Never destroyed: its thread may still wait in the kernel when the process ends.
  auto* supervisor = new Supervisor(**std::move(folder), argv[3]);
  const Status started = supervisor->Start();
  Report(started);
  if (!started.ok()) _exit(1);
  const Status run = supervisor->Run();
  if (!run.ok()) LogError("supervisor_ends", {{"cause", Text(run.error(), Language::kEnglish)}});
  _exit(run.ok() ? 0 : 1);
}

std::string EncodeStartOutcome(const Status& outcome) {
  if (outcome.ok()) return std::string(kReady);
  const Error& error = outcome.error();
  std::string bytes(kFailed);
  const auto add = [&bytes](std::string_view part) { bytes.append(1, '\0').append(part); };
  add(std::to_string(static_cast<int>(error.kind())));
  add(error.code());
  for (const auto& [name, value] : error.arguments()) {
    add(name);
    add(value);
  }
  return bytes;
}

Status DecodeStartOutcome(std::string_view bytes, const std::string& log) {
  if (bytes == kReady) return Ok();
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= bytes.size();) {
    const size_t end = std::min(bytes.find('\0', begin), bytes.size());
    parts.emplace_back(bytes.substr(begin, end - begin));
    begin = end + 1;
  }
  int kind = -1;
  if (parts.size() >= 3 && parts[0] == kFailed) {
    std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), kind);
  }
  if (kind < 0 || kind > static_cast<int>(ErrorKind::kInternal)) {
    return Error(ErrorKind::kUnavailable, code::server_did_not_start,
                 {{"detail", "the supervisor ended"}, {"log", log}});
  }
  ErrorArguments arguments;
  for (size_t i = 3; i + 1 < parts.size(); i += 2) arguments.emplace_back(parts[i], parts[i + 1]);
  return Error(static_cast<ErrorKind>(kind), parts[2], std::move(arguments));
}

}  // namespace eclusa
