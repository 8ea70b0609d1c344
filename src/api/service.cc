#include "api/service.h"

#include "api/idempotency.h"
#include "api/jwt_caller.h"
#include "api/media_types.h"
#include "api/problem.h"
#include "api/sql.h"
#include "core/log.h"
#include "model/codes.h"

namespace eclusa::api {
namespace {

struct Guard {
  Role least;
  Door door;
  Repeats repeats;
  Endpoint endpoint;
};

struct StreamGuard {
  Role least;
  Door door;
  StreamEndpoint endpoint;
};

// Whoever can be told without a database session: an issuer that is away must not hold up others.
Result<std::optional<Caller>> KnownCaller(ApiService& service, const http::Request& request,
                                          Door door) {
  const std::string* authorization = request.headers.Find("Authorization");
  if (authorization == nullptr && door != nullptr) return door(service, request);
  return JwtCaller(service.issuer.get(), authorization);
}

// Who calls, where a JWT says it; and whether it is his turn, once that is known.
struct Admission {
  std::optional<Caller> known;
  std::optional<RateTurn> turn;
};

// Who calls, whether it is his turn, and whether he may.
Result<Caller> Admit(Connection& session, ApiService& service, http::Request& request, Role least,
                     Admission& admission) {
  Caller caller = admission.known
                      ? *admission.known
                      : TRY(service.tokens.Find(session, request.headers.Find("Authorization")));
  admission.turn = service.limiter.Take(caller.identity, caller.requests_per_minute);
  if (admission.turn && !admission.turn->granted) {
    return Error(ErrorKind::kUnavailable, code::api_rate_limited,
                 {{"limit", std::to_string(admission.turn->limit)}});
  }
  if (!caller.MayAct(least)) {
    return Error(ErrorKind::kInvalid, code::api_role,
                 {{"role", std::string(Name(caller.role))}, {"needed", std::string(Name(least))}});
  }
  TRY(ChooseAnswerType(request));
  return caller;
}

Result<http::Response> AnswerIn(Connection& session, ApiService& service, http::Request& request,
                                const Guard& guard, Admission& admission) {
  const Caller caller = TRY(Admit(session, service, request, guard.least, admission));
  if (!request.body.empty()) TRY(CheckJsonBody(request));
  Call call{service, request, session, caller};
  auto answer =
      guard.repeats == Repeats::kByKey ? AnswerOnce(call, guard.endpoint) : guard.endpoint(call);
  if (answer.ok() && call.afterwards) call.afterwards();
  return answer;
}

// With a session on loan, which is not given out again where it may be broken.
template <class Act>
auto WithSession(ApiService& service, Act act) -> decltype(act(std::declval<Connection&>())) {
  auto session = TRY(service.sessions.Borrow());
  auto answer = act(*session);
  if (answer.ok()) return answer;
  const bool limited = answer.error().code() == code::api_rate_limited;
  const ErrorKind kind = answer.error().kind();
  if (!limited && (kind == ErrorKind::kUnavailable || kind == ErrorKind::kCommitUnknown)) {
    session.Spoil();
  }
  return answer;
}

Result<http::Response> Answer(ApiService& service, http::Request& request, const Guard& guard,
                              std::optional<RateTurn>& turn) {
  Admission admission;
  admission.known = TRY(KnownCaller(service, request, guard.door));
  auto answer = WithSession(service, [&](Connection& session) {
    return AnswerIn(session, service, request, guard, admission);
  });
  turn = admission.turn;
  return answer;
}

Result<std::unique_ptr<http::BodySink>> OpenSink(ApiService& service, http::Request& request,
                                                 const StreamGuard& guard,
                                                 std::optional<RateTurn>& turn) {
  Admission admission;
  admission.known = TRY(KnownCaller(service, request, guard.door));
  auto sink =
      WithSession(service, [&](Connection& session) -> Result<std::unique_ptr<http::BodySink>> {
        const Caller caller = TRY(Admit(session, service, request, guard.least, admission));
        Call call{service, request, session, caller};
        return guard.endpoint(call);
      });
  turn = admission.turn;
  return sink;
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

// A sink whose errors become problems, and whose answers say the rate.
class GuardedSink final : public http::BodySink {
 public:
  GuardedSink(std::unique_ptr<http::BodySink> sink, const http::Request& request,
              std::optional<RateTurn> turn)
      : sink_(std::move(sink)), request_(request), turn_(turn) {}

  Result<std::optional<http::Response>> Write(std::string_view bytes) override {
    auto early = sink_->Write(bytes);
    if (early.ok() && !early->has_value()) return early;
    return std::optional(early.ok() ? Said(*std::move(*early))
                                    : Said(AsProblem(early.error(), request_)));
  }
  Result<http::Response> Finish() override {
    auto answer = sink_->Finish();
    return Said(answer.ok() ? std::move(answer).value() : AsProblem(answer.error(), request_));
  }

 private:
  http::Response Said(http::Response response) const {
    if (turn_) SayRate(*turn_, response);
    return response;
  }

  std::unique_ptr<http::BodySink> sink_;
  const http::Request& request_;
  const std::optional<RateTurn> turn_;
};

}  // namespace

Result<Dataset> Call::FindDataset() const {
  const std::string path = "/" + *request.PathParameter("dataset");
  Dataset dataset = TRY(service.datasets.FindByPath(session, path));
  if (!caller.Sees(dataset.name)) {
    return Error(ErrorKind::kNotFound, code::api_no_dataset, {{"dataset", path}});
  }
  return dataset;
}

Status Call::CheckMine(const JobKey& key) const {
  const std::string* path = request.PathParameter("dataset");
  const bool of_dataset = path == nullptr || key.dataset_path == "/" + *path;
  if (of_dataset && caller.Speaks(key.tenant) && caller.Sees(key.dataset)) return Ok();
  return Error(ErrorKind::kNotFound, code::api_no_job, {{"job", key.uid}});
}

Result<JobKey> Call::FindJob() const {
  JobKey key = TRY(api::FindJob(session, *request.PathParameter("id")));
  TRY(CheckMine(key));
  return key;
}

Result<JobView> Call::ViewJob() const {
  JobView view = TRY(ReadJobView(session, *request.PathParameter("id"), ViewOptions()));
  TRY(CheckMine(view.key));
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

http::Handler Guarded(ApiService& service, Role least, Repeats repeats, Endpoint endpoint,
                      Door door) {
  const Guard guard{least, door, repeats, std::move(endpoint)};
  return [&service, guard](http::Request& request) -> Result<http::Response> {
    std::optional<RateTurn> turn;
    auto answer = Answer(service, request, guard, turn);
    http::Response response =
        answer.ok() ? std::move(answer).value() : AsProblem(answer.error(), request);
    if (turn) SayRate(*turn, response);
    return response;
  };
}

http::StreamHandler GuardedStream(ApiService& service, Role least, StreamEndpoint endpoint,
                                  Door door) {
  const StreamGuard guard{least, door, std::move(endpoint)};
  return [&service, guard](http::Request& request) -> Result<http::Streamed> {
    std::optional<RateTurn> turn;
    auto sink = OpenSink(service, request, guard, turn);
    if (sink.ok()) {
      return http::Streamed(std::make_unique<GuardedSink>(*std::move(sink), request, turn));
    }
    http::Response response = AsProblem(sink.error(), request);
    if (turn) SayRate(*turn, response);
    return http::Streamed(std::move(response));
  };
}

Result<http::Response> InCall(ApiService& service, http::Request& request, const Caller& caller,
                              const Endpoint& endpoint) {
  std::function<void()> afterwards;
  auto answer = WithSession(service, [&](Connection& session) {
    Call call{service, request, session, caller};
    auto done = endpoint(call);
    afterwards = std::move(call.afterwards);
    return done;
  });
  if (answer.ok() && afterwards) afterwards();
  return answer;
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
