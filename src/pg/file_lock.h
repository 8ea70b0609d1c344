// FileLock: an advisory lock (flock) on a file, given back by the kernel when its holder ends.
//
// The lock belongs to the open file: two FileLocks of one process exclude each other as those of
// two processes do. A program started by exec does not inherit it unless KeepAcrossExec was called.
// Ownership: move-only, closes the file. Threads: one at a time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"

namespace eclusa {

// A wait that ends: at a time, or when somebody asks for it.
struct WaitLimit {
  std::chrono::steady_clock::time_point until;
  std::stop_token stop;

  // Sleeps for a moment that is short for a person. False: time is up or the stop was requested.
  bool Pause() const;
};

class FileLock {
 public:
  enum class Mode { kShared, kExclusive };

  // `path` is a regular file that exists; symbolic links are refused. Errors: server.cannot_write.
  static Result<FileLock> Open(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

  // False: somebody else's lock is in the way. A change of mode may lose the lock held before.
  bool TryLock(Mode mode);
  // False where the limit was reached.
  bool Lock(Mode mode, const WaitLimit& limit);
  // Waits for as long as it takes: for a thread that has nothing else to do.
  void LockForever(Mode mode);
  void Unlock();
  void KeepAcrossExec();
  int descriptor() const { return fd_; }

  // The processes that hold a shared lock on the file, as far as the kernel tells.
  std::vector<pid_t> SharedHolders() const;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace eclusa
