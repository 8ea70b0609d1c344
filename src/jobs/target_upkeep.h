// TargetUpkeep: retention and sweeping in the databases that datasets have of their own.
//
// What a target keeps of its jobs goes when their time is over, as in the control database; loads
// at a terminal that died there are closed, and stage tables without a job dropped. One target
// after the other; one that cannot be reached is logged and left for the next turn.
#pragma once

#include <memory>

#include "jobs/retention.h"
#include "jobs/service.h"
#include "request/targets.h"

namespace eclusa {

Service TargetUpkeep(std::shared_ptr<const Targets> targets, const RetentionConfig& retention);

}  // namespace eclusa
