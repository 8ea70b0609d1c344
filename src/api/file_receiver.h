// FileReceiver: a file that comes with its form, on its way into the store.
//
// Into a folder it goes as an upload's body does (store/upload_sink.h); for a bucket it is kept in
// an unnamed file of the temporary folder until its length is known. Destroyed before Finish,
// nothing is left. Threads: one at a time. Errors: as of UploadSink and ObjectStore::Put.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/service.h"
#include "core/result.h"
#include "store/object_store.h"

namespace eclusa::api {

class FileReceiver {
 public:
  virtual ~FileReceiver() = default;
  virtual Status Write(std::string_view bytes) = 0;
  // The object is there; its SHA-256.
  virtual Result<std::string> Finish() = 0;
};

Result<std::unique_ptr<FileReceiver>> ReceiveFile(ApiService& service, const UploadClaims& claims);

}  // namespace eclusa::api
