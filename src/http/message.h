// Requests and responses as values: what a handler sees and what it gives back.
//
// Ownership: values. A Request outlives the sink or the pull body that its handler returned.
// Threads: as any value; the server never shows one request to two threads at once.
// Does not know the wire (request_parser.h, response_head.h) nor which calls there are (router.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/result.h"

namespace eclusa::http {

// Whether two names of header fields are the same: ASCII letters without regard to case.
bool SameName(std::string_view a, std::string_view b);

// Header fields in the order in which they came.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  void Add(std::string_view name, std::string_view value);
  void Set(std::string_view name, std::string_view value);  // instead of all of that name
  const std::string* Find(std::string_view name) const;     // the first; null: none
  size_t Count(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;
  std::string path;            // decoded, without the query
  std::string_view operation;  // the route's id; empty: no route
  Parameters path_parameters;  // by the names of the route's pattern, decoded
  Parameters query_parameters;
  std::string query;  // as it was sent: what a signature is over
  Headers headers;
  std::string host;                        // with the port, as sent; empty only in HTTP/1.0
  std::string peer;                        // an address ("192.0.2.7", "2001:db8::1") or "unix"
  bool secure = false;                     // came over TLS
  std::string trace_id;                    // 32 hex digits: of `traceparent`, or made here
  std::optional<uint64_t> content_length;  // as announced; nothing: chunked, or no body
  std::string body;                        // of routes whose body is buffered
  std::stop_token stop;                    // asked for when nobody waits for the answer any more

  const std::string* PathParameter(std::string_view name) const;   // null: none
  const std::string* QueryParameter(std::string_view name) const;  // the first; null: none
};

// Fills `chunk` (empty when called) and says whether there is more to come. Runs on a thread of the
// pool, never before the chunk before was written. An error breaks the connection off, so that the
// client notices. Destroyed early where the client is gone.
using PullBody = std::function<Result<bool>(std::string& chunk)>;

struct Response {
  int status = 200;
  // Content-Length, Transfer-Encoding, Connection and Date are the server's: dropped here.
  Headers headers;
  std::string body;
  PullBody pull;  // instead of `body`
  // How much `pull` gives in all; nothing: sent in chunks, without a length.
  std::optional<uint64_t> pull_length;
};

// Takes a body as it comes, in pieces of at most 256 KiB; the first may be kept back until about as
// much has come. Destroyed without Finish: the body did not come whole, undo. Called on threads of
// the pool, by one at a time; destroyed on one too.
class BodySink {
 public:
  virtual ~BodySink() = default;
  // A Response ends the request early; the rest of the body is not read.
  virtual Result<std::optional<Response>> Write(std::string_view bytes) = 0;
  virtual Result<Response> Finish() = 0;
};

// Something that the server refuses by itself, to be put in words by the caller's ErrorPage.
struct Refusal {
  int status = 500;
  std::string_view code;  // of the catalogue
  ErrorArguments arguments;
  Headers headers;  // Allow, Retry-After
};

// Makes the response to a refusal. `request` holds what was understood of it, perhaps nothing.
// Called on the event loop: must not wait.
using ErrorPage = std::function<Response(const Refusal& refusal, const Request& request)>;

// The catalogue's text in English, for who gives no page of their own.
Response PlainErrorPage(const Refusal& refusal, const Request& request);

// "Not Found"; "Unknown" for a status without a name.
std::string_view ReasonPhrase(int status);

}  // namespace eclusa::http
