// Waive: closes failures by hand, with a reason.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"
#include "pg/connection.h"

namespace eclusa {

struct WaiveRequest {
  int64_t job_id = 0;
  std::optional<int64_t> row;
  std::optional<int32_t> file;  // ordinal; needed with a row where more than one file failed in it
  std::string code;             // instead of a row: rows all of whose reasons have this code
  std::string reason;           // never empty
};

struct WaiveResult {
  int64_t waived = 0;
  int64_t left_for_other_reasons = 0;  // rows that have the code and another one beside it
  int64_t open_failures = 0;           // of the job, now
};

// One transaction of its own. kNotFound (failures.none_matched) where no open failure is meant.
Result<WaiveResult> WaiveFailures(Connection& connection, const WaiveRequest& request);

}  // namespace eclusa
