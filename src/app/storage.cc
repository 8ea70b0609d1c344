#include "app/storage.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "api/pinned_files.h"
#include "api/upload_sweeper.h"
#include "app/database.h"
#include "core/fault.h"
#include "io/errno_error.h"
#include "store/object_name.h"
#include "store/s3_store.h"

namespace eclusa {
namespace {

namespace fs = std::filesystem;

constexpr size_t kKeyBytes = 32;
const FaultPoint kKeyWritten("store.key_written");

Status MakeFolder(const fs::path& path) {
  std::error_code failed;
  fs::create_directories(path, failed);
  if (failed) return ErrnoError(failed.value(), FileAction::kWrite, path.string());
  return Ok();
}

Error BadKey(const fs::path& path) {
  return Error(ErrorKind::kInvalid, code::config_bad_value,
               {{"name", path.string()}, {"value", "empty"}, {"expected", "64 digits"}});
}

// Whole or not at all: who looks at that moment must not find half of a key. False: there is one
// already.
Result<bool> MakeKey(const fs::path& path, const std::string& key) {
  std::string beside = path.string() + ".XXXXXX";
  const int file = mkostemp(beside.data(), O_CLOEXEC);  // its owner's alone
  if (file < 0) return ErrnoError(errno, FileAction::kWrite, path.string());
  bool made =
      write(file, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && fsync(file) == 0;
  int error = errno;
  close(file);
  kKeyWritten.Reach();
  if (made && link(beside.c_str(), path.c_str()) != 0) {
    made = false;
    error = errno;
  }
  unlink(beside.c_str());
  if (!made && error != EEXIST) return ErrnoError(error, FileAction::kWrite, path.string());
  return made;
}

// Whoever starts first makes it, and all others read it.
Result<std::string> SigningKey(const fs::path& path) {
  std::error_code unknown;  // then it is read, which says what is wrong
  if (!fs::exists(path, unknown) && !unknown) {
    const std::string made = RandomHex(kKeyBytes);
    if (TRY(MakeKey(path, made))) return made;
  }
  std::ifstream kept(path);
  std::string key;
  std::getline(kept, key);
  if (kept.fail() || key.empty()) return BadKey(path);
  return key;
}

Result<std::shared_ptr<ObjectStore>> OpenBucket(const Settings& settings) {
  S3Config config;
  config.endpoint = settings.Text("storage.s3.endpoint");
  config.region = settings.Text("storage.s3.region");
  config.bucket = settings.Text("storage.s3.bucket");
  config.key = {settings.Text("storage.s3.access_key"), settings.Text("storage.s3.secret_key"),
                settings.Text("storage.s3.session_token")};
  config.path_style = settings.Flag("storage.s3.path_style");
  return std::shared_ptr<ObjectStore>(TRY(S3Store::Open(std::move(config))));
}

Status OpenUrls(const Settings& settings, Storage& storage) {
  UrlReaderConfig config;
  config.urls = TRY(RegisteredUrls::Parse(settings.List("urls.registered")));
  storage.urls = std::make_shared<UrlReader>(config);
  config.limits.connect = std::chrono::seconds(3);
  config.limits.total = std::chrono::seconds(10);
  config.retries.attempts = 1;
  storage.urls_of_calls = std::make_shared<UrlReader>(std::move(config));
  return Ok();
}

}  // namespace

Result<Storage> OpenStorage(const Settings& settings, const CommandContext& context) {
  Storage storage;
  TRY(OpenUrls(settings, storage));
  fs::path folder = settings.Text("storage.folder");
  if (folder.empty()) {
    const PrivateServerOptions server = TRY(ServerOptions(context));
    folder = fs::path(server.data_dir).parent_path() / "store";
  }
  TRY(MakeFolder(folder));
  storage.temporary_folder = (folder / "exports").string();
  TRY(MakeFolder(storage.temporary_folder));
  storage.signing_key = settings.Text("signing_key");
  if (!storage.signing_key.empty() && storage.signing_key.size() < kKeyBytes) {
    return Error(ErrorKind::kInvalid, code::config_bad_value,
                 {{"name", "signing_key"}, {"value", "***"}, {"expected", "32 ... bytes"}});
  }
  if (storage.signing_key.empty()) storage.signing_key = TRY(SigningKey(folder / "signing.key"));
  if (!settings.Text("storage.s3.endpoint").empty()) {
    storage.store = TRY(OpenBucket(settings));
    return storage;
  }
  std::unique_ptr<LocalStore> local = TRY(LocalStore::Open({.folder = (folder / "objects").string(),
                                                            .base_url = "/uploads/",
                                                            .keys = {{"k1", storage.signing_key}},
                                                            .now = nullptr}));
  storage.local = local.get();
  storage.store = std::move(local);
  return storage;
}

Service UploadSweeperOf(const Storage& storage, const Settings& settings) {
  api::UploadSweepConfig config;
  config.keep = std::chrono::days(settings.Number("retention.keep_failures_days"));
  return api::UploadSweeper(storage.store, storage.local, config);
}

OpenStored OpenStoredIn(const Storage& storage) {
  return [stores = api::FileStores{storage.store, storage.urls}](
             const std::vector<StoredFile>& files) -> Result<std::shared_ptr<const Files>> {
    return api::FilesOf(stores, files);
  };
}

}  // namespace eclusa
