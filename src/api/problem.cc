#include "api/problem.h"

#include <boost/json.hpp>
#include <map>
#include <string>

namespace eclusa::api {
namespace {

namespace json = boost::json;

constexpr int kRetryAfterSeconds = 5;

// What a code says that its kind does not.
int StatusOfCode(std::string_view code) {
  static const std::map<std::string_view, int> statuses = {
      {code::api_syntax, 400},
      {code::api_multipart, 400},
      {code::api_unauthorized, 401},
      {code::api_role, 403},
      {code::api_tenant_not_allowed, 403},
      {code::api_whole_server, 403},
      {code::store_upload_signature, 403},
      {code::store_upload_expired, 403},
      {code::api_not_acceptable, 406},
      {code::api_key_in_use, 409},
      {code::api_not_ended, 409},
      {code::api_failures_removed, 410},
      {code::job_wrong_state, 409},
      {code::job_in_foreground, 409},
      {code::resubmit_nothing_loaded, 409},
      {code::store_upload_method, 405},
      {code::store_too_large, 413},
      {code::api_media_type, 415},
      {code::store_upload_type, 415},
      {code::api_too_many_jobs, 429},
      {code::api_token_quota, 429},
      {code::api_rate_limited, 429},
      {code::file_disk_full, 507},
      {code::file_no_folder, 503},  // of the store, the only files that the API has
      {code::database_unreachable, 503},
      {code::job_unknown_target, 503},  // of a job that another server's settings sent there
  };
  const auto found = statuses.find(code);
  return found == statuses.end() ? 0 : found->second;
}

json::object ProblemObject(const Error& error, int status, const http::Request& request) {
  const Language language = LanguageOf(request);
  return {{"type", "/v1/problems/" + std::string(error.code())},
          {"title", http::ReasonPhrase(status)},
          {"status", status},
          {"detail", Text(error, language)},
          {"hint", Hint(error, language)},
          {"instance", request.path},
          {"code", error.code()},
          {"errors", json::array()},
          {"trace_id", request.trace_id}};
}

http::Response Finished(json::object problem, int status, const http::Request& request) {
  http::Response response;
  response.status = status;
  response.headers = {
      {"Content-Type", "application/problem+json"},
      {"Content-Language", LanguageOf(request) == Language::kPortuguese ? "pt" : "en"},
      {"Cache-Control", "no-store"}};
  response.body = json::serialize(problem);
  return response;
}

// RFC 6750, section 3: a request without a token is told no error.
std::string ChallengeTo(const http::Request& request, const Error& error) {
  if (request.headers.Find("Authorization") == nullptr) return "Bearer";
  std::string challenge = R"(Bearer error="invalid_token")";
  for (const auto& [name, value] : error.arguments()) {
    if (name == "reason") challenge += ", error_description=\"" + value + "\"";
  }
  return challenge;
}

}  // namespace

Language LanguageOf(const http::Request& request) {
  const std::string* accepted = request.headers.Find("Accept-Language");
  if (accepted == nullptr) return Language::kEnglish;
  // The first of the two that is named: weights are rarely sent for anything but their order.
  const size_t portuguese = accepted->find("pt");
  const size_t english = accepted->find("en");
  return portuguese < english ? Language::kPortuguese : Language::kEnglish;
}

int StatusOf(const Error& error) {
  if (const int status = StatusOfCode(error.code()); status != 0) return status;
  switch (error.kind()) {
    case ErrorKind::kInvalid:
      return 422;
    case ErrorKind::kNotFound:
      return 404;
    case ErrorKind::kConflict:
      return 409;
    case ErrorKind::kUnavailable:
    case ErrorKind::kCommitUnknown:
    case ErrorKind::kCancelled:
      return 503;
    case ErrorKind::kInternal:
      return 500;
  }
  return 500;
}

http::Response Problem(const Error& error, const http::Request& request) {
  const int status = StatusOf(error);
  json::object problem = ProblemObject(error, status, request);
  for (const auto& [name, value] : error.arguments()) {
    if (name == "pointer") {
      problem["errors"].as_array().push_back(
          json::object{{"pointer", value}, {"detail", Text(error, LanguageOf(request))}});
    }
  }
  http::Response response = Finished(std::move(problem), status, request);
  if (status == 503 || status == 429 || error.code() == code::api_not_ended ||
      error.code() == code::api_key_in_use) {
    response.headers.Set("Retry-After", std::to_string(kRetryAfterSeconds));
  }
  if (status == 401) response.headers.Set("WWW-Authenticate", ChallengeTo(request, error));
  return response;
}

http::Response RefusalProblem(const http::Refusal& refusal, const http::Request& request) {
  const Error error(ErrorKind::kInvalid, refusal.code, refusal.arguments);
  http::Response response =
      Finished(ProblemObject(error, refusal.status, request), refusal.status, request);
  for (const auto& [name, value] : refusal.headers) response.headers.Set(name, value);
  return response;
}

http::Response JsonAnswer(int status, const json::value& value) {
  return JsonTextAnswer(status, json::serialize(value));
}

http::Response JsonTextAnswer(int status, std::string text) {
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  response.body = std::move(text);
  return response;
}

}  // namespace eclusa::api
