// FailedRows: reads a job's failures back, page by page, as rows of one set of columns.
//
// Pages come in the order of the load (file, row). A page's `rows` has the given columns for every
// failure; those of a row that is kept as raw bytes are null. Memory: a page and a few stored
// batches. Ownership: holds a reference to the connection. Threads: as the connection.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "failures/kept_rows.h"
#include "model/reason.h"
#include "pg/connection.h"

namespace arrow {
class Schema;
}

namespace eclusa {

struct FailedRow {
  Place place;
  std::vector<Reason> reasons;
  std::optional<std::string> raw;
};

struct FailedPage {
  std::vector<FailedRow> failures;
  Rows rows;  // one a failure
};

struct FailedRowsQuery {
  int64_t job_id = 0;
  std::vector<int32_t> files;
  bool closed_too = false;
  std::shared_ptr<arrow::Schema> columns;  // what the files have, without ours; may be empty
};

class FailedRows {
 public:
  FailedRows(Connection& connection, FailedRowsQuery query);
  // Nothing: there are no more.
  Result<std::optional<FailedPage>> Next();

 private:
  struct Kept {
    std::optional<int64_t> batch;  // nothing: raw
    int64_t index = 0;
  };
  Result<Rows> Stored(int64_t batch);
  Result<Rows> Gather(const std::vector<Kept>& kept);

  Connection& connection_;
  FailedRowsQuery query_;
  Place last_{.file = -1, .row = 0};
  std::list<std::pair<int64_t, Rows>> cache_;  // of stored batches, the last used first
};

// The columns of a stored batch without ours (`_eclusa_*`), but with kDocumentColumn.
Result<std::shared_ptr<arrow::Schema>> StoredColumns(Connection& connection, int64_t job_id,
                                                     int64_t batch);

}  // namespace eclusa
