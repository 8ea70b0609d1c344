// UrlFiles: files of a load at registered URLs, beside others of it.
//
// Each name stands for one version of one file, which is what is read or nothing (store.changed,
// store.gone). Other names are handed to `others`. Threads: any. Ownership: shares the reader.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "io/files.h"
#include "urls/url_reader.h"

namespace eclusa {

struct PinnedUrl {
  UrlObject object;
  std::string version;  // of UrlStat
};

class UrlFiles final : public Files {
 public:
  // `urls`: by the files' names.
  UrlFiles(std::shared_ptr<UrlReader> reader, std::map<std::string, PinnedUrl> urls,
           std::shared_ptr<const Files> others)
      : reader_(std::move(reader)), urls_(std::move(urls)), others_(std::move(others)) {}

  Result<std::unique_ptr<Input>> Open(const std::string& path) const override;
  Result<std::shared_ptr<arrow::io::RandomAccessFile>> OpenAnywhere(
      const std::string& path) const override;
  // By asking whether it is still the same. When it was changed is not told.
  Result<FileIdentity> Stat(const std::string& path) const override;
  // By reading it.
  Result<std::string> Digest(const std::string& path, const std::stop_token& stop) const override;

 private:
  const PinnedUrl* Find(const std::string& path) const;

  std::shared_ptr<UrlReader> reader_;
  std::map<std::string, PinnedUrl> urls_;
  std::shared_ptr<const Files> others_;
};

}  // namespace eclusa
