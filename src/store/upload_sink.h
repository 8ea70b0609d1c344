// UploadSink: takes the body of one upload to a LocalStore, and makes it an object or a part.
//
// Nothing is visible before Finish has said so; destroyed without it, all is removed. The first
// byte too much is refused, and with it the upload. Two uploads of one object at once: the last
// that finishes is the object, whole. Ownership: its file. Threads: one at a time. Memory: none
// worth naming. Errors: store.too_large, store.upload_length, store.digest, store.upload_unknown;
// file.* codes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "io/sha256.h"
#include "store/local_files.h"
#include "store/upload_signature.h"

namespace eclusa {

class UploadSink {
 public:
  // `files` outlives the sink.
  static Result<UploadSink> Open(const LocalFiles& files, UploadGrant grant);

  // Once it has failed it fails in the same way again, and so does Finish.
  Status Write(std::string_view bytes);
  // The object; of a part its size and digest alone.
  Result<ObjectStat> Finish() &&;

 private:
  UploadSink(const LocalFiles& files, UploadGrant grant, UnnamedFile file, int64_t limit)
      : files_(&files), grant_(std::move(grant)), file_(std::move(file)), limit_(limit) {}

  const LocalFiles* files_;
  UploadGrant grant_;
  UnnamedFile file_;
  int64_t limit_;
  Sha256 digest_;
  std::optional<Error> failed_;
};

// Whether `upload_id` is an unfinished upload of `object`; else store.upload_unknown.
Status CheckLocalUpload(const LocalFiles& files, const std::string& object,
                        const std::string& upload_id);
// The parts that are there, in order.
Result<std::vector<UploadedPart>> LocalParts(const LocalFiles& files, const std::string& upload_id);
std::string LocalPartPath(const LocalFiles& files, const std::string& upload_id, int part);

}  // namespace eclusa
