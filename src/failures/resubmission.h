// Resubmission: rows that were failures of an earlier job come back, fixed.
//
// A failures file carries `_eclusa_file` and `_eclusa_row`; the checker leaves all `_eclusa_*`
// columns out of the stage. ResubmittedRows notes for each row of the child job which row of the
// parent it was (eclusa.resubmitted), in the transaction of the part's COPY. In the child's final
// transaction, when its own failures are stored, CloseParentFailures closes what ended well. Rows
// without a usable `_eclusa_row` are new rows: they are loaded and close nothing. Threads: one at a
// time; one ResubmittedRows per sender. Ownership: holds no connection.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "control/files.h"
#include "core/result.h"
#include "model/batch.h"
#include "pg/connection.h"

namespace eclusa {

inline constexpr std::string_view kRowColumn = "_eclusa_row";
inline constexpr std::string_view kLineColumn = "_eclusa_line";
inline constexpr std::string_view kFileColumn = "_eclusa_file";
inline constexpr std::string_view kErrorsColumn = "_eclusa_errors";
inline constexpr std::string_view kRawColumn = "_eclusa_raw";
// Whether the name is one of ours: anything that starts with "_eclusa_".
bool IsEclusaColumn(std::string_view name);

// What `_eclusa_file` says of each of a job's files, by position in `files`: the path, and where a
// path stands twice in the job "#2" (its position) after it.
std::vector<std::string> FileLabels(const std::vector<FileRecord>& files);

class ResubmittedRows {
 public:
  // `parent_files`: ReadFiles of the parent.
  ResubmittedRows(int64_t child_job, const std::vector<FileRecord>& parent_files);

  // Notes the rows of a batch as it was read (before or after checking).
  Status Append(const Batch& batch);
  bool WantsFlush() const { return buffer_.size() > kFlushBytes; }
  // While no COPY is under way on the connection.
  Status Flush(Connection& connection);
  int64_t rows() const { return rows_; }

 private:
  static constexpr size_t kFlushBytes = 4 << 20;
  int64_t child_job_;
  std::vector<std::pair<std::string, int32_t>> labels_;  // -> ordinal
  std::string buffer_;                                   // COPY text
  int64_t rows_ = 0;
};

// Takes away what a file's rows were noted as, where it is staged anew.
Status ForgetResubmitted(Connection& connection, int64_t child_job, int32_t file);

struct RowPlace {
  int32_t file = 0;
  int64_t row = 0;
};

// Closes the parent's open failures whose row ended in the child in any outcome but failed (the
// child has a failure stored for it) or skipped or waiting (`undecided`), and, where the parent
// itself was a resubmission, those of its parents that it closes in turn. Refreshes open_failures
// of all of them. In the final transaction of a child that commits and is no dry run. Returns how
// many closed.
Result<int64_t> CloseParentFailures(Connection& connection, int64_t parent_job, int64_t child_job,
                                    const std::vector<RowPlace>& undecided);

}  // namespace eclusa
