#include "io/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "io/errno_error.h"
#include "model/codes.h"

namespace eclusa {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (number_ >= 0) close(number_);
    number_ = other.Release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

int Descriptor::Release() { return std::exchange(number_, -1); }

Result<Descriptor> Descriptor::OpenToRead(const std::string& path, struct stat* about) {
  // Not blocking: opening a pipe that nobody writes to would wait for ever. Regular files do not
  // care.
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0 || fstat(file.number(), about) != 0) {
    return ErrnoError(errno, FileAction::kRead, path);
  }
  if (S_ISDIR(about->st_mode)) return ErrnoError(EISDIR, FileAction::kRead, path);
  if (!S_ISREG(about->st_mode)) {
    return Error(ErrorKind::kInvalid, code::file_not_regular, {{"path", path}});
  }
  // Best effort: a hint that is refused costs nothing but speed.
  posix_fadvise(file.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return file;
}

Result<size_t> Descriptor::Read(std::span<char> out, const std::string& path) const {
  size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = read(number_, out.data() + filled, out.size() - filled);
    if (got > 0) {
      filled += static_cast<size_t>(got);
    } else if (got == 0) {
      break;
    } else if (errno != EINTR) {
      return ErrnoError(errno, FileAction::kRead, path);
    }
  }
  return filled;
}

}  // namespace eclusa
