// TargetSessions: sessions of the databases that datasets have of their own, for registrations.
//
// A pool for each, opened when first needed: one that does not answer holds up nobody of another.
// Threads: any.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "api/session_pool.h"
#include "core/result.h"
#include "request/targets.h"

namespace eclusa::api {

class TargetSessions {
 public:
  TargetSessions() : targets_(std::make_shared<Targets>()) {}
  // `sessions`: at most, of each.
  TargetSessions(std::shared_ptr<const Targets> targets, int sessions);

  // The name of the database that a dataset of a tenant lives in; empty: the jobs' own.
  std::string NameFor(std::string_view dataset, std::string_view tenant) const {
    return targets_->NameFor(dataset, tenant);
  }
  // kInvalid (job.unknown_target) for a name that the settings do not have.
  Result<SessionPool::Loan> Borrow(const std::string& name);

 private:
  std::shared_ptr<const Targets> targets_;
  std::map<std::string, std::unique_ptr<SessionPool>> pools_;
};

}  // namespace eclusa::api
