#include "api/service.h"

#include "api/idempotency.h"
#include "api/media_types.h"
#include "api/problem.h"
#include "api/sql.h"
#include "core/log.h"
#include "model/codes.h"

namespace eclusa::api {
namespace {

struct Guard {
  Role least;
  Repeats repeats;
  Endpoint endpoint;
};

Result<http::Response> AnswerIn(Connection& session, ApiService& service, http::Request& request,
                                const Guard& guard) {
  const Caller caller = TRY(service.tokens.Find(session, request.headers.Find("Authorization")));
  if (!caller.MayAct(guard.least)) {
    return Error(
        ErrorKind::kInvalid, code::api_role,
        {{"role", std::string(Name(caller.role))}, {"needed", std::string(Name(guard.least))}});
  }
  TRY(ChooseAnswerType(request));
  if (!request.body.empty()) TRY(CheckJsonBody(request));
  Call call{service, request, session, caller};
  auto answer =
      guard.repeats == Repeats::kByKey ? AnswerOnce(call, guard.endpoint) : guard.endpoint(call);
  if (answer.ok() && call.afterwards) call.afterwards();
  return answer;
}

Result<http::Response> Answer(ApiService& service, http::Request& request, const Guard& guard) {
  auto session = TRY(service.sessions.Borrow());
  auto answer = AnswerIn(*session, service, request, guard);
  if (answer.ok()) return answer;
  const ErrorKind kind = answer.error().kind();
  if (kind == ErrorKind::kUnavailable || kind == ErrorKind::kCommitUnknown) session.Spoil();
  return answer;
}

http::Response AsProblem(const Error& error, const http::Request& request) {
  const int status = StatusOf(error);
  if (status >= 500) {
    LogWarning("request_failed", {{"operation", std::string(request.operation)},
                                  {"code", error.code()},
                                  {"trace", request.trace_id}});
  }
  return Problem(error, request);
}

}  // namespace

Result<Dataset> Call::FindDataset() const {
  const std::string path = "/" + *request.PathParameter("dataset");
  Dataset dataset = TRY(service.datasets.FindByPath(session, path));
  if (!caller.Sees(dataset.name)) {
    return Error(ErrorKind::kNotFound, code::api_no_dataset, {{"dataset", path}});
  }
  return dataset;
}

namespace {

// What is another's, or another dataset's, is not there.
Status CheckMine(const Call& call, const JobKey& key) {
  const std::string* path = call.request.PathParameter("dataset");
  const bool of_dataset = path == nullptr || key.dataset_path == "/" + *path;
  if (of_dataset && call.caller.Speaks(key.tenant) && call.caller.Sees(key.dataset)) return Ok();
  return Error(ErrorKind::kNotFound, code::api_no_job, {{"job", key.uid}});
}

}  // namespace

Result<JobKey> Call::FindJob() const {
  JobKey key = TRY(api::FindJob(session, *request.PathParameter("id")));
  TRY(CheckMine(*this, key));
  return key;
}

Result<JobView> Call::ViewJob() const {
  JobView view = TRY(ReadJobView(session, *request.PathParameter("id"), ViewOptions()));
  TRY(CheckMine(*this, view.key));
  return view;
}

JobViewOptions Call::ViewOptions() const {
  return {.public_url = service.config.public_url, .language = LanguageOf(request)};
}

Status Call::Audit(const Deed& deed) const {
  Parameter job;
  if (deed.job_id) job = std::to_string(*deed.job_id);
  TRY(session.Query(std::string(sql::kInsertAudit),
                    {caller.name, std::string(request.operation), job, deed.tenant,
                     deed.detail_json, request.peer, request.trace_id}));
  return Ok();
}

http::Handler Guarded(ApiService& service, Role least, Repeats repeats, Endpoint endpoint) {
  return [&service, least, repeats, endpoint](http::Request& request) -> Result<http::Response> {
    auto answer = Answer(service, request, {least, repeats, endpoint});
    if (answer.ok()) return answer;
    return AsProblem(answer.error(), request);
  };
}

http::Handler Open(ApiService& service,
                   Result<http::Response> (*endpoint)(ApiService& service,
                                                      http::Request& request)) {
  return [&service, endpoint](http::Request& request) -> Result<http::Response> {
    const auto type = ChooseAnswerType(request);
    if (!type.ok()) return AsProblem(type.error(), request);
    auto answer = endpoint(service, request);
    if (answer.ok()) return answer;
    return AsProblem(answer.error(), request);
  };
}

}  // namespace eclusa::api
