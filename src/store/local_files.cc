#include "store/local_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <memory>

#include "core/fault.h"
#include "io/errno_error.h"
#include "model/codes.h"
#include "store/object_name.h"

namespace eclusa {
namespace {

const FaultPoint kWritten("store.written");      // all bytes are in the file without a name
const FaultPoint kPublished("store.published");  // the object is there, the older one too

// The kernel is told to begin writing so much at a time, so that the sync at the end is short.
constexpr int64_t kFlushBytes = 8 << 20;
constexpr size_t kDigestDigits = 64;
constexpr size_t kTimeDigits = 16;

Error WriteError(int number, const std::string& name) {
  return ErrnoError(number, FileAction::kWrite, name);
}

std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

int64_t TimeOf(const std::string& version) {
  int64_t time = 0;
  std::from_chars(version.data(), version.data() + kTimeDigits, time, 16);
  return time;
}

}  // namespace

// --- UnnamedFile ---

UnnamedFile::UnnamedFile(UnnamedFile&& other) noexcept
    : file_(std::move(other.file_)),
      path_(std::exchange(other.path_, {})),
      name_(std::move(other.name_)),
      size_(other.size_),
      flushed_(other.flushed_),
      synced_(other.synced_) {}

UnnamedFile::~UnnamedFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

Status UnnamedFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file_.number(), bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
      size_ += written;
    } else if (errno != EINTR) {
      return WriteError(errno, name_);
    }
  }
  if (size_ - flushed_ >= kFlushBytes) {
    // A hint: what fails here fails again at the sync.
    sync_file_range(file_.number(), flushed_, size_ - flushed_, SYNC_FILE_RANGE_WRITE);
    flushed_ = size_;
  }
  return Ok();
}

Result<bool> UnnamedFile::MoveTo(const std::string& path) {
  if (!synced_) {
    kWritten.Reach();
    if (fsync(file_.number()) != 0) return WriteError(errno, name_);
    synced_ = true;
  }
  if (rename(path_.c_str(), path.c_str()) != 0) {
    if (errno == ENOENT) return false;
    return WriteError(errno, name_);
  }
  path_.clear();
  TRY(SyncFolder(FolderOf(path), name_));
  return true;
}

// --- LocalFiles ---

Status LocalFiles::Prepare() const {
  for (const std::string& folder : {folder_, ObjectsFolder(), UploadsFolder(), PartialFolder()}) {
    if (mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) return WriteError(errno, folder);
  }
  return SyncFolder(folder_, folder_);
}

Result<UnnamedFile> LocalFiles::Create(const std::string& name) const {
  UnnamedFile made;
  made.name_ = name;
  const std::string path = PartialFolder() + "/" + RandomHex(16);
  made.file_ = Descriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  if (made.file_.number() < 0) return WriteError(errno, name);
  made.path_ = path;
  return made;
}

Result<ObjectStat> LocalFiles::Publish(UnnamedFile file, const std::string& object,
                                       const std::string& sha256) const {
  const int64_t size = file.size();
  // The folder may be removed under our hands, with the object that was there.
  for (int tries = 0; tries < 100; ++tries) {
    TRY(MakeFolders("objects/" + object));
    const std::vector<std::string> there = Versions(object);
    const auto now = std::chrono::system_clock::now();
    int64_t time = std::chrono::nanoseconds{now.time_since_epoch()}.count();
    if (!there.empty()) time = std::max(time, TimeOf(there.back()) + 1);
    const std::string version = fmt::format("{:016x}-{}.{}", time, RandomHex(4), sha256);
    CHECK(IsLocalVersion(version));
    if (!TRY(file.MoveTo(PathOf({object, version})))) continue;
    kPublished.Reach();
    TRY(RemoveVersions(object, version));
    return ObjectStat{size, version, sha256,
                      std::chrono::time_point_cast<std::chrono::seconds>(now)};
  }
  return Error(ErrorKind::kConflict, code::store_changed, {{"object", object}});
}

