#include "jobs/retention.h"

#include <string>

#include "core/log.h"
#include "jobs/sql.h"
#include "model/codes.h"

namespace eclusa {

Status RetentionConfig::Validate() const {
  if (keep_failures.count() >= 1 && keep_jobs >= keep_failures && batch >= 1) return Ok();
  return Error(
      ErrorKind::kInvalid, code::config_bad_value,
      {{"name", "retention"},
       {"value", std::to_string(keep_failures.count()) + ", " + std::to_string(keep_jobs.count())},
       {"expected", "1 <= keep_failures_days <= keep_jobs_days"}});
}

Result<RetentionCounts> ApplyRetention(Connection& connection, const RetentionConfig& config) {
  TRY(config.Validate());
  const std::string batch = std::to_string(config.batch);
  const QueryResult failures = TRY(connection.Query(
      std::string(sql::kRemoveOldFailures), {std::to_string(config.keep_failures.count()), batch}));
  const QueryResult jobs = TRY(connection.Query(std::string(sql::kRemoveOldJobs),
                                                {std::to_string(config.keep_jobs.count()), batch}));
  const RetentionCounts counts{.failures_removed = failures.affected(),
                               .jobs_removed = jobs.affected()};
  if (counts.failures_removed + counts.jobs_removed > 0) {
    LogInfo("retention_applied", {{"failures", std::to_string(counts.failures_removed)},
                                  {"jobs", std::to_string(counts.jobs_removed)}});
  }
  return counts;
}

}  // namespace eclusa
