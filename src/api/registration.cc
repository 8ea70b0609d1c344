#include "api/registration.h"

#include <boost/json.hpp>
#include <memory>

#include "api/job_view.h"
#include "api/pinned_files.h"
#include "api/problem.h"
#include "api/sql.h"
#include "load/open_files.h"
#include "load/planning.h"
#include "model/codes.h"
#include "request/load_flags.h"

namespace eclusa::api {

namespace json = boost::json;

Status CheckQueue(const Call& call, const std::string& tenant) {
  const QueryResult waiting = TRY(call.session.Query(std::string(sql::kCountWaiting), {tenant}));
  if (waiting.Int(0, 0) < call.service.config.jobs_waiting_max) return Ok();
  return Error(ErrorKind::kInvalid, code::api_too_many_jobs,
               {{"limit", std::to_string(call.service.config.jobs_waiting_max)}});
}

Result<EnqueuedJob> Register(Call& call, Registration registration) {
  LoadFlags& flags = registration.flags;
  for (const StoredFile& file : flags.stored) flags.files.push_back(file.path);
  RequestNotes notes;
  LoadRequest request = TRY(BuildRequest(call.session, flags, &notes));
  request.files = FilesOf({call.service.store, call.service.urls}, flags.stored);
  TRY(CheckRequest(call.session, request));
  TRY(OpenFiles(request));
  TRY(CheckQueue(call, registration.tenant));
  return Enqueue(call.session, {.job = JobRequestOf(request),
                                .tenant = registration.tenant,
                                .priority = registration.priority});
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
