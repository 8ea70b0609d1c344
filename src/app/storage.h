// Storage: where uploaded files are, as the flags or the environment say.
//
// A folder of this machine unless told otherwise: beside the private PostgreSQL's. The key that
// signs upload URLs is made at the first start, in a file that only this user may read.
#pragma once

#include <memory>
#include <string>

#include "app/command.h"
#include "core/result.h"
#include "jobs/job_run.h"
#include "jobs/service.h"
#include "store/local_store.h"
#include "store/object_store.h"

namespace CLI {
class App;
}

namespace eclusa {

struct StorageFlags {
  std::string folder;  // empty: the default
};
void AddStorageFlags(CLI::App& command, StorageFlags& flags, CommandContext& context);

struct Storage {
  std::shared_ptr<ObjectStore> store;
  LocalStore* local = nullptr;  // the same, where it is a folder
  std::string temporary_folder;
};
Result<Storage> OpenStorage(const StorageFlags& flags, const CommandContext& context);

// The background work on it.
Service UploadSweeperOf(const Storage& storage);

// For workers: the files of a job, read from the store.
OpenStored OpenStoredIn(std::shared_ptr<ObjectStore> store);

}  // namespace eclusa
