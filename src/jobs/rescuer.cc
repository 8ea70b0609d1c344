#include "jobs/rescuer.h"

#include <algorithm>

#include "control/end_job.h"
#include "core/log.h"
#include "jobs/queue.h"
#include "jobs/sql.h"
#include "model/codes.h"

namespace eclusa {
namespace {

struct LostJob {
  Job job;
  std::optional<JobState> state;  // nothing: one that this program does not know
  int tries = 0;
  bool cancel = false;
  bool elsewhere = false;  // its end is looked for in another database
};

Status Rescue(Connection& connection, const RescuerConfig& config, const LostJob& lost,
              RescueCounts& counts) {
  const std::string id = std::to_string(lost.job.id);
  if (!lost.state || IsFinal(*lost.state)) {
    TRY(connection.Query(std::string(sql::kDeleteRunning), {id}));
    return Ok();
  }
  if (lost.cancel && !lost.elsewhere) {
    ++counts.cancelled;
    return EndJob(connection, lost.job, *lost.state,
                  Error(ErrorKind::kCancelled, code::load_cancelled));
  }
  if (lost.tries + 1 >= config.tries_max && !lost.elsewhere) {
    ++counts.failed;
    return EndJob(connection, lost.job, *lost.state,
                  Error(ErrorKind::kUnavailable, code::job_tries_exhausted,
                        {{"job", id}, {"tries", std::to_string(lost.tries + 1)}}));
  }
  ++counts.requeued;
  const auto delay = std::min(config.retry_after * (int64_t{1} << std::min(lost.tries, 20)),
                              config.retry_after_max);
  return RequeueLocked(connection, lost.job,
                       {.tries = lost.tries + 1, .delay = delay, .why = "lease_expired"});
}

Status RescueWorker(Connection& connection, const RescuerConfig& config, const std::string& worker,
                    RescueCounts& counts) {
  const QueryResult all = TRY(connection.Query(std::string(sql::kCountRunning), {worker}));
  const QueryResult jobs = TRY(connection.Query(std::string(sql::kLockLostJobs), {worker}));
  for (int row = 0; row < jobs.rows(); ++row) {
    TRY(Rescue(connection, config,
               {.job = {jobs.Int(row, 0), static_cast<int32_t>(jobs.Int(row, 1))},
                .state = ParseJobState(jobs.Text(row, 2)),
                .tries = static_cast<int>(jobs.Int(row, 3)),
                .cancel = jobs.Bool(row, 4),
                .elsewhere = jobs.Bool(row, 5)},
               counts));
  }
  counts.left += static_cast<int>(all.Int(0, 0)) - jobs.rows();
  const QueryResult gone = TRY(connection.Query(std::string(sql::kLeaveLease), {worker}));
  counts.workers += static_cast<int>(gone.affected());
  return Ok();
}

}  // namespace

Result<RescueCounts> RescueJobs(Connection& connection, const RescuerConfig& config) {
  RescueCounts counts;
  Transaction transaction = TRY(Transaction::Begin(connection));
  const QueryResult workers = TRY(connection.Execute(std::string(sql::kSelectLostWorkers)));
  for (int row = 0; row < workers.rows(); ++row) {
    TRY(RescueWorker(connection, config, std::string(workers.Text(row, 0)), counts));
  }
  TRY(connection.Execute(std::string(sql::kForgetCancelRequests)));
  TRY(std::move(transaction).Commit());
  if (counts.workers > 0 || counts.left > 0) {
    LogInfo("jobs_rescued", {{"workers", std::to_string(counts.workers)},
                             {"requeued", std::to_string(counts.requeued)},
                             {"failed", std::to_string(counts.failed)},
                             {"cancelled", std::to_string(counts.cancelled)},
                             {"left", std::to_string(counts.left)}});
  }
  return counts;
}

}  // namespace eclusa
