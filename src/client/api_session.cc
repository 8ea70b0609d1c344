#include "client/api_session.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "http/client_url.h"

namespace eclusa::client {
namespace {

namespace json = boost::json;

// A server may join the parts of a large file before it answers.
constexpr std::chrono::seconds kSilence{300};
constexpr std::chrono::hours kTotal{24};
// A server that asks for more is asked again all the same: the user sees what goes on.
constexpr std::chrono::seconds kRetryAfterMax{60};
// A status document names each part of its job.
constexpr int64_t kAnswerBytesMax = int64_t{64} << 20;

std::string TextAt(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

ErrorKind KindOf(int status, std::string_view code) {
  // Another request with the same key is being answered: its answer will be there soon.
  if (code == code::api_key_in_use) return ErrorKind::kUnavailable;
  switch (status) {
    case 404:
    case 410:
      return ErrorKind::kNotFound;
    case 409:
      return ErrorKind::kConflict;
    case 408:
    case 429:
    case 502:
    case 503:
    case 504:
      return ErrorKind::kUnavailable;
    default:
      return status >= 500 ? ErrorKind::kInternal : ErrorKind::kInvalid;
  }
}

std::string HostOf(const std::string& url) {
  const auto parsed = ParseClientUrl(url);
  return parsed.ok() ? parsed->host : url;
}

}  // namespace

Error ProblemOf(const ClientResponse& answer, const std::string& host) {
  boost::system::error_code failed;
  const json::value value = json::parse(answer.body, failed);
  if (!failed && value.is_object()) {
    const json::object& problem = value.get_object();
    const std::string code = TextAt(problem, "code");
    const std::string detail = TextAt(problem, "detail");
    if (!code.empty() && !detail.empty()) {
      return Error(
          KindOf(answer.status, code), code,
          {{std::string(kSaidText), detail}, {std::string(kSaidHint), TextAt(problem, "hint")}});
    }
  }
  return Error(KindOf(answer.status, ""), code::client_status,
               {{"host", host}, {"status", std::to_string(answer.status)}});
}

std::optional<std::chrono::seconds> RetryAfterOf(const ClientResponse& answer) {
  const std::string_view text = answer.Header("retry-after");
  int64_t seconds = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() ||
      seconds < 0) {
    return std::nullopt;
  }
  return std::chrono::seconds(seconds);
}

ApiSession::ApiSession(SessionSettings settings, RetryClock clock)
    : settings_(std::move(settings)),
      clock_(std::move(clock)),
      http_({.may_connect = nullptr, .ca_file = settings_.ca_file, .resolve = nullptr}) {}

ClientRequest ApiSession::RequestOf(const ApiCall& call) const {
  ClientRequest request;
  request.method = call.method;
  request.url = settings_.server + call.path;
  request.headers = {
      {"Authorization", "Bearer " + settings_.token},
      {"Accept", call.accept},
      {"Accept-Language", settings_.language == Language::kPortuguese ? "pt" : "en"}};
  if (!call.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  if (!call.key.empty()) request.headers.emplace_back("Idempotency-Key", call.key);
  request.body = call.body;
  request.sink = call.sink;
  request.limits.total = kTotal;
  request.limits.low_speed_time = kSilence;
  request.limits.response_bytes_max = call.sink ? INT64_MAX : kAnswerBytesMax;
  return request;
}

Result<ClientResponse> ApiSession::SendRetried(const ClientRequest& request,
                                               const std::function<Status()>& again,
                                               const std::stop_token& stop) {
  const std::string host = HostOf(request.url);
  std::chrono::milliseconds least{0};
  RetryClock clock = clock_;
  clock.wait = [&](std::chrono::milliseconds time, const std::stop_token& end) {
    return clock_.wait(std::max(time, least), end);
  };
  bool first = true;
  return Retried(settings_.retry, clock, stop, [&]() -> Result<ClientResponse> {
    if (!first && again) TRY(again());
    first = false;
    least = std::chrono::milliseconds(0);
    ClientResponse answer = TRY(http_.Send(request, stop));
    if (answer.status >= 200 && answer.status < 300) return answer;
    least = std::min(RetryAfterOf(answer).value_or(std::chrono::seconds(0)), kRetryAfterMax);
    return ProblemOf(answer, host);
  });
}

Result<ApiReply> ApiSession::Ask(const ApiCall& call, const std::stop_token& stop) {
  const ClientResponse answer = TRY(SendRetried(RequestOf(call), call.before_again, stop));
  ApiReply reply{.status = answer.status,
                 .document = {},
                 .retry_after = RetryAfterOf(answer),
                 .rows = std::string(answer.Header("eclusa-rows"))};
  if (call.sink || answer.body.empty()) return reply;
  boost::system::error_code failed;
  json::value value = json::parse(answer.body, failed);
  if (failed || !value.is_object()) {
    return Error(ErrorKind::kInvalid, code::client_answer,
                 {{"host", HostOf(settings_.server)},
                  {"detail", failed ? failed.message() : "not an object"}});
  }
  reply.document = std::move(value).as_object();
  return reply;
}

Status ApiSession::Put(const ClientRequest& request, const std::function<Status()>& rewind,
                       const std::stop_token& stop) {
  ClientRequest sent = request;
  sent.headers.emplace_back("Accept-Language",
                            settings_.language == Language::kPortuguese ? "pt" : "en");
  sent.limits.total = kTotal;
  TRY(SendRetried(sent, rewind, stop));
  return Ok();
}

}  // namespace eclusa::client
