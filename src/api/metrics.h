// MetricsPage: what the queue and the workers are like, in Prometheus' text format.
//
// One statement over what is small: the queue, what runs, the workers, parts that are not staged.
// Asked at most once in kValid, whoever and however many read. Threads: any.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "core/result.h"
#include "pg/connection.h"

namespace eclusa::api {

// For the number of workers that an autoscaler should run.
struct WorkersWanted {
  int64_t min = 0;
  int64_t max = 10;
  int64_t slots = 2;  // of one worker, where none runs that could tell
};

class MetricsPage {
 public:
  static constexpr std::chrono::seconds kValid{1};

  // Nothing old is given where the database does not answer.
  Result<std::string> Read(Connection& session, const WorkersWanted& wanted);

 private:
  using Clock = std::chrono::steady_clock;

  std::mutex mutex_;
  std::string text_;
  Clock::time_point until_;
};

}  // namespace eclusa::api
