// Storage: where uploaded files are, as the settings say.
//
// A bucket where they name one, else a folder of this machine: unless told otherwise beside the
// private PostgreSQL's; and the URLs that are registered. The key that signs a folder's upload URLs
// is made at the first start, in a file that only this user may read.
#pragma once

#include <memory>
#include <string>

#include "app/command.h"
#include "core/result.h"
#include "jobs/job_run.h"
#include "jobs/service.h"
#include "settings/settings.h"
#include "store/local_store.h"
#include "store/object_store.h"
#include "urls/url_reader.h"

namespace eclusa {

struct Storage {
  std::shared_ptr<ObjectStore> store;
  LocalStore* local = nullptr;               // the same, where it is a folder
  std::shared_ptr<UrlReader> urls;           // of workers
  std::shared_ptr<UrlReader> urls_of_calls;  // less patient: a client waits for it
  std::string temporary_folder;
  std::string signing_key;  // of URLs
};
Result<Storage> OpenStorage(const Settings& settings, const CommandContext& context);

// The background work on it.
Service UploadSweeperOf(const Storage& storage, const Settings& settings);

// For workers: the files of a job, read from the store and from URLs.
OpenStored OpenStoredIn(const Storage& storage);

}  // namespace eclusa
