// ApiSession: calls of one server's bulk API, with one token.
//
// What did not come through is tried again (http/retry.h), not sooner than Retry-After says; so a
// call must be repeatable: those that make a job carry a key. The token goes to the server's
// own address alone, never to another that an answer names. A problem document is an Error with the
// server's words (kSaidText), in the language that was asked for.
//
// Threads: any. Errors: http.* and client.* codes, and those of the server; the kind says what the
// caller can do, as everywhere.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "http/client.h"
#include "http/retry.h"
#include "model/codes.h"

namespace eclusa::client {

struct SessionSettings {
  std::string server;  // "https://host:port", perhaps with a path; no slash at its end
  std::string token;
  std::string ca_file;  // empty: the system's certificates
  Language language = Language::kEnglish;
  RetryPlan retry;
};

struct ApiCall {
  std::string method = "GET";
  std::string path;  // below the server: "/erp3/2531/people/_bulk"
  std::string body;  // JSON
  std::string key;   // Idempotency-Key; empty: none
  std::string accept = "application/json";
  BodyWriter sink;                       // instead of ApiReply::document
  std::function<Status()> before_again;  // what the sink took is void; an error ends it
};

struct ApiReply {
  int status = 0;
  boost::json::object document;  // empty where there was no body, or a sink
  std::optional<std::chrono::seconds> retry_after;
  std::string rows;  // of the header Eclusa-Rows
};

class ApiSession {
 public:
  explicit ApiSession(SessionSettings settings, RetryClock clock = RetryClock::Real());

  Result<ApiReply> Ask(const ApiCall& call, const std::stop_token& stop);
  // To a URL that the server has signed: without the token. The request's body_reader must begin
  // anew each time that `rewind` is called.
  Status Put(const ClientRequest& request, const std::function<Status()>& rewind,
             const std::stop_token& stop);

  const std::string& server() const { return settings_.server; }
  const RetryClock& clock() const { return clock_; }

 private:
  ClientRequest RequestOf(const ApiCall& call) const;
  // Sends until it is answered with something else than "later".
  Result<ClientResponse> SendRetried(const ClientRequest& request,
                                     const std::function<Status()>& again,
                                     const std::stop_token& stop);

  const SessionSettings settings_;
  const RetryClock clock_;
  HttpClient http_;
};

// The error that an answer of 4xx or 5xx means.
Error ProblemOf(const ClientResponse& answer, const std::string& host);
// Of Retry-After; nothing: it says none, or says it as a date.
std::optional<std::chrono::seconds> RetryAfterOf(const ClientResponse& answer);

}  // namespace eclusa::client
