// FailureStore: keeps failed rows as they came, with all their reasons.
//
// Rows that the checker rejects are buffered (their Arrow rows picked out, so that the batch itself
// can go) and written by Flush, which runs inside the transaction of the part's COPY, while no COPY
// is under way on the connection. A sender that sees WantsFlush ends its COPY, flushes, and begins
// the next COPY in the same transaction; memory stays bounded that way, whatever the share of bad
// rows. Rows that judge or merge fail are read again by place (StoreJudged), inside the final
// transaction. Rows lie in eclusa.failures (reasons, state) and eclusa.failure_batches (Arrow IPC,
// zstd). Ownership: holds no connection. Threads: one at a time; one store per sender. Does NOT
// judge, and does not count outcomes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "formats/source.h"
#include "io/files.h"
#include "model/batch.h"
#include "pg/connection.h"

namespace eclusa {

class FailureStore {
 public:
  // `part`: of the rows to come; ForgetPart takes them away again where the part is staged anew.
  // Nothing: the rows are judge's or merge's.
  FailureStore(int64_t job_id, std::optional<int32_t> part);
  FailureStore(FailureStore&&) noexcept;
  FailureStore& operator=(FailureStore&&) noexcept;
  ~FailureStore();

  // The rejected and unreadable rows of the batch. Cheap where there are none.
  Status Append(const CheckedBatch& checked);
  // Rows of a batch that failed otherwise.
  Status Append(const Batch& batch, const std::vector<RejectedRow>& rejected);
  size_t bytes() const;  // buffered
  // More than a few megabytes are.
  bool WantsFlush() const;
  Status Flush(Connection& connection);
  // Rows appended, flushed or not.
  int64_t rows() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Deletes the failures of a part, whose COPY is about to be done again. In the same transaction.
Status ForgetPart(Connection& connection, int64_t job_id, int32_t part);

// A row that judge or merge failed, by place.
struct JudgedFailure {
  int32_t file = 0;
  int64_t row = 0;
  std::vector<Reason> reasons;
};

// Opens the file of an ordinal again with the options of the first reading.
using SourceOpener = std::function<Result<std::unique_ptr<Source>>(int32_t file)>;

// Reads the rows again, one pass a file as far as its last failed row, and keeps them like the
// others. Before and after a file's pass its size, time and, where the time differs, digest are
// compared with eclusa.files: a changed file is kConflict (failures.file_changed), as is a row that
// is not there. `files`: where they are.
Status StoreJudged(Connection& connection, int64_t job_id, std::vector<JudgedFailure> failures,
                   const SourceOpener& open, const Files& files = LocalDisk());

// Adds reasons to rows that are kept already (a document whose children fail alone), and takes
// those rows out of `failures`. In the final transaction, before StoreJudged.
Status AddReasons(Connection& connection, int64_t job_id, std::vector<JudgedFailure>* failures);

}  // namespace eclusa
