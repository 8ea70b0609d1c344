#include "control/files.h"

#include "control/error_json.h"
#include "control/sql.h"

namespace eclusa {

Status RecordFile(Connection& connection, const Job& job, const FileRecord& file) {
  Parameter digest;
  if (!file.sha256.empty()) digest = file.sha256;
  TRY(connection.Query(std::string(sql::kUpsertFile),
                       {std::to_string(job.id), std::to_string(file.ordinal), FitText(file.path),
                        file.format, file.compression, std::to_string(file.size),
                        std::to_string(file.mtime_us), digest, FitJson(file.dialect_json)}));
  return Ok();
}

Status RecordFileRows(Connection& connection, const Job& job, int32_t ordinal, int64_t rows_read) {
  TRY(connection.Query(
      std::string(sql::kSetFileRows),
      {std::to_string(job.id), std::to_string(ordinal), std::to_string(rows_read)}));
  return Ok();
}

Status RecordFileCounts(Connection& connection, const Job& job, int32_t ordinal,
                        const FileCounts& counts) {
  TRY(connection.Query(
      std::string(sql::kSetFileCounts),
      {std::to_string(job.id), std::to_string(ordinal), std::to_string(counts.read),
       std::to_string(counts.applied), std::to_string(counts.failed),
       std::to_string(counts.duplicate), std::to_string(counts.superseded),
       std::to_string(counts.waiting), std::to_string(counts.skipped)}));
  return Ok();
}

Result<std::vector<FileRecord>> ReadFiles(Connection& connection, int64_t job_id) {
  const QueryResult found =
      TRY(connection.Query(std::string(sql::kSelectFiles), {std::to_string(job_id)}));
  std::vector<FileRecord> files;
  for (int row = 0; row < found.rows(); ++row) {
    files.push_back({.ordinal = static_cast<int32_t>(found.Int(row, 0)),
                     .path = std::string(found.Text(row, 1)),
                     .format = std::string(found.Text(row, 2)),
                     .compression = std::string(found.Text(row, 3)),
                     .size = found.Int(row, 4),
                     .mtime_us = found.Int(row, 5),
                     .sha256 = std::string(found.Text(row, 6)),
                     .dialect_json = std::string(found.Text(row, 7))});
  }
  return files;
}

Status RecordWarnings(Connection& connection, const Job& job,
                      const std::vector<WarningCount>& warnings) {
  for (const WarningCount& warning : warnings) {
    if (warning.count == 0) continue;
    TRY(connection.Query(std::string(sql::kAddWarning),
                         {std::to_string(job.id), std::to_string(warning.file),
                          FitText(warning.counter), std::to_string(warning.count)}));
  }
  return Ok();
}

}  // namespace eclusa
