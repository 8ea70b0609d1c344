// Retention: failed rows, and later the jobs themselves, go when their time is over.
//
// The ledger stays: what was committed when is kept for ever. A job whose failures are gone says so
// (failures_removed_at). Works off at most `batch` jobs a turn, each kind, so that no transaction
// is long. Threads: as the connection.
#pragma once

#include <chrono>

#include "core/result.h"
#include "pg/connection.h"

namespace eclusa {

struct RetentionConfig {
  std::chrono::days keep_failures{30};  // after the end of their job
  std::chrono::days keep_jobs{365};
  int batch = 500;
  // kInvalid (config.bad_value) where jobs would go before their failures.
  Status Validate() const;
};

struct RetentionCounts {
  int64_t failures_removed = 0;  // jobs whose failures went
  int64_t jobs_removed = 0;
};

Result<RetentionCounts> ApplyRetention(Connection& connection, const RetentionConfig& config);

}  // namespace eclusa
