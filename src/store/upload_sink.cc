#include "store/upload_sink.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "io/errno_error.h"
#include "model/codes.h"
#include "store/object_name.h"

namespace eclusa {
namespace {

constexpr std::string_view kPartName = "part-";

Error UnknownUpload(const std::string& object, const std::string& upload_id) {
  return {ErrorKind::kNotFound,
          code::store_upload_unknown,
          {{"object", object}, {"upload", upload_id}}};
}

// An id of ours: what RandomHex made.
bool IsUploadId(std::string_view id) {
  return id.size() == 32 && std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// What the other parts leave of the largest size.
Result<int64_t> RoomForPart(const LocalFiles& files, const UploadGrant& grant) {
  int64_t room = grant.max_size;
  for (const UploadedPart& part : TRY(LocalParts(files, grant.upload_id))) {
    if (part.part != grant.part) room -= part.size;
  }
  return std::max<int64_t>(room, 0);
}

}  // namespace

Result<UploadSink> UploadSink::Open(const LocalFiles& files, UploadGrant grant) {
  TRY(CheckObjectName(grant.object));
  int64_t limit = grant.size.value_or(grant.max_size);
  if (!grant.upload_id.empty()) {
    TRY(CheckLocalUpload(files, grant.object, grant.upload_id));
    if (!grant.size) limit = TRY(RoomForPart(files, grant));
  }
  UnnamedFile file = TRY(files.Create(grant.object));
  return UploadSink(files, std::move(grant), std::move(file), limit);
}

Status UploadSink::Write(std::string_view bytes) {
  if (failed_) return *failed_;
  if (file_.size() + static_cast<int64_t>(bytes.size()) > limit_) {
    failed_.emplace(ErrorKind::kInvalid, code::store_too_large,
                    ErrorArguments{{"object", grant_.object}, {"limit", std::to_string(limit_)}});
    return *failed_;
  }
  digest_.Update(bytes);
  Status written = file_.Write(bytes);
  if (!written.ok()) failed_ = written.error();
  return written;
}

Result<ObjectStat> UploadSink::Finish() && {
  if (failed_) return *failed_;
  if (grant_.size && file_.size() != *grant_.size) {
    return Error(ErrorKind::kInvalid, code::store_upload_length,
                 {{"object", grant_.object},
                  {"found", std::to_string(file_.size())},
                  {"expected", std::to_string(*grant_.size)}});
  }
  const std::string sha256 = HexText(digest_.Finish());
  if (!grant_.sha256.empty() && sha256 != grant_.sha256) {
    return Error(ErrorKind::kInvalid, code::store_digest,
                 {{"object", grant_.object}, {"found", sha256}, {"expected", grant_.sha256}});
  }
  if (grant_.upload_id.empty()) return files_->Publish(std::move(file_), grant_.object, sha256);
  ObjectStat part;
  part.size = file_.size();
  part.sha256 = sha256;
  if (!TRY(file_.MoveTo(LocalPartPath(*files_, grant_.upload_id, grant_.part)))) {
    return UnknownUpload(grant_.object, grant_.upload_id);
  }
  return part;
}

Status CheckLocalUpload(const LocalFiles& files, const std::string& object,
                        const std::string& upload_id) {
  TRY(CheckObjectName(object));
  if (IsUploadId(upload_id) && SmallFileText(files.UploadFolder(upload_id) + "/object") == object) {
    return Ok();
  }
  TRY(files.CheckThere());
  return UnknownUpload(object, upload_id);
}

Result<std::vector<UploadedPart>> LocalParts(const LocalFiles& files,
                                             const std::string& upload_id) {
  std::vector<UploadedPart> parts;
  for (const std::string& name : NamesIn(files.UploadFolder(upload_id))) {
    if (!name.starts_with(kPartName)) continue;
    UploadedPart part;
    std::from_chars(name.data() + kPartName.size(), name.data() + name.size(), part.part);
    struct stat about = {};
    const std::string path = LocalPartPath(files, upload_id, part.part);
    if (stat(path.c_str(), &about) != 0) return ErrnoError(errno, FileAction::kRead, upload_id);
    part.size = about.st_size;
    parts.push_back(part);
  }
  return parts;
}

std::string LocalPartPath(const LocalFiles& files, const std::string& upload_id, int part) {
  return fmt::format("{}/{}{:05}", files.UploadFolder(upload_id), kPartName, part);
}

}  // namespace eclusa
