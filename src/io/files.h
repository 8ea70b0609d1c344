// Files: where the files of a load are read from, by their names.
//
// The local disk, unless somebody gives another: a store of uploaded objects reads under the names
// that their clients gave them. Threads: any. Ownership: outlives what it opened.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "io/file_identity.h"
#include "io/input.h"

namespace eclusa {

class Files {
 public:
  virtual ~Files() = default;
  // As OpenInput of io/input.h.
  virtual Result<std::unique_ptr<Input>> Open(const std::string& path) const = 0;
  // As OpenRandomAccess of io/input.h.
  virtual Result<std::shared_ptr<arrow::io::RandomAccessFile>> OpenAnywhere(
      const std::string& path) const = 0;
  // As StatFile and DigestFile of io/file_identity.h.
  virtual Result<FileIdentity> Stat(const std::string& path) const = 0;
  virtual Result<std::string> Digest(const std::string& path,
                                     const std::stop_token& stop = {}) const = 0;
};

const Files& LocalDisk();

}  // namespace eclusa
