#include "urls/url_files.h"

#include "io/decompress.h"
#include "model/codes.h"
#include "store/range_reader.h"

namespace eclusa {

const PinnedUrl* UrlFiles::Find(const std::string& path) const {
  const auto found = urls_.find(path);
  return found == urls_.end() ? nullptr : &found->second;
}

Result<std::unique_ptr<Input>> UrlFiles::Open(const std::string& path) const {
  const PinnedUrl* pinned = Find(path);
  if (pinned == nullptr) return others_->Open(path);
  auto ranges = TRY(reader_->Open(pinned->object, pinned->version));
  return Decompressed(MakeRangeInput(std::move(ranges), {}), path);
}

Result<std::shared_ptr<arrow::io::RandomAccessFile>> UrlFiles::OpenAnywhere(
    const std::string& path) const {
  const PinnedUrl* pinned = Find(path);
  if (pinned == nullptr) return others_->OpenAnywhere(path);
  return MakeRangeFile(TRY(reader_->Open(pinned->object, pinned->version)), {});
}

Result<FileIdentity> UrlFiles::Stat(const std::string& path) const {
  const PinnedUrl* pinned = Find(path);
  if (pinned == nullptr) return others_->Stat(path);
  auto stat = reader_->Stat(pinned->object, {});
  if (!stat.ok() && stat.error().kind() == ErrorKind::kNotFound) {
    return Error(ErrorKind::kConflict, code::store_gone, {{"object", path}});
  }
  const UrlStat found = TRY(std::move(stat));
  if (found.version != pinned->version) {
    return Error(ErrorKind::kConflict, code::store_changed, {{"object", path}});
  }
  return FileIdentity{.size = found.size, .modified_ns = 0, .sha256 = {}};
}

Result<std::string> UrlFiles::Digest(const std::string& path, const std::stop_token& stop) const {
  if (Find(path) == nullptr) return others_->Digest(path, stop);
  const FileIdentity identity = TRY(Stat(path));
  const auto file = TRY(OpenAnywhere(path));
  return DigestOf(*file, {.size = identity.size, .name = path, .stop = stop});
}

}  // namespace eclusa
