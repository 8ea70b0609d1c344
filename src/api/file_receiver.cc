#include "api/file_receiver.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "io/descriptor.h"
#include "io/errno_error.h"
#include "io/sha256.h"
#include "model/codes.h"
#include "store/upload_sink.h"

namespace eclusa::api {
namespace {

class LocalReceiver final : public FileReceiver {
 public:
  explicit LocalReceiver(UploadSink sink) : sink_(std::move(sink)) {}

  Status Write(std::string_view bytes) override { return sink_.Write(bytes); }
  Result<std::string> Finish() override { return TRY(std::move(sink_).Finish()).sha256; }

 private:
  UploadSink sink_;
};

class SpooledReceiver final : public FileReceiver {
 public:
  SpooledReceiver(ObjectStore& store, UploadClaims claims, Descriptor file)
      : store_(store), claims_(std::move(claims)), file_(std::move(file)) {}

  Status Write(std::string_view bytes) override {
    TRY(CheckRoom(static_cast<int64_t>(bytes.size())));
    digest_.Update(bytes);
    while (!bytes.empty()) {
      const ssize_t written = write(file_.number(), bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR) {
        return ErrnoError(errno, FileAction::kWrite, claims_.object);
      }
      if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
      if (written > 0) size_ += written;
    }
    return Ok();
  }

  Result<std::string> Finish() override {
    TRY(CheckUploadedSize(claims_, size_));
    const std::string sha256 = HexText(digest_.Finish());
    if (!claims_.sha256.empty() && sha256 != claims_.sha256) {
      return Error(ErrorKind::kInvalid, code::store_digest,
                   {{"object", claims_.object}, {"found", sha256}, {"expected", claims_.sha256}});
    }
    if (lseek(file_.number(), 0, SEEK_SET) != 0) {
      return ErrnoError(errno, FileAction::kRead, claims_.object);
    }
    const ObjectSource source{
        .size = size_,
        .read = [this](std::span<char> out) { return file_.Read(out, claims_.object); },
        .sha256 = sha256,
        .content_type = claims_.content_type};
    TRY(store_.Put(claims_.object, source, {}));
    return sha256;
  }

 private:
  Status CheckRoom(int64_t more) const {
    const int64_t limit = claims_.size.value_or(claims_.max_size);
    if (size_ + more <= limit) return Ok();
    return Error(ErrorKind::kInvalid, code::store_too_large,
                 {{"object", claims_.object}, {"limit", std::to_string(limit)}});
  }

  ObjectStore& store_;
  const UploadClaims claims_;
  Descriptor file_;
  Sha256 digest_;
  int64_t size_ = 0;
};

}  // namespace

Result<std::unique_ptr<FileReceiver>> ReceiveFile(ApiService& service, const UploadClaims& claims) {
  if (service.local != nullptr) {
    UploadGrant grant;
    grant.object = claims.object;
    grant.size = claims.size;
    grant.max_size = claims.max_size;
    grant.sha256 = claims.sha256;
    UploadSink sink = TRY(service.local->Receive(std::move(grant)));
    return std::unique_ptr<FileReceiver>(std::make_unique<LocalReceiver>(std::move(sink)));
  }
  Descriptor file(
      open(service.config.temporary_folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
  if (file.number() < 0) return ErrnoError(errno, FileAction::kWrite, claims.object);
  return std::unique_ptr<FileReceiver>(
      std::make_unique<SpooledReceiver>(*service.store, claims, std::move(file)));
}

}  // namespace eclusa::api
