// Rescuer: gives the jobs of workers whose lease is over to others.
//
// Ends the sessions of such a worker first, for one that stands still in its merge holds the locks
// that everybody waits for. A job whose row is still held is left for the next turn. A job goes
// back to the queue, later each time; to CANCELED where that had been asked for; to FAILED after
// `tries_max` (job.tries_exhausted), its rows skipped. One that works in another database always
// goes back: it may have ended there, and whoever claims it next looks. Requests to stop of jobs
// that have ended are forgotten on the way. Threads: as the connection.
#pragma once

#include <chrono>

#include "core/result.h"
#include "pg/connection.h"

namespace eclusa {

struct RescuerConfig {
  int tries_max = 5;
  std::chrono::milliseconds retry_after{1000};  // doubled with each try
  std::chrono::milliseconds retry_after_max{300'000};
};

struct RescueCounts {
  int workers = 0;  // gone for good
  int requeued = 0;
  int failed = 0;
  int cancelled = 0;
  int left = 0;  // somebody held their rows
};

Result<RescueCounts> RescueJobs(Connection& connection, const RescuerConfig& config);

}  // namespace eclusa
