#include "io/files.h"

namespace eclusa {
namespace {

class LocalDiskFiles final : public Files {
 public:
  Result<std::unique_ptr<Input>> Open(const std::string& path) const override {
    return OpenInput(path);
  }
  Result<std::shared_ptr<arrow::io::RandomAccessFile>> OpenAnywhere(
      const std::string& path) const override {
    return OpenRandomAccess(path);
  }
  Result<FileIdentity> Stat(const std::string& path) const override { return StatFile(path); }
  Result<std::string> Digest(const std::string& path, const std::stop_token& stop) const override {
    return DigestFile(path, stop);
  }
};

}  // namespace

const Files& LocalDisk() {
  static const LocalDiskFiles files;
  return files;
}

}  // namespace eclusa
