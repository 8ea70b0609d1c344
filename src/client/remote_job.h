// RemoteJob: a job of a server, read from its status document.
//
// What a report needs is a LoadReport, so that what the server did is told in the same words as
// what was done here; texts of reasons and errors are the server's, in the language that was asked
// for. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"
#include "model/job_state.h"
#include "model/outcome.h"
#include "model/report.h"

namespace eclusa::client {

struct RemoteJob {
  std::string id;
  std::string parent_id;     // empty: none
  std::string dataset_path;  // empty: its dataset is published no more
  std::string tenant;
  std::string state;
  std::string message;  // the state in words
  std::string created_at;
  std::string finished_at;  // empty: not ended
  std::optional<int64_t> position_in_queue;
  std::optional<NextTry> retry;
  std::optional<int64_t> duration_ms;
  std::optional<OutcomeCounts> counts;
  int64_t open_failures = 0;
  std::optional<Error> error;
  bool reported = false;  // it came to a report
  LoadReport report;      // its job_id is 0: a server's jobs have names

  bool ended() const { return !finished_at.empty(); }
  // Of calls about it, below the server.
  std::string Path() const { return dataset_path + "/_bulk/status/" + id; }
};

// Fields that are not there are unknown; client.answer where it is no job at all.
Result<RemoteJob> ReadRemoteJob(const boost::json::object& document);

}  // namespace eclusa::client
