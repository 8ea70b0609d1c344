#include "store/stored_files.h"

#include "model/codes.h"
#include "store/range_reader.h"

namespace eclusa {

Result<const PinnedObject*> StoredFiles::Find(const std::string& path) const {
  const auto found = objects_.find(path);
  if (found != objects_.end()) return &found->second;
  return Error(ErrorKind::kNotFound, code::file_not_found, {{"path", path}});
}

Result<std::unique_ptr<Input>> StoredFiles::Open(const std::string& path) const {
  return store_->OpenInput(*TRY(Find(path)), {});
}

Result<std::shared_ptr<arrow::io::RandomAccessFile>> StoredFiles::OpenAnywhere(
    const std::string& path) const {
  return store_->OpenRandomAccess(*TRY(Find(path)), {});
}

Result<FileIdentity> StoredFiles::Stat(const std::string& path) const {
  const PinnedObject& pinned = *TRY(Find(path));
  auto stat = store_->Stat(pinned.object);
  if (!stat.ok() && stat.error().kind() == ErrorKind::kNotFound) {
    return Error(ErrorKind::kConflict, code::store_gone, {{"object", path}});
  }
  const ObjectStat found = TRY(std::move(stat));
  if (found.version != pinned.version) {
    return Error(ErrorKind::kConflict, code::store_changed, {{"object", path}});
  }
  return FileIdentity{.size = found.size,
                      .modified_ns = found.modified.time_since_epoch().count() * 1'000'000'000,
                      .sha256 = found.sha256};
}

Result<std::string> StoredFiles::Digest(const std::string& path,
                                        const std::stop_token& stop) const {
  const FileIdentity identity = TRY(Stat(path));
  std::string found = identity.sha256;
  if (found.empty()) {
    const auto file = TRY(OpenAnywhere(path));
    found = TRY(DigestOf(*file, {.size = identity.size, .name = path, .stop = stop}));
  }
  const std::string& expected = TRY(Find(path))->sha256;
  if (expected.empty() || found == expected) return found;
  return Error(ErrorKind::kInvalid, code::store_digest,
               {{"object", path}, {"found", found}, {"expected", expected}});
}

}  // namespace eclusa
