// What the head of a request means, and whether it may mean anything: the rules of RFC 9112 whose
// breach lets two servers see two requests in the same bytes, all of them refused.
//
// Pure functions. Does not know routes nor limits of bodies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "http/message.h"
#include "http/request_parser.h"
#include "http/target.h"

namespace eclusa::http {

struct HeadFacts {
  Target target;
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = false;  // as the client asks
  bool expects_continue = false;
  bool http11 = false;

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

// Refused: Host missing, repeated or malformed; Content-Length repeated, not a number, or beside
// Transfer-Encoding; a coding other than chunked (501), or any of them in HTTP/1.0; a target that
// ParseTarget refuses, "*" for another method than OPTIONS; a method that HTTP does not have (501);
// an expectation other than 100-continue (417).
std::variant<HeadFacts, Refusal> ReadHeadFacts(const RawHead& head);

// The trace id of a `traceparent` of W3C Trace Context; empty where there is none that is valid.
std::string_view TraceIdOf(const Headers& headers);
// 32 random hex digits, never all zero.
std::string NewTraceId();

}  // namespace eclusa::http
