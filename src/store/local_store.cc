#include "store/local_store.h"

#include <arrow/io/interfaces.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "io/decompress.h"
#include "io/errno_error.h"
#include "io/sha256.h"
#include "model/codes.h"
#include "store/object_name.h"

namespace eclusa {
namespace {

constexpr size_t kJoinBlock = 1 << 20;

std::chrono::sys_seconds ModifiedAt(const std::string& path) {
  struct stat about = {};
  if (stat(path.c_str(), &about) != 0) return std::chrono::sys_seconds::max();
  return std::chrono::sys_seconds(std::chrono::seconds(about.st_mtim.tv_sec));
}

Error NoSuchObject(const std::string& object) {
  return {ErrorKind::kNotFound, code::store_not_found, {{"object", object}}};
}

Error Stopped() { return {ErrorKind::kCancelled, code::load_cancelled}; }

}  // namespace

Result<std::unique_ptr<LocalStore>> LocalStore::Open(LocalStoreConfig config) {
  CHECK(!config.keys.empty());
  if (!config.now) {
    config.now = [] {
      return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    };
  }
  std::unique_ptr<LocalStore> store(new LocalStore(std::move(config)));
  TRY(store->files_.Prepare());
  return store;
}

// --- uploads ---

Result<SignedUpload> LocalStore::SignUpload(const UploadClaims& claims) {
  TRY(CheckUploadClaims(claims));
  SignedUpload upload;
  upload.expires = claims.expires;
  if (!claims.content_type.empty()) upload.headers = {{"Content-Type", claims.content_type}};
  UploadGrant grant;
  grant.object = claims.object;
  grant.size = claims.size;
  grant.max_size = claims.max_size;
  grant.content_type = claims.content_type;
  grant.expires = claims.expires;
  const auto url = [&] {
    return config_.base_url + claims.object + "?" + SignedUploadQuery(config_.keys.front(), grant);
  };
  const int parts = UploadPartCount(claims, 1);
  if (parts == 1) {
    grant.sha256 = claims.sha256;
    upload.urls.push_back(url());
    return upload;
  }
  upload.upload_id = RandomHex(16);
  grant.upload_id = upload.upload_id;
  TRY(files_.MakeFolders("uploads/" + upload.upload_id));
  UnnamedFile about = TRY(files_.Create(claims.object));
  TRY(about.Write(claims.object));
  CHECK(TRY(about.MoveTo(files_.UploadFolder(upload.upload_id) + "/object")));
  if (claims.size) upload.part_size = UploadPartSize(claims, 1);
  for (int part = 1; part <= parts; ++part) {
    grant.part = part;
    if (claims.size) {
      grant.size = std::min(upload.part_size, *claims.size - (part - 1) * upload.part_size);
    }
    upload.urls.push_back(url());
  }
  return upload;
}

Result<UploadGrant> LocalStore::VerifyUpload(const UploadAttempt& attempt) const {
  return VerifyUploadAttempt(config_.keys, attempt, config_.now());
}

Result<UploadSink> LocalStore::Receive(UploadGrant grant) const {
  return UploadSink::Open(files_, std::move(grant));
}

Status LocalStore::RemovePartial(std::chrono::sys_seconds before) const {
  const std::string folder = files_.PartialFolder() + "/";
  for (const std::string& name : NamesIn(files_.PartialFolder())) {
    if (ModifiedAt(folder + name) < before) unlink((folder + name).c_str());
  }
  // Uploads in parts that never got as far as their name.
  for (const std::string& upload_id : NamesIn(files_.UploadsFolder())) {
    if (ModifiedAt(files_.UploadFolder(upload_id)) < before) {
      rmdir(files_.UploadFolder(upload_id).c_str());
    }
  }
  return Ok();
}

Result<ObjectStat> LocalStore::CompleteUpload(const UploadClaims& claims,
                                              const std::string& upload_id,
                                              const std::stop_token& stop) {
  TRY(CheckUploadClaims(claims));
  if (upload_id.empty()) {
    const ObjectStat stat = TRY(Stat(claims.object));
    Status fits = CheckUploadedSize(claims, stat.size);
    if (fits.ok() && !claims.sha256.empty() && stat.sha256 != claims.sha256) {
      fits =
          Error(ErrorKind::kInvalid, code::store_digest,
                {{"object", claims.object}, {"found", stat.sha256}, {"expected", claims.sha256}});
    }
    if (fits.ok()) return stat;
    TRY(Remove(claims.object));
    return std::move(fits).error();
  }
  TRY(CheckLocalUpload(files_, claims.object, upload_id));
  const std::vector<UploadedPart> parts = TRY(LocalParts(files_, upload_id));
  const int count = UploadPartCount(claims, 1);
  int64_t size = 0;
  for (int part = 1; part <= count; ++part) {
    const auto at = static_cast<size_t>(part - 1);
    if (at >= parts.size() || parts[at].part != part) {
      return Error(ErrorKind::kInvalid, code::store_part_missing,
                   {{"object", claims.object},
                    {"part", std::to_string(part)},
                    {"parts", std::to_string(count)}});
    }
    size += parts[at].size;
  }
  Result<ObjectStat> joined = Error(ErrorKind::kInternal, code::store_upload_length);
  if (Status fits = CheckUploadedSize(claims, size); fits.ok()) {
    joined = Join(claims, parts, upload_id, stop);
  } else {
    joined = std::move(fits).error();
  }
  // What is invalid stays so; a full disk or a stop may be over the next time.
  if (joined.ok() || joined.error().kind() == ErrorKind::kInvalid) {
    TRY(AbortUpload(claims.object, upload_id));
  }
  return joined;
}

Result<ObjectStat> LocalStore::Join(const UploadClaims& claims,
                                    const std::vector<UploadedPart>& parts,
                                    const std::string& upload_id, const std::stop_token& stop) {
  UnnamedFile whole = TRY(files_.Create(claims.object));
  Sha256 digest;
  std::vector<char> block(kJoinBlock);
  for (const UploadedPart& part : parts) {
    struct stat about = {};
    const Descriptor file =
        TRY(Descriptor::OpenToRead(LocalPartPath(files_, upload_id, part.part), &about));
    while (true) {
      if (stop.stop_requested()) return Stopped();
      const size_t got = TRY(file.Read(block, claims.object));
      digest.Update({block.data(), got});
      TRY(whole.Write({block.data(), got}));
      if (got < block.size()) break;
    }
  }
  const std::string sha256 = HexText(digest.Finish());
  if (!claims.sha256.empty() && sha256 != claims.sha256) {
    return Error(ErrorKind::kInvalid, code::store_digest,
                 {{"object", claims.object}, {"found", sha256}, {"expected", claims.sha256}});
  }
  return files_.Publish(std::move(whole), claims.object, sha256);
}

Status LocalStore::AbortUpload(const std::string& object, const std::string& upload_id) {
  TRY(CheckLocalUpload(files_, object, upload_id));
  std::error_code error;
  std::filesystem::remove_all(files_.UploadFolder(upload_id), error);
  if (error) return ErrnoError(error.value(), FileAction::kWrite, object);
  return SyncFolder(files_.UploadsFolder(), object);
}

Result<std::vector<UploadedPart>> LocalStore::UploadedParts(const std::string& object,
                                                            const std::string& upload_id) {
  TRY(CheckLocalUpload(files_, object, upload_id));
  return LocalParts(files_, upload_id);
}

// --- objects ---

Result<ObjectStat> LocalStore::Stat(const std::string& object) {
  TRY(CheckObjectName(object));
  std::optional<ObjectStat> found = TRY(files_.Newest(object));
  if (!found) return NoSuchObject(object);
  return *std::move(found);
}

Status LocalStore::CheckPinned(const PinnedObject& pinned) const {
  TRY(CheckObjectName(pinned.object));
  if (!IsLocalVersion(pinned.version)) return NotThere(pinned);
  return Ok();
}

Error LocalStore::NotThere(const PinnedObject& pinned) const {
  const auto newest = files_.Newest(pinned.object);
  if (!newest.ok()) return newest.error();
  return {ErrorKind::kConflict,
          newest.value().has_value() ? code::store_changed : code::store_gone,
          {{"object", pinned.object}}};
}

Result<std::shared_ptr<arrow::io::RandomAccessFile>> LocalStore::OpenRandomAccess(
    const PinnedObject& pinned, const std::stop_token&) {
  TRY(CheckPinned(pinned));
  auto opened = eclusa::OpenRandomAccess(files_.PathOf(pinned));
  if (!opened.ok() && opened.error().kind() == ErrorKind::kNotFound) return NotThere(pinned);
  return opened;
}

Result<std::unique_ptr<Input>> LocalStore::OpenInput(const PinnedObject& pinned,
                                                     const std::stop_token&) {
  TRY(CheckPinned(pinned));
  auto opened = OpenStoredInput(files_.PathOf(pinned));
  if (!opened.ok() && opened.error().kind() == ErrorKind::kNotFound) return NotThere(pinned);
  return Decompressed(TRY(std::move(opened)), pinned.object);
}

Result<ObjectStat> LocalStore::Put(const std::string& object, const ObjectSource& source,
                                   const std::stop_token& stop) {
  UploadGrant grant;
  grant.object = object;
  grant.size = source.size;
  grant.sha256 = source.sha256;
  UploadSink sink = TRY(UploadSink::Open(files_, std::move(grant)));
  std::vector<char> block(kJoinBlock);
  while (true) {
    if (stop.stop_requested()) return Stopped();
    const size_t got = TRY(source.read(block));
    if (got == 0) break;
    TRY(sink.Write({block.data(), got}));
  }
  return std::move(sink).Finish();
}

Status LocalStore::Remove(const std::string& object) {
  TRY(CheckObjectName(object));
  return files_.RemoveVersions(object, {});
}

Status LocalStore::List(const SweepScope& scope, const ObjectVisitor& visit) {
  namespace fs = std::filesystem;
  const std::string root = files_.ObjectsFolder();
  std::error_code error;
  // What comes and goes meanwhile is passed over.
  fs::recursive_directory_iterator entries(root, fs::directory_options::skip_permission_denied,
                                           error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const std::string path = entries->path();
    if (!IsLocalVersion(entries->path().filename().string())) continue;
    ListedObject listed;
    listed.object = path.substr(root.size() + 1, path.rfind('/') - root.size() - 1);
    listed.modified = ModifiedAt(path);
    if (!listed.object.starts_with(scope.prefix) || listed.modified >= scope.before) continue;
    const auto newest = TRY(files_.Newest(listed.object));
    if (!newest || newest->version != entries->path().filename()) continue;
    listed.size = newest->size;
    TRY(visit(listed));
  }
  return Ok();
}

Status LocalStore::ListUnfinished(const SweepScope& scope, const UploadVisitor& visit) {
  for (const std::string& upload_id : NamesIn(files_.UploadsFolder())) {
    UnfinishedUpload upload;
    upload.upload_id = upload_id;
    const std::string about = files_.UploadFolder(upload_id) + "/object";
    upload.object = SmallFileText(about);
    upload.started = ModifiedAt(about);
    const bool fits = IsObjectName(upload.object) && upload.object.starts_with(scope.prefix) &&
                      upload.started < scope.before;
    if (fits) TRY(visit(upload));
  }
  return Ok();
}

}  // namespace eclusa
