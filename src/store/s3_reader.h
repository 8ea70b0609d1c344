// Reading one version of an object of a bucket in ranges, without a copy of it.
//
// Each request names the version: its id, or the ETag as a condition; what is answered about
// another one is store.changed, about none store.gone (both kConflict). Memory: 32 MiB of blocks
// for random access, two blocks of 4 MiB for reading from front to back.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "io/input.h"
#include "store/object_store.h"
#include "store/s3_connection.h"

namespace arrow::io {
class RandomAccessFile;
}

namespace eclusa {

// How ObjectStat::version is written for S3: "v:" and the version's id where the bucket keeps
// versions, else "e:" and the ETag.
std::string S3VersionOf(const ClientResponse& answer);

// One version of one object. Threads: any.
class S3Ranges {
 public:
  // Asks for the size; `connection` outlives it.
  static Result<std::shared_ptr<S3Ranges>> Open(S3Connection& connection,
                                                const PinnedObject& pinned,
                                                const std::stop_token& stop);

  int64_t size() const { return size_; }
  const std::string& object() const { return pinned_.object; }
  // Exactly `length` bytes, which must be there.
  Result<std::string> Read(int64_t at, int64_t length, const std::stop_token& stop) const;

 private:
  S3Ranges(S3Connection& connection, PinnedObject pinned)
      : connection_(&connection), pinned_(std::move(pinned)) {}
  S3Call Call(std::string method) const;
  Error Refused(const ClientResponse& answer) const;

  S3Connection* connection_;
  PinnedObject pinned_;
  int64_t size_ = 0;
};

// Threads of the file: ReadAt from any. Reads that follow each other are served from blocks of up
// to 1 MiB, whose size falls where they are dropped before they were used.
std::shared_ptr<arrow::io::RandomAccessFile> MakeS3File(std::shared_ptr<S3Ranges> ranges,
                                                        std::stop_token stop);
// The stored bytes; a thread reads the next block ahead.
std::unique_ptr<Input> MakeS3Input(std::shared_ptr<S3Ranges> ranges, const std::stop_token& stop);

}  // namespace eclusa
