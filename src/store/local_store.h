// LocalStore: objects as files under a folder, uploaded to the server itself.
//
// Upload URLs are `base_url` + object + a signed query (store/upload_signature.h); the server hands
// each request to VerifyUpload and its body to the sink of Receive. Each object's SHA-256 is known
// from its upload. How files appear: store/local_files.h. Threads: any. Memory: a block while parts
// are joined.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "store/local_files.h"
#include "store/object_store.h"
#include "store/upload_signature.h"
#include "store/upload_sink.h"

namespace eclusa {

struct LocalStoreConfig {
  std::string folder;                             // made where it is not there; its parent must be
  std::string base_url;                           // "http://127.0.0.1:8080/uploads/"
  std::vector<UploadKey> keys;                    // the first signs, all are accepted; at least one
  std::function<std::chrono::sys_seconds()> now;  // null: the system's clock
};

class LocalStore final : public ObjectStore {
 public:
  static Result<std::unique_ptr<LocalStore>> Open(LocalStoreConfig config);

  // What a request to an upload URL may do; errors as of VerifyUploadAttempt.
  Result<UploadGrant> VerifyUpload(const UploadAttempt& attempt) const;
  // Where its body goes. The store outlives the sink.
  Result<UploadSink> Receive(UploadGrant grant) const;
  // What processes that died have left half written.
  Status RemovePartial(std::chrono::sys_seconds before) const;

  Result<SignedUpload> SignUpload(const UploadClaims& claims) override;
  Result<ObjectStat> CompleteUpload(const UploadClaims& claims, const std::string& upload_id,
                                    const std::stop_token& stop) override;
  Status AbortUpload(const std::string& object, const std::string& upload_id) override;
  Result<std::vector<UploadedPart>> UploadedParts(const std::string& object,
                                                  const std::string& upload_id) override;
  Result<ObjectStat> Stat(const std::string& object) override;
  Result<std::shared_ptr<arrow::io::RandomAccessFile>> OpenRandomAccess(
      const PinnedObject& pinned, const std::stop_token& stop) override;
  Result<std::unique_ptr<Input>> OpenInput(const PinnedObject& pinned,
                                           const std::stop_token& stop) override;
  Result<ObjectStat> Put(const std::string& object, const ObjectSource& source,
                         const std::stop_token& stop) override;
  Status Remove(const std::string& object) override;
  Status List(const SweepScope& scope, const ObjectVisitor& visit) override;
  Status ListUnfinished(const SweepScope& scope, const UploadVisitor& visit) override;

 private:
  explicit LocalStore(LocalStoreConfig config)
      : config_(std::move(config)), files_(config_.folder) {}
  Result<ObjectStat> Join(const UploadClaims& claims, const std::vector<UploadedPart>& parts,
                          const std::string& upload_id, const std::stop_token& stop);
  Status CheckPinned(const PinnedObject& pinned) const;
  // What became of a version whose file is not there.
  Error NotThere(const PinnedObject& pinned) const;

  LocalStoreConfig config_;
  LocalFiles files_;
};

}  // namespace eclusa
