// S3Store: objects in a bucket of S3 or of a store that speaks as it does.
//
// Clients send their bytes to the store itself, by URLs signed for one object, one length (where a
// size is claimed), one digest (of uploads in one request) and a time. What S3 cannot hold an
// upload to is checked by CompleteUpload: the largest size where no size is claimed. The digest of
// an object in parts is not known to S3, and some stores keep a part whose sender went away
// (versitygw 1.8.0 does): a client sends it again, and whoever reads such an object compares its
// digest where one was claimed. In a bucket that keeps versions a pinned object is read
// even after it was replaced or deleted. Threads: any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "store/object_store.h"
#include "store/s3_answers.h"
#include "store/s3_connection.h"

namespace eclusa {

class S3Store final : public ObjectStore {
 public:
  // Asks nothing of the network.
  static Result<std::unique_ptr<S3Store>> Open(S3Config config);

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
  explicit S3Store(std::unique_ptr<S3Connection> connection) : connection_(std::move(connection)) {}
  Result<std::string> BeginParts(const UploadClaims& claims);
  Result<std::vector<S3Part>> Parts(const std::string& object, const std::string& upload_id);
  Status Join(const std::string& object, const std::string& upload_id,
              const std::vector<S3Part>& parts, const std::stop_token& stop);

  std::unique_ptr<S3Connection> connection_;
};

}  // namespace eclusa
