#include "api/datasets.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "api/sql.h"
#include "contract/parse.h"
#include "control/worker.h"
#include "io/sha256.h"
#include "model/codes.h"

namespace eclusa::api {
namespace {

constexpr size_t kParsedMax = 1000;

Result<std::string> ReadWhole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) {
    return Error(ErrorKind::kInvalid, code::file_read_failed,
                 {{"path", path.string()}, {"detail", "read"}});
  }
  return text.str();
}

}  // namespace

Result<PublishedContract> PublishContract(Connection& connection, const std::string& text) {
  const Contract contract = TRY(ParseContractOrFirstError(text));
  if (contract.path.empty()) {
    return Error(ErrorKind::kInvalid, code::api_contract_without_path, {{"name", contract.name}});
  }
  Transaction transaction = TRY(Transaction::Begin(connection));
  // One publication at a time: versions have no gaps, and no two datasets one path.
  TRY(connection.Execute("LOCK TABLE eclusa.contracts IN SHARE ROW EXCLUSIVE MODE"));
  const QueryResult last =
      TRY(connection.Query(std::string(sql::kSelectLastContract), {contract.name, contract.path}));
  if (last.rows() > 0 && !last.IsNull(0, 2)) {
    return Error(ErrorKind::kInvalid, code::api_path_taken,
                 {{"path", contract.path}, {"name", std::string(last.Text(0, 2))}});
  }
  PublishedContract published{.name = contract.name};
  published.version = static_cast<int>(last.Int(0, 0));
  if (last.Text(0, 1) == contract.digest) return published;
  ++published.version;
  published.created = true;
  TRY(connection.Query(std::string(sql::kInsertContract),
                       {contract.name, std::to_string(published.version), contract.path,
                        contract.digest, text, WorkerName()}));
  TRY(std::move(transaction).Commit());
  return published;
}

Result<std::vector<PublishedContract>> PublishFolder(Connection& connection,
                                                     const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const std::string extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".yml") paths.push_back(entry.path());
  }
  if (failed) {
    return Error(ErrorKind::kInvalid, code::file_not_found, {{"path", folder}});
  }
  std::sort(paths.begin(), paths.end());
  std::vector<PublishedContract> published;
  for (const std::filesystem::path& path : paths) {
    const std::string text = TRY(ReadWhole(path));
    published.push_back(TRY_WITH(PublishContract(connection, text), path.string()));
  }
  return published;
}

Result<Dataset> Datasets::Read(Connection& connection, std::string_view statement,
                               const std::string& key) {
  const QueryResult found = TRY(connection.Query(std::string(statement), {key}));
  if (found.rows() == 0) {
    return Error(ErrorKind::kNotFound, code::api_no_dataset, {{"dataset", key}});
  }
  Dataset dataset{.name = std::string(found.Text(0, 0)),
                  .version = static_cast<int>(found.Int(0, 1)),
                  .path = std::string(found.Text(0, 2)),
                  .text = std::string(found.Text(0, 4)),
                  .contract = nullptr};
  const std::string digest(found.Text(0, 3));
  {
    const std::lock_guard lock(mutex_);
    const auto known = parsed_.find(digest);
    if (known != parsed_.end()) dataset.contract = known->second;
  }
  if (dataset.contract != nullptr) return dataset;
  dataset.contract = std::make_shared<const Contract>(TRY(ParseContractOrFirstError(dataset.text)));
  const std::lock_guard lock(mutex_);
  if (parsed_.size() >= kParsedMax) parsed_.clear();
  parsed_[digest] = dataset.contract;
  return dataset;
}

Result<Dataset> Datasets::FindByPath(Connection& connection, const std::string& path) {
  return Read(connection, sql::kSelectContractByPath, path);
}

Result<Dataset> Datasets::FindByName(Connection& connection, const std::string& name) {
  return Read(connection, sql::kSelectContractByName, name);
}

Result<std::vector<DatasetSummary>> Datasets::List(Connection& connection) const {
  const QueryResult found = TRY(connection.Execute(std::string(sql::kSelectContracts)));
  std::vector<DatasetSummary> summaries;
  for (int row = 0; row < found.rows(); ++row) {
    summaries.push_back({.name = std::string(found.Text(row, 0)),
                         .path = std::string(found.Text(row, 1)),
                         .version = static_cast<int>(found.Int(row, 2)),
                         .published_at = std::string(found.Text(row, 3))});
  }
  return summaries;
}

}  // namespace eclusa::api
