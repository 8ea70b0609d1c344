#include "jobs/target_upkeep.h"

#include <utility>

#include "control/dead_jobs.h"
#include "control/schema.h"
#include "core/log.h"

namespace eclusa {
namespace {

constexpr std::chrono::minutes kInterval{1};
// Of the session that holds the service's lock and says nothing while targets are gone through.
constexpr std::chrono::hours kPatience{1};

Status Keep(const Target& target, const RetentionConfig& retention) {
  Connection session = TRY(Connection::Open(target.conninfo, {}, "eclusa upkeep"));
  // No load has come there yet, or another version of this program keeps it.
  if (TRY(ReadSchemaVersion(session)) != SchemaVersion()) return Ok();
  TRY(ApplyRetention(session, retention));
  TRY(CloseDeadJobs(session));
  return Ok();
}

}  // namespace

Service TargetUpkeep(std::shared_ptr<const Targets> targets, const RetentionConfig& retention) {
  return {
      .name = "targets",
      .lock = ServiceLock::kTargets,
      .interval = kInterval,
      .run_once = [targets = std::move(targets), retention](Connection& /*control*/) -> Status {
        for (const Target& target : targets->all()) {
          if (Status kept = Keep(target, retention); !kept.ok()) {
            LogWarning("target_not_kept", {{"target", target.name}, {"code", kept.error().code()}});
          }
        }
        return Ok();
      },
      .patience = kPatience};
}

}  // namespace eclusa
