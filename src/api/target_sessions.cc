#include "api/target_sessions.h"

namespace eclusa::api {

TargetSessions::TargetSessions(std::shared_ptr<const Targets> targets, int sessions)
    : targets_(std::move(targets)) {
  for (const Target& target : targets_->all()) {
    pools_[target.name] = std::make_unique<SessionPool>(target.conninfo, sessions);
  }
}

Result<SessionPool::Loan> TargetSessions::Borrow(const std::string& name) {
  TRY(targets_->Require(name));
  return pools_.at(name)->Borrow();
}

}  // namespace eclusa::api
