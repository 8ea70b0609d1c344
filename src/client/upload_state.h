// UploadState: what an upload that is under way must remember to go on in another process.
//
// One small file per server, dataset, tenant and path, readable by its owner alone: it holds signed
// URLs. Which parts are there is not in it; the server knows. Written whole or not at all. Threads:
// one at a time; of two processes that send one file the last wins, and both uploads are whole.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "http/client.h"

namespace eclusa::client {

// Which upload: another file, or the same one changed, is another.
struct UploadSubject {
  std::string server;
  std::string dataset_path;
  std::string tenant_json;  // "{}" where none is named
  std::string file;         // absolute
  int64_t size = 0;
  std::string sha256;

  bool operator==(const UploadSubject&) const = default;
};

// As the server answered.
struct UploadTicket {
  std::string id;
  std::vector<std::string> urls;
  int64_t part_size = 0;  // 0: all of it in one
  ClientHeaders headers;
};

class UploadState {
 public:
  // `folder`: made when it is needed; empty: nothing is remembered.
  UploadState(const std::string& folder, UploadSubject subject);

  // Nothing: nothing is remembered of this subject, or not of the file as it is.
  std::optional<UploadTicket> Find() const;
  Status Keep(const UploadTicket& ticket) const;
  void Forget() const;

  const UploadSubject& subject() const { return subject_; }

 private:
  UploadSubject subject_;
  std::string folder_;
  std::string path_;  // empty: nothing is remembered
};

}  // namespace eclusa::client
