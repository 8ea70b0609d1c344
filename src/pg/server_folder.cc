#include "pg/server_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "model/codes.h"

namespace eclusa {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSocketName = "/.s.PGSQL.5432";
constexpr size_t kSocketPathMax = 107;  // sizeof(sockaddr_un::sun_path) without its zero
constexpr mode_t kOwnerOnly = 0700;

bool IsRoot() { return geteuid() == 0; }

constexpr size_t kPasswordEntryMax = 16 * 1024;

std::string NameOf(uid_t uid) {
  std::vector<char> buffer(kPasswordEntryMax);
  passwd entry{};
  passwd* found = nullptr;
  getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::to_string(uid) : found->pw_name;
}

ServerUser UserOf(const struct stat& folder) {
  return {.uid = folder.st_uid, .gid = folder.st_gid, .name = NameOf(folder.st_uid)};
}

// Who a new server of root's runs as.
Result<ServerUser> UnprivilegedUser() {
  std::vector<char> buffer(kPasswordEntryMax);
  for (const char* name : {"postgres", "nobody"}) {
    passwd entry{};
    passwd* found = nullptr;
    getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found);
    if (found != nullptr && found->pw_uid != 0) {
      return ServerUser{.uid = found->pw_uid, .gid = found->pw_gid, .name = name};
    }
  }
  return Error(ErrorKind::kInvalid, code::server_no_user);
}

// The same name whatever program and run computes it (FNV-1a).
std::string HashOf(std::string_view text) {
  uint64_t hash = 14695981039346656037U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  return fmt::format("{:016x}", hash);
}

// libpq takes a comma in a host for the end of a name.
bool HoldsSocket(const std::string& path) {
  return path.size() + kSocketName.size() <= kSocketPathMax && path.find(',') == std::string::npos;
}

std::string Absolute(const std::string& data_dir) {
  std::string path = fs::absolute(data_dir).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// Makes a folder and those above it. What root makes on the way is open to its server's user.
Status MakeFolders(const fs::path& path) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) return Ok();
  if (path.has_parent_path() && path.parent_path() != path) TRY(MakeFolders(path.parent_path()));
  if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return CannotWrite(path.string(), errno);
  if (IsRoot()) chmod(path.c_str(), 0755);
  return Ok();
}

// A file descriptor that is closed.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// Nothing in it but what a new file system brings.
bool IsEmpty(const std::string& path) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, ignored)) {
    if (entry.path().filename() != "lost+found") return false;
  }
  return true;
}

// Makes a file that is there for its name and its locks. Root gives it to the server's user; a
// second link, which that user may have made, is refused.
Status MakeFile(int folder, const std::string& path, const ServerUser& user) {
  const std::string name = fs::path(path).filename().string();
  const Descriptor file(
      openat(folder, name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  struct stat about {};
  if (file.get() < 0 || fstat(file.get(), &about) != 0) return CannotWrite(path, errno);
  if (!S_ISREG(about.st_mode) || about.st_nlink != 1) return CannotWrite(path, EEXIST);
  if (about.st_uid != user.uid && fchown(file.get(), user.uid, user.gid) != 0) {
    return CannotWrite(path, errno);
  }
  return Ok();
}

Error BelongsToOther(const std::string& path, uid_t owner) {
  return {ErrorKind::kInvalid,
          code::server_belongs_to_other,
          {{"path", path}, {"owner", NameOf(owner)}}};
}

// Under /tmp anybody may have made a folder of this name before us.
Status MakeSocketDir(const ServerFolder& folder) {
  const std::string& path = folder.socket_dir;
  if (mkdir(path.c_str(), kOwnerOnly) != 0 && errno != EEXIST) return CannotWrite(path, errno);
  struct stat about {};
  if (lstat(path.c_str(), &about) != 0) return CannotWrite(path, errno);
  const bool made_by_us = about.st_uid == geteuid() || about.st_uid == folder.user.uid;
  if (!made_by_us || !S_ISDIR(about.st_mode) || (about.st_mode & 07777) != kOwnerOnly) {
    return BelongsToOther(path, about.st_uid);
  }
  if (about.st_uid != folder.user.uid &&
      lchown(path.c_str(), folder.user.uid, folder.user.gid) != 0) {
    return CannotWrite(path, errno);
  }
  return Ok();
}

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

Error CannotWrite(const std::string& path, int cause) {
  if (cause == ENOSPC || cause == EDQUOT) {
    return {ErrorKind::kUnavailable, code::server_disk_full, {{"path", path}}};
  }
  return {ErrorKind::kInvalid,
          code::server_cannot_write,
          {{"path", path}, {"detail", std::strerror(cause)}}};
}

bool ServerFolder::Stays() const { return access(stay_file().c_str(), F_OK) == 0; }

Status ServerFolder::SetStays(bool stays) const {
  if (!stays) {
    if (unlink(stay_file().c_str()) != 0 && errno != ENOENT) return CannotWrite(path, errno);
    return Ok();
  }
  const Descriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return CannotWrite(path, errno);
  return MakeFile(folder.get(), stay_file(), user);
}

std::string ServerFolder::DataVersion() const { return FirstLine(cluster() + "/PG_VERSION"); }

std::string ServerFolder::Conninfo() const {
  std::string host;
  for (const char c : socket_dir) {
    if (c == '\'' || c == '\\') host.push_back('\\');
    host.push_back(c);
  }
  // An empty hostaddr keeps PGHOSTADDR from leading elsewhere.
  return fmt::format("host='{}' hostaddr='' port={} user={} dbname=postgres", host, kServerPort,
                     kServerRole);
}

std::string ServerFolder::Url() const {
  std::string host;
  for (const char c : socket_dir) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_') {
      host.push_back(c);
    } else {
      host.append(fmt::format("%{:02X}", static_cast<unsigned char>(c)));
    }
  }
  return fmt::format("postgresql://{}@/postgres?host={}&port={}", kServerRole, host, kServerPort);
}

