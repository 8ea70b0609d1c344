// ExportFailures: the failed rows of a job as a dataset in the input's format and column order,
// with
// `_eclusa_row, _eclusa_line, _eclusa_file, _eclusa_errors` and, where a row could not be split
// into columns, `_eclusa_raw` behind them.
//
// Rows come in the order of the load (file, row). CSV is written in the input's delimiter, quote
// and encoding. JSON gives documents back as they came (formats/sink.h): an array where the input
// was an array or an envelope, else one a line. Files of the same format and columns share one
// output; where they differ there is one output each ("failed.csv", "failed.2.csv" ...), because a
// column that a file lacks is not the same as a column of nulls when the rows come back. Memory: a
// few stored batches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/codes.h"
#include "pg/connection.h"

namespace eclusa {

struct ExportRequest {
  int64_t job_id = 0;
  std::string format;           // csv, json, jsonl, avro, parquet; empty: the input's
  std::string output;           // a path; empty: standard output
  std::optional<int32_t> file;  // only this ordinal
  bool closed_too = false;      // closed and waived failures too
  Language language = Language::kEnglish;
};

struct ExportedFile {
  std::string path;
  int64_t rows = 0;
};

// What was written; empty: the job has no (open) failures, and nothing was written.
Result<std::vector<ExportedFile>> ExportFailures(Connection& connection,
                                                 const ExportRequest& request);

}  // namespace eclusa
