// What a job read: its files, and the warnings counted on the way.
//
// Rows of eclusa.files and eclusa.warnings; each function is one statement on the
// caller's connection and transaction. Threads: as the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/job.h"
#include "core/result.h"
#include "pg/connection.h"

namespace eclusa {

struct FileRecord {
  int32_t ordinal = 0;
  std::string path;
  std::string format;       // csv, parquet
  std::string compression;  // none, gzip, zstd
  int64_t size = 0;         // bytes
  int64_t mtime_us = 0;     // of its last change, microseconds since 1970
  std::string sha256;       // 64 hexadecimal digits; empty: not known yet
  // How the text was written, as found: {"delimiter": ";", "encoding": "windows-1252", "quote":
  // "\"", "header": true, "bom": false, "line_end": "\r\n"}. Used again by the failures file.
  std::string dialect_json = "{}";
};

// The law of conservation per file: read = applied + the rest.
struct FileCounts {
  int64_t read = 0;
  int64_t applied = 0;  // inserted + updated + unchanged + deleted
  int64_t failed = 0;
  int64_t duplicate = 0;
  int64_t superseded = 0;
  int64_t waiting = 0;
  int64_t skipped = 0;
};

// Inserts the file, or replaces what is known of it.
Status RecordFile(Connection& connection, const Job& job, const FileRecord& file);
// Rows read from the file, once its end was seen.
Status RecordFileRows(Connection& connection, const Job& job, int32_t ordinal, int64_t rows_read);
// Inside the final transaction. The table refuses counts that do not balance.
Status RecordFileCounts(Connection& connection, const Job& job, int32_t ordinal,
                        const FileCounts& counts);
Result<std::vector<FileRecord>> ReadFiles(Connection& connection, int64_t job_id);

struct WarningCount {
  int32_t file = 0;
  std::string counter;
  int64_t count = 0;
};
// Adds to the counts that are there. Zero counts are left out.
Status RecordWarnings(Connection& connection, const Job& job,
                      const std::vector<WarningCount>& warnings);

}  // namespace eclusa