Status LocalFiles::CheckThere() const {
  for (const std::string& folder : {ObjectsFolder(), UploadsFolder()}) {
    if (access(folder.c_str(), R_OK | X_OK) == 0) continue;
    const std::error_code why(errno, std::generic_category());
    return Error(ErrorKind::kUnavailable, code::store_unavailable, {{"detail", why.message()}});
  }
  return Ok();
}

Result<std::optional<ObjectStat>> LocalFiles::Newest(const std::string& object) const {
  // A version may be replaced between the look at the folder and the look at the file.
  for (int tries = 0; tries < 100; ++tries) {
    const std::vector<std::string> versions = Versions(object);
    if (versions.empty()) {
      TRY(CheckThere());
      return std::optional<ObjectStat>();
    }
    struct stat about = {};
    if (stat(PathOf({object, versions.back()}).c_str(), &about) == 0) {
      ObjectStat found;
      found.size = about.st_size;
      found.version = versions.back();
      found.sha256 = versions.back().substr(versions.back().size() - kDigestDigits);
      found.modified = std::chrono::sys_seconds(std::chrono::seconds(about.st_mtim.tv_sec));
      return std::optional(std::move(found));
    }
    if (errno != ENOENT) return ErrnoError(errno, FileAction::kRead, object);
  }
  return Error(ErrorKind::kConflict, code::store_changed, {{"object", object}});
}

std::string LocalFiles::PathOf(const PinnedObject& pinned) const {
  return ObjectsFolder() + "/" + pinned.object + "/" + pinned.version;
}

std::string LocalFiles::UploadFolder(const std::string& upload_id) const {
  return UploadsFolder() + "/" + upload_id;
}

Status LocalFiles::RemoveVersions(const std::string& object, const std::string& least) const {
  for (const std::string& version : Versions(object)) {
    if (!least.empty() && version >= least) break;
    if (unlink(PathOf({object, version}).c_str()) != 0 && errno != ENOENT) {
      return WriteError(errno, object);
    }
  }
  const std::string folder = ObjectsFolder() + "/" + object;
  TRY(SyncFolder(folder, object));
  // Another object may have come, or stand in a folder below.
  if (least.empty()) rmdir(folder.c_str());
  return Ok();
}

Status LocalFiles::MakeFolders(const std::string& relative) const {
  for (size_t slash = 0; slash != relative.npos;) {
    slash = relative.find('/', slash + 1);
    const std::string folder = folder_ + "/" + relative.substr(0, slash);
    if (mkdir(folder.c_str(), 0750) == 0) {
      TRY(SyncFolder(FolderOf(folder), relative));
    } else if (errno != EEXIST && errno != ENOENT) {
      return WriteError(errno, relative);
    }
  }
  return Ok();
}

std::vector<std::string> LocalFiles::Versions(const std::string& object) const {
  std::vector<std::string> versions;
  for (std::string& name : NamesIn(ObjectsFolder() + "/" + object)) {
    if (IsLocalVersion(name)) versions.push_back(std::move(name));
  }
  return versions;
}

bool IsLocalVersion(std::string_view version) {
  const auto digits = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  };
  return version.size() == kTimeDigits + 1 + 8 + 1 + kDigestDigits && version[kTimeDigits] == '-' &&
         version[kTimeDigits + 9] == '.' && digits(version.substr(0, kTimeDigits)) &&
         digits(version.substr(kTimeDigits + 1, 8)) && digits(version.substr(kTimeDigits + 10));
}

Status SyncFolder(const std::string& path, const std::string& name) {
  const Descriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.number() < 0) {
    if (errno == ENOENT) return Ok();
    return WriteError(errno, name);
  }
  if (fsync(folder.number()) != 0) return WriteError(errno, name);
  return Ok();
}

std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> opened(opendir(folder.c_str()), &closedir);
  if (opened == nullptr) return names;
  while (const dirent* entry = readdir(opened.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string SmallFileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace eclusa
