// A job's status for people: its report again, or why it has none, and what is still open.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "app/command.h"
#include "app/report_text.h"
#include "model/job_state.h"
#include "model/outcome.h"
#include "model/report.h"

namespace eclusa {

// What is known of a job beside its report.
struct StatusFacts {
  ReportNames names;
  std::string state;
  bool reported = false;
  bool ended = false;
  bool alive = true;                // somebody does it, or will
  std::optional<int64_t> waits_at;  // its place in the queue
  std::optional<NextTry> retry;
  std::optional<Error> error;
  std::optional<OutcomeCounts> counts;
  std::optional<int64_t> duration_ms;
  int64_t open_failures = 0;
};

// null, or tries, at and why.
boost::json::value RetryJson(const std::optional<NextTry>& retry);

std::string StatusText(const LoadReport& report, const StatusFacts& facts,
                       const CommandContext& context, bool colours);

}  // namespace eclusa
