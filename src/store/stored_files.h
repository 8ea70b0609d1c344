// StoredFiles: a load's files read from a store of objects, under the names their clients know.
//
// Each name stands for one version of one object, which is what is read or nothing (store.changed,
// store.gone). Threads: any. Ownership: shares the store.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "io/files.h"
#include "store/object_store.h"

namespace eclusa {

class StoredFiles final : public Files {
 public:
  // `objects`: by the files' names.
  StoredFiles(std::shared_ptr<ObjectStore> store, std::map<std::string, PinnedObject> objects)
      : store_(std::move(store)), objects_(std::move(objects)) {}

  Result<std::unique_ptr<Input>> Open(const std::string& path) const override;
  Result<std::shared_ptr<arrow::io::RandomAccessFile>> OpenAnywhere(
      const std::string& path) const override;
  Result<FileIdentity> Stat(const std::string& path) const override;
  // As the store knows it, else by reading the object. kInvalid (store.digest) where it has to be
  // another.
  Result<std::string> Digest(const std::string& path, const std::stop_token& stop) const override;

 private:
  Result<const PinnedObject*> Find(const std::string& path) const;

  std::shared_ptr<ObjectStore> store_;
  std::map<std::string, PinnedObject> objects_;
};

}  // namespace eclusa
