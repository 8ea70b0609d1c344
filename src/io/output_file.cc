#include "io/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "io/descriptor.h"
#include "io/errno_error.h"

namespace eclusa {
namespace {

constexpr size_t kBufferSize = 256 << 10;

// Where a name that is a symbolic link leads, so that the link stays one.
std::string Resolved(const std::string& path) {
  char resolved[PATH_MAX];
  return realpath(path.c_str(), resolved) == nullptr ? path : resolved;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A name beside the target that is nobody's: this process, and a number that it uses once.
std::string TemporaryName(const std::string& target) {
  static std::atomic<unsigned> next = 0;
  return target + "." + std::to_string(getpid()) + "-" + std::to_string(next++) + ".partial";
}

}  // namespace

Result<OutputFile> OutputFile::Create(const std::string& path) {
  OutputFile file;
  file.path_ = path;
  if (path.empty()) {
    file.path_ = "standard output";
    file.descriptor_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (file.descriptor_ < 0) return ErrnoError(errno, FileAction::kWrite, file.path_);
    return file;
  }
  struct stat about = {};
  const bool there = stat(path.c_str(), &about) == 0;
  if (there && S_ISDIR(about.st_mode)) return ErrnoError(EISDIR, FileAction::kWrite, path);
  if (there && !S_ISREG(about.st_mode)) {
    // A device or a pipe cannot be replaced: written as it comes.
    file.descriptor_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file.descriptor_ < 0) return ErrnoError(errno, FileAction::kWrite, path);
    return file;
  }
  file.target_ = Resolved(path);
  file.temporary_ = TemporaryName(file.target_);
  file.descriptor_ = open(file.temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file.descriptor_ < 0) {
    file.temporary_.clear();
    return ErrnoError(errno, FileAction::kWrite, path);
  }
  if (there && fchmod(file.descriptor_, about.st_mode & 07777) != 0) {
    return ErrnoError(errno, FileAction::kWrite, path);
  }
  return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      buffer_(std::move(other.buffer_)),
      bytes_written_(other.bytes_written_) {}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Status OutputFile::Write(std::string_view bytes) {
  bytes_written_ += static_cast<int64_t>(bytes.size());
  if (buffer_.size() + bytes.size() > kBufferSize) TRY(Flush());
  if (bytes.size() > kBufferSize) return WriteOut(bytes);
  buffer_ += bytes;
  return Ok();
}

Status OutputFile::Flush() {
  TRY(WriteOut(buffer_));
  buffer_.clear();
  return Ok();
}

Status OutputFile::WriteOut(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      return ErrnoError(errno, FileAction::kWrite, path_);
    }
  }
  return Ok();
}

Status OutputFile::Finish() && {
  TRY(Flush());
  if (temporary_.empty()) return Ok();
  if (fsync(descriptor_) != 0) return ErrnoError(errno, FileAction::kWrite, path_);
  if (close(std::exchange(descriptor_, -1)) != 0) {
    return ErrnoError(errno, FileAction::kWrite, path_);
  }
  if (rename(temporary_.c_str(), target_.c_str()) != 0) {
    return ErrnoError(errno, FileAction::kWrite, path_);
  }
  temporary_.clear();
  // The rename itself is durable only once the folder is.
  const Descriptor folder(open(FolderOf(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.number() >= 0) fsync(folder.number());
  return Ok();
}

}  // namespace eclusa
