// S3Connection: signed requests to one bucket, with retries, and what their refusals mean.
//
// Threads: any. Every wait ends by a limit or the stop token. Errors: http.* codes;
// store.unavailable (kUnavailable) for 408, 429 and 5xx after all retries. Other statuses are
// answers, for which S3Refusal has the error.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "http/client.h"
#include "http/client_url.h"
#include "http/retry.h"
#include "store/sigv4.h"

namespace eclusa {

struct S3Config {
  std::string endpoint;  // "https://s3.sa-east-1.amazonaws.com"
  std::string region;
  std::string bucket;
  S3Key key;
  bool path_style = false;    // endpoint/bucket/key instead of bucket.endpoint/key
  AddressPolicy may_connect;  // null: everywhere
  std::string ca_file;        // empty: the system's
  RetryPlan retries;
  RetryClock clock = RetryClock::Real();
  std::function<std::chrono::sys_seconds()> now;  // null: the system's clock
};

struct S3Call {
  std::string method;
  std::string object;  // empty: the bucket
  S3Query query;
  ClientHeaders headers;
  std::string body;
  BodyReader body_reader;  // instead of `body`; the call is not repeated then
  int64_t body_size = 0;
  ClientLimits limits;
};

class S3Connection {
 public:
  static Result<std::unique_ptr<S3Connection>> Open(S3Config config);

  Result<ClientResponse> Send(const S3Call& call, const std::stop_token& stop = {});
  // The URL for whoever sends method, object, query and headers of `call` until `expires`.
  std::string Presigned(const S3Call& call, std::chrono::sys_seconds expires) const;
  std::chrono::sys_seconds Now() const { return config_.now(); }

 private:
  S3Connection(S3Config config, ClientUrl endpoint);
  S3Request Unsigned(const S3Call& call) const;
  S3Signer Signer() const { return {config_.key, config_.region, config_.now()}; }
  Result<ClientResponse> SendOnce(const S3Call& call, const std::stop_token& stop);

  S3Config config_;
  std::string scheme_;
  std::string host_;  // with the port where it is not the scheme's own
  HttpClient client_;
};

// The error of an answer that is not what was asked for. `action` is a word for people.
Error S3Refusal(std::string_view action, const std::string& object, const ClientResponse& answer);
// S3's word for what is wrong: "NoSuchUpload"; empty where the answer has none.
std::string S3FaultCode(const ClientResponse& answer);

}  // namespace eclusa
