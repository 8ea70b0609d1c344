#include "api/pinned_files.h"

#include <algorithm>
#include <map>

#include "model/codes.h"
#include "store/stored_files.h"
#include "urls/url_files.h"

namespace eclusa::api {

std::shared_ptr<const Files> FilesOf(const FileStores& stores,
                                     const std::vector<StoredFile>& files) {
  std::map<std::string, PinnedObject> objects;
  std::map<std::string, PinnedUrl> urls;
  for (const StoredFile& file : files) {
    if (file.url.empty()) {
      objects[file.path] = {file.object, file.version, file.sha256};
    } else {
      urls[file.path] = {{file.tenant, file.url}, file.version};
    }
  }
  auto stored = std::make_shared<StoredFiles>(stores.store, std::move(objects));
  if (urls.empty()) return stored;
  return std::make_shared<UrlFiles>(stores.urls, std::move(urls), std::move(stored));
}

Result<StoredFile> PinUrl(UrlReader& reader, const UrlObject& object, int64_t size_max,
                          const std::stop_token& stop) {
  auto stat = reader.Stat(object, stop);
  if (!stat.ok() && stat.error().kind() == ErrorKind::kNotFound) {
    return Error(ErrorKind::kInvalid, stat.error().code(), stat.error().arguments());
  }
  const UrlStat found = TRY(std::move(stat));
  if (found.size > size_max) {
    return Error(ErrorKind::kInvalid, code::store_too_large,
                 {{"object", ShownUrl(object.url)}, {"limit", std::to_string(size_max)}});
  }
  return StoredFile{.path = ShownUrl(object.url),
                    .object = {},
                    .version = found.version,
                    .sha256 = {},
                    .url = object.url,
                    .tenant = object.tenant};
}

void AddStored(StoredFile file, std::vector<StoredFile>& files) {
  const std::string name = file.path;
  const auto taken = [&](const StoredFile& other) {
    return other.path == file.path && other.url != file.url;
  };
  for (int number = 2; std::any_of(files.begin(), files.end(), taken); ++number) {
    file.path = name + "#" + std::to_string(number);
  }
  files.push_back(std::move(file));
}

}  // namespace eclusa::api
