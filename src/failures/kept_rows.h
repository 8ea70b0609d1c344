// Rows that are kept: picking them out of a batch, and the bytes that eclusa.failure_batches holds.
//
// The bytes are an Arrow IPC stream of one record batch, its buffers compressed with zstd. This is
// the only place that knows. Arrow's Status becomes an Error here: failures.not_kept,
// failures.damaged.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace arrow {
class RecordBatch;
}

namespace eclusa {

using Rows = std::shared_ptr<arrow::RecordBatch>;

// Copies; the batch it comes from can go.
Result<Rows> SelectRows(const Rows& rows, const std::vector<int64_t>& indices);

// No rows, the same columns.
Rows NoRows(const Rows& rows);

// `pieces`: one schema, at least one piece.
Result<Rows> JoinRows(const std::vector<Rows>& pieces);

Result<std::string> EncodeRows(const Rows& rows);
// `batch` is for the error's text only.
Result<Rows> DecodeRows(std::string_view bytes, int64_t job_id, int64_t batch);

}  // namespace eclusa
