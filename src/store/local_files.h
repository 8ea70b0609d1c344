// LocalFiles: the folder of a LocalStore, and how files appear in it whole or not at all.
//
//   objects/NAME/VERSION     an object; where two stand there, the greater version is the object
//   uploads/ID/object        the name that the parts of upload ID are for
//   uploads/ID/part-00001    a part
//   partial/RANDOM           what is being written, or was when a process died
//
// A VERSION is a time in nanoseconds and chance in hexadecimal digits, a dot, and the SHA-256 of
// the bytes: it is never used twice, and a file is never changed once it has it. So an object that
// is replaced is another file, and whoever reads the old one goes on reading it.
//
// Threads: any; processes too, on one machine. Errors: file.* codes with names of objects, never
// with paths; a full disk is file.disk_full (kUnavailable).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "io/descriptor.h"
#include "store/object_store.h"

namespace eclusa {

// A file without a name of its own yet; removed where it goes without having got one.
class UnnamedFile {
 public:
  UnnamedFile(UnnamedFile&& other) noexcept;
  UnnamedFile& operator=(UnnamedFile&& other) = delete;
  ~UnnamedFile();

  Status Write(std::string_view bytes);
  // Durable, with its folder; `path` is replaced. False: the folder of `path` is not there.
  Result<bool> MoveTo(const std::string& path);
  int64_t size() const { return size_; }

 private:
  friend class LocalFiles;
  UnnamedFile() = default;

  Descriptor file_;
  std::string path_;
  std::string name_;  // for errors
  int64_t size_ = 0;
  int64_t flushed_ = 0;
  bool synced_ = false;
};

class LocalFiles {
 public:
  explicit LocalFiles(std::string folder) : folder_(std::move(folder)) {}

  // Makes what is missing of the folders.
  Status Prepare() const;
  // `name` stands in errors.
  Result<UnnamedFile> Create(const std::string& name) const;
  // Makes the file the object, and removes the one that was.
  Result<ObjectStat> Publish(UnnamedFile file, const std::string& object,
                             const std::string& sha256) const;

  // store.unavailable (kUnavailable) where the folder is gone as a whole, or cannot be looked into:
  // that nothing is found then says nothing.
  Status CheckThere() const;
  // Nothing: no such object. Errors as of CheckThere.
  Result<std::optional<ObjectStat>> Newest(const std::string& object) const;
  std::string PathOf(const PinnedObject& pinned) const;
  std::string UploadFolder(const std::string& upload_id) const;
  std::string ObjectsFolder() const { return folder_ + "/objects"; }
  std::string UploadsFolder() const { return folder_ + "/uploads"; }
  std::string PartialFolder() const { return folder_ + "/partial"; }

  // Removes the versions of an object that are less than `least`; all where it is empty.
  Status RemoveVersions(const std::string& object, const std::string& least) const;
  // Makes `relative` under the folder, each level durable.
  Status MakeFolders(const std::string& relative) const;

 private:
  std::vector<std::string> Versions(const std::string& object) const;

  std::string folder_;
};

bool IsLocalVersion(std::string_view version);
// ENOENT of folders is fine for callers that made them before: what is not there is not durable.
Status SyncFolder(const std::string& path, const std::string& name);
// Names of what is in a folder, sorted; none where it is not there.
std::vector<std::string> NamesIn(const std::string& folder);
std::string SmallFileText(const std::string& path);

}  // namespace eclusa
