#include "api/uploads.h"

#include "api/sql.h"
#include "model/codes.h"
#include "store/object_name.h"

namespace eclusa::api {
namespace {

Parameter Optional(const std::optional<int64_t>& value) {
  if (!value) return std::nullopt;
  return std::to_string(*value);
}

UploadRecord RecordAt(const QueryResult& found) {
  UploadRecord upload{.id = std::string(found.Text(0, 0)),
                      .tenant = std::string(found.Text(0, 1)),
                      .dataset = std::string(found.Text(0, 2)),
                      .file_name = std::string(found.Text(0, 3)),
                      .upload_id = std::string(found.Text(0, 5)),
                      .claims = {},
                      .token_id = {}};
  UploadClaims& claims = upload.claims;
  claims.object = found.Text(0, 4);
  claims.parts = static_cast<int>(found.Int(0, 6));
  if (!found.IsNull(0, 7)) claims.size = found.Int(0, 7);
  claims.max_size = found.Int(0, 8);
  claims.sha256 = found.Text(0, 9);
  claims.content_type = found.Text(0, 10);
  claims.expires = std::chrono::sys_seconds(std::chrono::seconds(found.Int(0, 11)));
  return upload;
}

Error NoUpload(const std::string& id) {
  return Error(ErrorKind::kNotFound, code::api_no_upload, {{"upload", id}});
}

// What the client called it, safe to show and to take for a name: its last part, printable.
std::string ShownName(const std::string& name) {
  std::string shown;
  for (const char c : name.substr(name.find_last_of("/\\") + 1)) {
    shown += static_cast<unsigned char>(c) < 0x20 ? '_' : c;
  }
  return shown.empty() ? "file" : shown;
}

}  // namespace

Result<UploadRecord> InsertUpload(Connection& connection, UploadRecord upload,
                                  std::chrono::seconds valid) {
  UploadClaims& claims = upload.claims;
  claims.object = NewObjectName("in");
  upload.file_name = ShownName(upload.file_name);
  const QueryResult made = TRY(connection.Query(
      std::string(sql::kInsertUpload),
      {upload.tenant, upload.dataset, upload.file_name, claims.object, std::to_string(claims.parts),
       Optional(claims.size), std::to_string(claims.max_size), claims.sha256, claims.content_type,
       Optional(upload.token_id), std::to_string(valid.count())}));
  upload.id = made.Text(0, 0);
  claims.expires = std::chrono::sys_seconds(std::chrono::seconds(made.Int(0, 1)));
  return upload;
}

Status SetUploadParts(Connection& connection, const UploadRecord& upload) {
  TRY(connection.Query(std::string(sql::kSetUploadParts),
                       {upload.id, upload.upload_id, std::to_string(upload.claims.parts)}));
  return Ok();
}

Result<UploadRecord> FindUpload(Connection& connection, const std::string& id) {
  const QueryResult found = TRY(connection.Query(std::string(sql::kSelectUpload), {id}));
  if (found.rows() == 0) return NoUpload(id);
  return RecordAt(found);
}

Result<UploadRecord> FindUploadOfObject(Connection& connection, const std::string& object) {
  const QueryResult found =
      TRY(connection.Query(std::string(sql::kSelectUploadOfObject), {object}));
  if (found.rows() == 0) return NoUpload(object);
  return RecordAt(found);
}

Result<StoredFile> PinUpload(Connection& connection, ObjectStore& store, const UploadRecord& upload,
                             const std::stop_token& stop) {
  auto stat = store.CompleteUpload(upload.claims, upload.upload_id, stop);
  // Its parts were joined before: for another load, or for a registration that was refused later.
  if (!stat.ok() && stat.error().code() == code::store_upload_unknown) {
    stat = store.CompleteUpload(upload.claims, {}, stop);
  }
  if (!stat.ok()) {
    if (stat.error().kind() != ErrorKind::kNotFound) return std::move(stat).error();
    return Error(ErrorKind::kInvalid, code::api_upload_missing,
                 {{"upload", upload.id}, {"file", upload.file_name}});
  }
  TRY(connection.Query(std::string(sql::kPinUpload), {upload.id, stat->version}));
  return StoredFile{.path = "upload/" + upload.id + "/" + upload.file_name,
                    .object = upload.claims.object,
                    .version = stat->version,
                    .sha256 = stat->sha256.empty() ? upload.claims.sha256 : std::string(),
                    .url = {},
                    .tenant = {}};
}

}  // namespace eclusa::api
