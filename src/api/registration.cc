#include "api/registration.h"

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "api/job_view.h"
#include "api/pinned_files.h"
#include "api/problem.h"
#include "api/sql.h"
#include "control/mirror.h"
#include "control/schema.h"
#include "load/open_files.h"
#include "load/planning.h"
#include "model/codes.h"
#include "request/load_flags.h"

namespace eclusa::api {

namespace json = boost::json;

Status CheckQueue(const Call& call, const std::string& tenant) {
  const QueryResult waiting = TRY(call.session.Query(std::string(sql::kCountWaiting), {tenant}));
  if (waiting.Int(0, 0) >= call.service.config.jobs_waiting_max) {
    return Error(ErrorKind::kInvalid, code::api_too_many_jobs,
                 {{"limit", std::to_string(call.service.config.jobs_waiting_max)}});
  }
  const std::optional<int64_t> most = call.caller.jobs_waiting_max;
  if (!most) return Ok();
  const QueryResult own = TRY(call.session.Query(std::string(sql::kCountWaitingOfToken),
                                                 {std::to_string(*call.caller.token_id)}));
  if (own.Int(0, 0) < *most) return Ok();
  return Error(ErrorKind::kInvalid, code::api_token_quota, {{"limit", std::to_string(*most)}});
}

namespace {

// `session`: of the database that the table is in; `parent`: there, of a resubmission.
Result<JobRequest> CheckedRequest(Call& call, Connection& session, LoadFlags flags,
                                  std::optional<int64_t> parent) {
  const std::optional<int64_t> parent_here = std::exchange(flags.parent_job, parent);
  RequestNotes notes;
  LoadRequest request = TRY(BuildRequest(session, flags, &notes));
  request.files = FilesOf({call.service.store, call.service.urls}, flags.stored);
  TRY(CheckRequest(session, request));
  TRY(OpenFiles(request));
  JobRequest job = JobRequestOf(request);
  job.parent_id = parent_here;
  return job;
}

// The same where the table is in a database of its own.
Result<JobRequest> CheckedThere(Call& call, const LoadFlags& flags) {
  SessionPool::Loan session = TRY(call.service.targets.Borrow(flags.database));
  const auto check = [&]() -> Result<JobRequest> {
    TRY(EnsureSchema(*session));
    std::optional<int64_t> parent;
    if (flags.parent_job) {
      parent = TRY(FindMirror(call.session, *session, *flags.parent_job));
    }
    return CheckedRequest(call, *session, flags, parent);
  };
  auto job = check();
  if (!job.ok() && job.error().kind() == ErrorKind::kUnavailable) session.Spoil();
  return job;
}

}  // namespace

Result<EnqueuedJob> Register(Call& call, Registration registration) {
  LoadFlags& flags = registration.flags;
  flags.trace = call.request.trace_id;
  if (call.caller.token_id) flags.token = std::to_string(*call.caller.token_id);
  for (const StoredFile& file : flags.stored) flags.files.push_back(file.path);
  JobRequest job =
      TRY(flags.database.empty() ? CheckedRequest(call, call.session, flags, flags.parent_job)
                                 : CheckedThere(call, flags));
  TRY(CheckQueue(call, registration.tenant));
  return Enqueue(
      call.session,
      {.job = std::move(job), .tenant = registration.tenant, .priority = registration.priority});
}

Result<http::Response> Accepted(Call& call, const EnqueuedJob& job) {
  JobView view = TRY(ReadJobView(call.session, job.uid, call.ViewOptions()));
  json::object& document = view.document;
  const std::string status(document["links"].at("self").as_string());
  document["status_url"] = status;
  document["failures_url"] = status + "/failures";
  TRY(call.Audit({.job_id = job.id, .tenant = view.key.tenant}));
  call.afterwards = call.service.job_ready;
  http::Response answer = JsonAnswer(202, document);
  answer.headers.Set("Location", status);
  answer.headers.Set("Operation-Location", status);
  answer.headers.Set("Retry-After", "1");
  return answer;
}

}  // namespace eclusa::api
