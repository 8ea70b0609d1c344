// Registering a load whose files are in the store, or at URLs: the end of every way to hand one in.
#pragma once

#include <cstdint>
#include <string>

#include "api/service.h"
#include "core/result.h"
#include "jobs/queue.h"
#include "request/load_flags.h"

namespace eclusa::api {

struct Registration {
  LoadFlags flags;  // with its files in `stored`
  std::string tenant;
  int16_t priority = 0;
};

// api.too_many_jobs where as many of the tenant's wait as may.
Status CheckQueue(const Call& call, const std::string& tenant);

// Whatever is cheap to find wrong is refused now: what the words mean, the table, the files' heads
// and footers, their columns, the queue.
Result<EnqueuedJob> Register(Call& call, Registration registration);

// 202 with the job.
Result<http::Response> Accepted(Call& call, const EnqueuedJob& job);

}  // namespace eclusa::api
