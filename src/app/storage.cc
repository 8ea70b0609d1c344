#include "app/storage.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <map>

#include "api/upload_sweeper.h"
#include "app/database.h"
#include "io/errno_error.h"
#include "store/object_name.h"
#include "store/stored_files.h"

namespace eclusa {
namespace {

namespace fs = std::filesystem;

constexpr size_t kKeyBytes = 32;

Status MakeFolder(const fs::path& path) {
  std::error_code failed;
  fs::create_directories(path, failed);
  if (failed) return ErrnoError(failed.value(), FileAction::kWrite, path.string());
  return Ok();
}

// The key's file; whoever starts first makes it, and all others read it.
Result<std::string> SigningKey(const fs::path& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) {
    const std::string key = RandomHex(kKeyBytes);
    const bool written =
        write(file, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && fsync(file) == 0;
    const int error = errno;
    close(file);
    if (!written) {
      unlink(path.c_str());
      return ErrnoError(error, FileAction::kWrite, path.string());
    }
    return key;
  }
  std::string key;
  std::ifstream(path) >> key;
  if (key.size() == 2 * kKeyBytes) return key;
  return Error(ErrorKind::kInvalid, code::config_bad_value,
               {{"name", path.string()}, {"value", ""}, {"expected", "64 hexadecimal digits"}});
}

}  // namespace

void AddStorageFlags(CLI::App& command, StorageFlags& flags, CommandContext& context) {
  command.add_option("--storage", flags.folder,
                     context.Say("folder of uploaded files (beside the private PostgreSQL)",
                                 "pasta dos arquivos enviados (ao lado do PostgreSQL privado)"));
}

Result<Storage> OpenStorage(const StorageFlags& flags, const CommandContext& context) {
  fs::path folder = flags.folder;
  if (folder.empty()) {
    const PrivateServerOptions server = TRY(ServerOptions(context));
    folder = fs::path(server.data_dir).parent_path() / "store";
  }
  TRY(MakeFolder(folder));
  Storage storage;
  storage.temporary_folder = (folder / "exports").string();
  TRY(MakeFolder(storage.temporary_folder));
  const std::string key = TRY(SigningKey(folder / "signing.key"));
  std::unique_ptr<LocalStore> local = TRY(LocalStore::Open({.folder = (folder / "objects").string(),
                                                            .base_url = "/uploads/",
                                                            .keys = {{"k1", key}},
                                                            .now = nullptr}));
  storage.local = local.get();
  storage.store = std::move(local);
  return storage;
}

Service UploadSweeperOf(const Storage& storage) {
  return api::UploadSweeper(storage.store, storage.local, {});
}

OpenStored OpenStoredIn(std::shared_ptr<ObjectStore> store) {
  return [store = std::move(store)](
             const std::vector<StoredFile>& files) -> Result<std::shared_ptr<const Files>> {
    std::map<std::string, PinnedObject> objects;
    for (const StoredFile& file : files) objects[file.path] = {file.object, file.version};
    return std::shared_ptr<const Files>(std::make_shared<StoredFiles>(store, std::move(objects)));
  };
}

}  // namespace eclusa
