// HttpClient: sends one request over HTTP or HTTPS and waits for the answer.
//
// An answer of any status is an answer: what 404 or 503 mean is the caller's. Nothing is sent but
// what the request says: no cookies, no proxy of the environment, no credentials of a URL or of a
// file. Redirects are followed only where the request allows them and only for GET and HEAD; to
// another host only headers that say what is asked for go along, and never from https to http. Each
// connection is made to an address that the policy was asked about. Answers come as they were sent:
// compressed bodies stay so.
//
// Ownership: keeps its idle connections. Threads: Send from any number at once. Every wait ends by
// the request's limits or the stop token. Memory: bodies that are not streamed. URLs, headers and
// bodies are never logged and never part of an error: they may hold signatures; the host is.
// Errors: http.* codes; kUnavailable where trying again may help, load.cancelled (kCancelled).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "http/address.h"

namespace eclusa {

using ClientHeaders = std::vector<std::pair<std::string, std::string>>;

// Fills `out` from its beginning; 0 only at the end.
using BodyReader = std::function<Result<size_t>(std::span<char> out)>;
// Takes the next bytes; an error ends the exchange and is what Send returns.
using BodyWriter = std::function<Status(std::string_view bytes)>;

struct ClientLimits {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds total{300'000};
  // Slower than so many bytes a second for so long: given up.
  int64_t low_speed_bytes = 1024;
  std::chrono::seconds low_speed_time{30};
  int64_t response_bytes_max = int64_t{16} << 20;
  int redirects_max = 0;  // 0: the redirect is the answer
};

struct ClientRequest {
  std::string method = "GET";
  std::string url;        // http or https, without user and password
  ClientHeaders headers;  // without Host and Content-Length
  std::string body;
  BodyReader body_reader;  // instead of `body`: exactly body_size bytes, read once
  int64_t body_size = 0;
  BodyWriter sink;  // takes the body of a 2xx answer; others stay in ClientResponse::body
  ClientLimits limits;
};

struct ClientResponse {
  int status = 0;
  ClientHeaders headers;  // names in lower case, in the order in which they came
  std::string body;

  // The first of that name (in lower case); empty where there is none.
  std::string_view Header(std::string_view name) const;
};

struct ClientOptions {
  AddressPolicy may_connect;  // null: everywhere
  std::string ca_file;        // certificates to trust; empty: the system's
  // For tests: the numeric address of a host; empty or null: as the system resolves it.
  std::function<std::string(const std::string& host)> resolve;
};

class HttpClient {
 public:
  explicit HttpClient(ClientOptions options = {});
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  Result<ClientResponse> Send(const ClientRequest& request, const std::stop_token& stop = {});

 private:
  class Session;
  std::unique_ptr<Session> Take();
  void GiveBack(std::unique_ptr<Session> session);

  const ClientOptions options_;

  std::mutex mutex_;
  // protected by mutex_:
  std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace eclusa
