// ObjectStore: where uploaded files live, behind signed URLs that clients send them to.
//
// Two implementations: LocalStore (files under a folder) and S3Store (a bucket); one conformance
// suite runs over both. The way of an object: SignUpload -> the client sends its bytes to the URLs
// -> CompleteUpload says what is there -> Open* with the version that was seen -> Remove. What is
// read is always the version that was asked for, or an error; never bytes of another one.
//
// Names are checked (store/object_name.h). Threads: any. Errors: store.* and http.* codes;
// kConflict store.changed and store.gone where a pinned version is not there any more, kNotFound
// where there is no object, kUnavailable where the store is away.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "http/client.h"
#include "io/input.h"

namespace eclusa {

// What an upload claims, and what its signature holds it to.
struct UploadClaims {
  std::string object;
  std::optional<int64_t> size;  // exactly
  int64_t max_size = 0;         // at most; counts where no size is claimed
  std::string sha256;           // 64 hexadecimal digits in lower case; empty: not claimed
  std::string content_type;     // empty: any
  int parts = 1;                // 1: one request
  std::chrono::sys_seconds expires;
};

struct SignedUpload {
  std::string upload_id;          // of an upload in parts; else empty
  std::vector<std::string> urls;  // one, or one per part; perhaps fewer parts than asked for
  ClientHeaders headers;          // that the client must send with each
  int64_t part_size = 0;          // of each part but the last; 0: as the client likes
  std::chrono::sys_seconds expires;
};

struct ObjectStat {
  int64_t size = 0;
  std::string version;  // changes with every change of the object
  std::string sha256;   // empty: not known without reading it
  std::chrono::sys_seconds modified;
};

struct PinnedObject {
  std::string object;
  std::string version;  // of ObjectStat
  std::string sha256;   // what the bytes must have; empty: not compared
};

// Bytes that the server itself writes.
struct ObjectSource {
  int64_t size = 0;
  BodyReader read;           // exactly `size` bytes
  std::string sha256;        // checked where given
  std::string content_type;  // empty: none
};

struct UploadedPart {
  int part = 0;  // from 1
  int64_t size = 0;
};

struct ListedObject {
  std::string object;
  int64_t size = 0;
  std::chrono::sys_seconds modified;
};

struct UnfinishedUpload {
  std::string object;
  std::string upload_id;
  std::chrono::sys_seconds started;
};

// What a sweep looks at: names that begin with `prefix`, changed before `before`.
struct SweepScope {
  std::string prefix;
  std::chrono::sys_seconds before;
};

using ObjectVisitor = std::function<Status(const ListedObject&)>;
using UploadVisitor = std::function<Status(const UnfinishedUpload&)>;

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // Errors: store.upload_claims where the store cannot hold the upload to its claims.
  virtual Result<SignedUpload> SignUpload(const UploadClaims& claims) = 0;
  // Joins the parts (`upload_id` empty: there are none) and checks what is there against the
  // claims. An object that does not fit them is removed, but for parts that are missing. The digest
  // of parts is checked by LocalStore alone; S3 does not know it (PinnedObject::sha256).
  virtual Result<ObjectStat> CompleteUpload(const UploadClaims& claims,
                                            const std::string& upload_id,
                                            const std::stop_token& stop) = 0;
  virtual Status AbortUpload(const std::string& object, const std::string& upload_id) = 0;
  // Parts that are there, in order, so that a client goes on where it was.
  virtual Result<std::vector<UploadedPart>> UploadedParts(const std::string& object,
                                                          const std::string& upload_id) = 0;

  virtual Result<ObjectStat> Stat(const std::string& object) = 0;
  // Ranges of the object, never a copy of it on disk. Its errors come through Arrow as they are
  // (io/arrow_error.h).
  virtual Result<std::shared_ptr<arrow::io::RandomAccessFile>> OpenRandomAccess(
      const PinnedObject& pinned, const std::stop_token& stop) = 0;
  // From front to back, decompressed where it is gzip or zstd.
  virtual Result<std::unique_ptr<Input>> OpenInput(const PinnedObject& pinned,
                                                   const std::stop_token& stop) = 0;

  virtual Result<ObjectStat> Put(const std::string& object, const ObjectSource& source,
                                 const std::stop_token& stop) = 0;
  // Fine where there is none.
  virtual Status Remove(const std::string& object) = 0;
  // In no certain order; an error of the visitor ends it.
  virtual Status List(const SweepScope& scope, const ObjectVisitor& visit) = 0;
  virtual Status ListUnfinished(const SweepScope& scope, const UploadVisitor& visit) = 0;
};

// What makes claims impossible for any store: names, sizes, digests, parts. store.upload_claims.
Status CheckUploadClaims(const UploadClaims& claims);
// Of an upload in parts whose size is known: the size of each part but the last; at least `least`.
int64_t UploadPartSize(const UploadClaims& claims, int64_t least);
// How many parts there are, then; as many as are asked for where no size is claimed.
int UploadPartCount(const UploadClaims& claims, int64_t least);
// store.upload_length or store.too_large where an object of `size` bytes does not fit the claims.
Status CheckUploadedSize(const UploadClaims& claims, int64_t size);

}  // namespace eclusa
