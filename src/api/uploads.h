// Uploads: where clients were told to send files, and what is there when they say so.
//
// A row of eclusa.uploads per upload; the object's name is ours. Registered, its version is pinned:
// no other is read. Functions of one statement each. Threads: as the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "pg/connection.h"
#include "request/load_flags.h"
#include "store/object_store.h"

namespace eclusa::api {

struct UploadRecord {
  std::string id;  // UUID
  std::string tenant;
  std::string dataset;
  std::string file_name;
  std::string upload_id;  // the store's, of an upload in parts
  UploadClaims claims;
  std::optional<int64_t> token_id;
};

// Inserts; `id` and the expiry are made here. `valid`: how long its URLs are good.
Result<UploadRecord> InsertUpload(Connection& connection, UploadRecord upload,
                                  std::chrono::seconds valid);
// The store's name of the upload in parts, where it gave one.
Status SetUploadParts(Connection& connection, const UploadRecord& upload);

// kNotFound (api.no_upload). By its id, or by its object.
Result<UploadRecord> FindUpload(Connection& connection, const std::string& id);
Result<UploadRecord> FindUploadOfObject(Connection& connection, const std::string& object);

// The file as a load reads it: complete, fitting its claims, pinned. kInvalid (api.upload_missing)
// where nothing was sent.
Result<StoredFile> PinUpload(Connection& connection, ObjectStore& store, const UploadRecord& upload,
                             const std::stop_token& stop);

}  // namespace eclusa::api
