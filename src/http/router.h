// Which handler answers what: routes as data, and the choice among them.
//
// A pattern is segments: `/v1/datasets/{name}/contract`. `{name}` is one segment that is not empty;
// `{name...}`, only as the first, is one or more of them up to the first segment that equals the
// one after it in the pattern: `{dataset...}/_bulk/status/{id}`. Of several patterns that fit, one
// without `{name...}` goes before one with it, then, from the left, a literal before a parameter;
// the first that has the method answers. HEAD is answered by the route of GET. Two routes of one
// method whose patterns cannot be told apart are a fault of the program.
//
// Ownership: owns its routes. Threads: constant after construction, safe from any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/message.h"

namespace eclusa::http {

enum class BodyKind : uint8_t {
  kNone,      // a body is refused
  kBuffered,  // read whole before the handler is called
  kStreamed,  // goes to the sink that the handler returns
};

// Handlers are blocking code on a thread of the pool. An Error and an exception become a 503
// (kUnavailable) or a 500 that says nothing of them; the access event does.
using Handler = std::function<Result<Response>(Request&)>;
using Streamed = std::variant<Response, std::unique_ptr<BodySink>>;
// Sees the header alone. A Response refuses the body, which is then not read.
using StreamHandler = std::function<Result<Streamed>(Request&)>;

inline constexpr uint64_t kBufferedBodyMax = uint64_t{1} << 20;

struct Route {
  std::string method;
  std::string pattern;
  std::string operation;  // the id in the OpenAPI file
  BodyKind body = BodyKind::kNone;
  uint64_t body_max = kBufferedBodyMax;  // more is refused at the first byte too many
  bool length_required = false;          // a body without Content-Length is refused
  Handler handler;                       // of kNone and kBuffered
  StreamHandler stream_handler;          // of kStreamed
};

struct RouteMatch {
  const Route* route = nullptr;  // null: see `allowed`
  Parameters parameters;
  std::string allowed;  // "GET, HEAD, OPTIONS" of this path; empty: no such path
};

class Router {
 public:
  explicit Router(std::vector<Route> routes);

  // `segments` decoded, as ParseTarget gives them. For OPTIONS without a route of its own and for
  // a method that the path lacks, `route` is null and `allowed` is not empty.
  RouteMatch Match(std::string_view method, std::span<const std::string> segments) const;

  // In the order in which they are tried.
  const std::vector<Route>& routes() const { return routes_; }
  // Every method that some route has, for `OPTIONS *`.
  std::string AllMethods() const;

 private:
  struct Segment {
    enum class Kind : uint8_t { kLiteral, kOne, kMany } kind;
    std::string text;  // the literal or the name
  };
  using Pattern = std::vector<Segment>;

  static Pattern ParsePattern(std::string_view text);
  static int Compare(const Pattern& a, const Pattern& b);
  static bool Fits(const Pattern& pattern, std::span<const std::string> segments,
                   Parameters& parameters);

  std::vector<Route> routes_;      // in order of precedence
  std::vector<Pattern> patterns_;  // of the route of the same index
};

}  // namespace eclusa::http
