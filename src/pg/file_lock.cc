#include "pg/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "model/codes.h"

namespace eclusa {
namespace {

constexpr std::chrono::milliseconds kPause{10};

int Operation(FileLock::Mode mode) { return mode == FileLock::Mode::kShared ? LOCK_SH : LOCK_EX; }

}  // namespace

bool WaitLimit::Pause() const {
  if (stop.stop_requested() || std::chrono::steady_clock::now() >= until) return false;
  std::this_thread::sleep_for(kPause);
  return true;
}

Result<FileLock> FileLock::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) {
    return Error(ErrorKind::kInvalid, code::server_cannot_write,
                 {{"path", path}, {"detail", std::strerror(errno)}});
  }
  return FileLock(fd);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}
FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

bool FileLock::TryLock(Mode mode) { return flock(fd_, Operation(mode) | LOCK_NB) == 0; }

bool FileLock::Lock(Mode mode, const WaitLimit& limit) {
  while (!TryLock(mode)) {
    if (!limit.Pause()) return false;
  }
  return true;
}

void FileLock::LockForever(Mode mode) {
  while (flock(fd_, Operation(mode)) != 0 && errno == EINTR) {
  }
}

void FileLock::Unlock() { flock(fd_, LOCK_UN); }

void FileLock::KeepAcrossExec() { fcntl(fd_, F_SETFD, 0); }

std::vector<pid_t> FileLock::SharedHolders() const {
  struct stat file {};
  if (fstat(fd_, &file) != 0) return {};
  // "1: FLOCK  ADVISORY  READ 4711 fe:00:131 0 EOF". The device is not compared: on layered file
  // systems the kernel's table shows another one than stat.
  std::vector<pid_t> holders;
  std::ifstream table("/proc/locks");
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, mode, file_id;
    pid_t pid = 0;
    if (!(words >> number >> kind >> advisory >> mode >> pid >> file_id)) continue;
    const size_t colon = file_id.rfind(':');
    if (kind == "FLOCK" && mode == "READ" && pid > 0 && colon != std::string::npos &&
        file_id.substr(colon + 1) == std::to_string(file.st_ino)) {
      holders.push_back(pid);
    }
  }
  return holders;
}

}  // namespace eclusa
