// Files of a load that are on no disk of ours: objects of the store, and files at registered URLs.
//
// Pinned where a load is registered, read by whoever runs it. Threads: any.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "io/files.h"
#include "request/load_flags.h"
#include "store/object_store.h"
#include "urls/url_reader.h"

namespace eclusa::api {

struct FileStores {
  std::shared_ptr<ObjectStore> store;
  std::shared_ptr<UrlReader> urls;
};

std::shared_ptr<const Files> FilesOf(const FileStores& stores,
                                     const std::vector<StoredFile>& files);

// The file at a URL as it is now, for a tenant who may read it; its path is the URL without its
// query. Errors as of UrlReader; kInvalid (store.not_found) where there is none, store.too_large
// where it has more than `size_max` bytes.
Result<StoredFile> PinUrl(UrlReader& reader, const UrlObject& object, int64_t size_max,
                          const std::stop_token& stop);

// Gives the file a path of its own among `files`: two signed URLs may differ in their query alone.
void AddStored(StoredFile file, std::vector<StoredFile>& files);

}  // namespace eclusa::api
