// Datasets: contracts that were published, each version of each, and the last one of a path.
//
// A job keeps the version it was registered with. Parsed contracts are remembered by their digest.
// Threads: Datasets from any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "core/result.h"
#include "pg/connection.h"

namespace eclusa::api {

struct PublishedContract {
  std::string name;
  int version = 0;       // from 1
  bool created = false;  // false: the last version is the same
};
// Makes the contract the last version of its dataset. kInvalid where it has no eclusa.path, or
// where another dataset has that path.
Result<PublishedContract> PublishContract(Connection& connection, const std::string& text);
// Every file *.yaml and *.yml of the folder.
Result<std::vector<PublishedContract>> PublishFolder(Connection& connection,
                                                     const std::string& folder);

struct Dataset {
  std::string name;
  int version = 0;
  std::string path;
  std::string text;  // YAML
  std::shared_ptr<const Contract> contract;
};

struct DatasetSummary {
  std::string name;
  std::string path;
  int version = 0;
  std::string published_at;
};

class Datasets {
 public:
  // kNotFound (api.no_dataset).
  Result<Dataset> FindByPath(Connection& connection, const std::string& path);
  Result<Dataset> FindByName(Connection& connection, const std::string& name);
  Result<std::vector<DatasetSummary>> List(Connection& connection) const;

 private:
  Result<Dataset> Read(Connection& connection, std::string_view sql, const std::string& key);

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Contract>> parsed_;  // by digest
};

}  // namespace eclusa::api
