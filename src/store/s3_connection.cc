#include "store/s3_connection.h"

#include <fmt/format.h>

#include "model/codes.h"
#include "store/s3_answers.h"
#include "store/signing.h"

namespace eclusa {
namespace {

constexpr size_t kDetailMax = 300;

bool MayHelpToRepeat(int status) { return status == 408 || status == 429 || status >= 500; }

std::string DetailOf(const ClientResponse& answer) {
  const S3Fault fault = ReadS3Fault(answer.body);
  std::string detail = fmt::format("HTTP {}", answer.status);
  if (!fault.code.empty()) detail += " " + fault.code + ": " + fault.message.substr(0, kDetailMax);
  return detail;
}

std::string HostOf(const ClientUrl& endpoint, const S3Config& config) {
  std::string host = endpoint.host;
  if (host.find(':') != host.npos) host = "[" + host + "]";
  if (!config.path_style) host = config.bucket + "." + host;
  const bool usual = endpoint.port == (endpoint.scheme == "https" ? 443 : 80);
  return usual ? host : host + ":" + std::to_string(endpoint.port);
}

}  // namespace

Result<std::unique_ptr<S3Connection>> S3Connection::Open(S3Config config) {
  const ClientUrl endpoint = TRY(ParseClientUrl(config.endpoint));
  if (!config.now) {
    config.now = [] {
      return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    };
  }
  return std::unique_ptr<S3Connection>(new S3Connection(std::move(config), endpoint));
}

S3Connection::S3Connection(S3Config config, ClientUrl endpoint)
    : config_(std::move(config)),
      scheme_(endpoint.scheme),
      host_(HostOf(endpoint, config_)),
      client_({.may_connect = config_.may_connect, .ca_file = config_.ca_file, .resolve = {}}) {}

S3Request S3Connection::Unsigned(const S3Call& call) const {
  S3Request request;
  request.method = call.method;
  request.path = "/";
  if (config_.path_style) request.path += config_.bucket + (call.object.empty() ? "" : "/");
  request.path += call.object;
  request.query = call.query;
  request.headers = call.headers;
  request.headers.emplace_back("host", host_);
  return request;
}

std::string S3Connection::Presigned(const S3Call& call, std::chrono::sys_seconds expires) const {
  const S3Request request = Unsigned(call);
  const S3Signer signer = Signer();
  return fmt::format("{}://{}{}?{}", scheme_, host_, UriEncode(request.path, true),
                     PresignQuery(signer, request, expires - signer.time));
}

Result<ClientResponse> S3Connection::SendOnce(const S3Call& call, const std::stop_token& stop) {
  const S3Request unsigned_request = Unsigned(call);
  ClientRequest request;
  request.method = call.method;
  request.url = fmt::format("{}://{}{}", scheme_, host_, UriEncode(unsigned_request.path, true));
  if (!call.query.empty()) request.url += "?" + EncodedQuery(call.query);
  for (auto& header : SignHeaders(Signer(), unsigned_request)) {
    // The client writes it as it was signed.
    if (header.first != "host") request.headers.push_back(std::move(header));
  }
  request.body = call.body;
  request.body_reader = call.body_reader;
  request.body_size = call.body_size;
  request.limits = call.limits;
  ClientResponse answer = TRY(client_.Send(request, stop));
  if (MayHelpToRepeat(answer.status)) {
    return Error(ErrorKind::kUnavailable, code::store_unavailable, {{"detail", DetailOf(answer)}});
  }
  return answer;
}

Result<ClientResponse> S3Connection::Send(const S3Call& call, const std::stop_token& stop) {
  RetryPlan plan = config_.retries;
  if (call.body_reader) plan.attempts = 1;
  return Retried(plan, config_.clock, stop, [&] { return SendOnce(call, stop); });
}

Error S3Refusal(std::string_view action, const std::string& object, const ClientResponse& answer) {
  const std::string code = S3FaultCode(answer);
  if (answer.status == 404 && code == "NoSuchUpload") {
    return {ErrorKind::kNotFound, code::store_upload_unknown, {{"object", object}, {"upload", ""}}};
  }
  if (answer.status == 404 && code != "NoSuchBucket") {
    return {ErrorKind::kNotFound, code::store_not_found, {{"object", object}}};
  }
  if (answer.status == 412) {
    return {ErrorKind::kConflict, code::store_changed, {{"object", object}}};
  }
  return {ErrorKind::kInvalid,
          code::store_refused,
          {{"action", std::string(action)}, {"object", object}, {"detail", DetailOf(answer)}}};
}

std::string S3FaultCode(const ClientResponse& answer) { return ReadS3Fault(answer.body).code; }

}  // namespace eclusa