ServerFolder ServerFolderAt(const std::string& path, const ServerUser& user) {
  ServerFolder folder{.path = path, .user = user, .socket_dir = path};
  if (!HoldsSocket(path)) {
    folder.socket_dir = fmt::format("/tmp/eclusa-{}-{}", user.uid, HashOf(path));
  }
  return folder;
}

Result<ServerFolder> PrepareServerFolder(const std::string& data_dir) {
  const std::string wanted = Absolute(data_dir);
  TRY(MakeFolders(fs::path(wanted).parent_path()));
  if (mkdir(wanted.c_str(), kOwnerOnly) != 0 && errno != EEXIST) return CannotWrite(wanted, errno);
  std::error_code error;
  const std::string path = fs::canonical(wanted, error).string();
  if (error) return CannotWrite(wanted, error.value());
  const Descriptor dir(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat about {};
  if (dir.get() < 0 || fstat(dir.get(), &about) != 0) return CannotWrite(path, errno);

  ServerUser user = UserOf(about);
  if (!IsRoot() && about.st_uid != geteuid()) return BelongsToOther(path, about.st_uid);
  if (user.uid == 0) user = TRY(UnprivilegedUser());
  const ServerFolder folder = ServerFolderAt(path, user);
  // In this order: another process may be making it at this moment, start.lock first.
  if (!IsEmpty(path) && access(folder.start_lock().c_str(), F_OK) != 0) {
    return Error(ErrorKind::kInvalid, code::server_not_ours, {{"path", path}});
  }
  if (about.st_uid != user.uid && fchown(dir.get(), user.uid, user.gid) != 0) {
    return CannotWrite(path, errno);
  }
  if ((about.st_mode & 07777) != kOwnerOnly && fchmod(dir.get(), kOwnerOnly) != 0) {
    return CannotWrite(path, errno);
  }
  for (const std::string& file :
       {folder.start_lock(), folder.users_lock(), folder.supervisor_lock()}) {
    TRY(MakeFile(dir.get(), file, user));
  }
  if (folder.socket_dir != path) TRY(MakeSocketDir(folder));
  return folder;
}

Result<std::optional<ServerFolder>> FindServerFolder(const std::string& data_dir) {
  std::error_code error;
  const std::string path = fs::canonical(Absolute(data_dir), error).string();
  struct stat about {};
  if (error || stat(path.c_str(), &about) != 0) return std::optional<ServerFolder>();
  if (!IsRoot() && about.st_uid != geteuid()) return BelongsToOther(path, about.st_uid);
  ServerFolder folder = ServerFolderAt(path, UserOf(about));
  if (access(folder.start_lock().c_str(), F_OK) != 0) return std::optional<ServerFolder>();
  return std::optional<ServerFolder>(std::move(folder));
}

std::optional<Postmaster> ReadPostmaster(const ServerFolder& folder) {
  // Line 1 is the process, line 8 its state.
  std::ifstream file(folder.cluster() + "/postmaster.pid");
  Postmaster postmaster;
  std::string line;
  for (int number = 1; number <= 8 && std::getline(file, line); ++number) {
    if (number == 1) {
      std::from_chars(line.data(), line.data() + line.size(), postmaster.pid);
    } else if (number == 8) {
      postmaster.ready = line.starts_with("ready");
    }
  }
  if (postmaster.pid <= 0) return std::nullopt;
  return postmaster;
}

}  // namespace eclusa
