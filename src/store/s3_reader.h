// Reading one version of an object of a bucket in ranges, without a copy of it.
//
// Each request names the version: its id, or the ETag as a condition; what is answered about
// another one is store.changed, about none store.gone (both kConflict). How they become files:
// store/range_reader.h.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "store/object_store.h"
#include "store/range_reader.h"
#include "store/s3_connection.h"

namespace eclusa {

// How ObjectStat::version is written for S3: "v:" and the version's id where the bucket keeps
// versions, else "e:" and the ETag.
std::string S3VersionOf(const ClientResponse& answer);

// One version of one object. Threads: any.
class S3Ranges final : public ByteRanges {
 public:
  // Asks for the size; `connection` outlives it.
  static Result<std::shared_ptr<S3Ranges>> Open(S3Connection& connection,
                                                const PinnedObject& pinned,
                                                const std::stop_token& stop);

  int64_t size() const override { return size_; }
  Result<std::string> Read(int64_t at, int64_t length, const std::stop_token& stop) const override;

 private:
  S3Ranges(S3Connection& connection, PinnedObject pinned)
      : connection_(&connection), pinned_(std::move(pinned)) {}
  S3Call Call(std::string method) const;
  Error Refused(const ClientResponse& answer) const;

  S3Connection* connection_;
  PinnedObject pinned_;
  int64_t size_ = 0;
};

}  // namespace eclusa
