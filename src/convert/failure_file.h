// FailureFile: the rows that could not be converted, as they came, each with its reasons.
//
// A row has the input's columns (of JSON: its document) and behind them _eclusa_row, _eclusa_line,
// _eclusa_errors and _eclusa_raw, which holds the bytes of a row that has no columns. The file's
// name says the format. It appears at Finish, and only where a row had failed; its folder is tried
// in Create. Errors: file.*. Threads: one at a time. Memory: a batch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "formats/sink.h"
#include "model/batch.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace eclusa {

struct UnconvertedRow {
  int64_t index = 0;  // in the batch
  std::vector<Reason> reasons;
};

class FailureFile {
 public:
  // `columns`: of the input's batches; of JSON the documents' column alone.
  static Result<std::unique_ptr<FailureFile>> Create(const std::string& path,
                                                     std::shared_ptr<arrow::Schema> columns);

  // Rows of the batch, and those of it that could not be read. `rows` has the file's columns.
  Status Add(const Batch& batch, const arrow::RecordBatch& rows,
             const std::vector<UnconvertedRow>& failed);
  Status Finish() &&;

 private:
  FailureFile(std::string path, std::shared_ptr<arrow::Schema> columns);

  const std::string path_;
  const std::shared_ptr<arrow::Schema> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<Sink> sink_;
  bool any_ = false;
};

// [{"code", "column", "value", "rule", "path", "message"}]; the message is English.
std::string ReasonsJson(const std::vector<Reason>& reasons);

}  // namespace eclusa
