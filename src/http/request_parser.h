// The bytes of one HTTP/1.x request into its head and its body: the only user of Boost.Beast.
//
// The caller keeps what was not consumed and hands it in again with what came after it. Strict: a
// line that ends without CRLF, a control character, a folded field, a name with a space before its
// colon and more than kFieldsMax fields are refused, as early as they can be seen. Of chunks the
// data is kept; extensions and trailers are checked and dropped.
//
// One parser per request. Threads: one at a time. What the head means: request_head.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace eclusa::http {

// The head of a request as it was written.
struct RawHead {
  std::string method;
  std::string target;
  int version = 0;  // 10 or 11
  Headers headers;
};

enum class ParseState : uint8_t { kMore, kDone, kRefused };

class RequestParser {
 public:
  static constexpr size_t kFieldsMax = 100;
  // Of a chunk's size line, and of the trailers: a few bytes in any honest request.
  static constexpr size_t kChunkHeaderMax = 4096;
  static constexpr size_t kChunkExtensionMax = 256;

  RequestParser(size_t head_max, size_t uri_max);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // `bytes` from the first of the request. kDone: `consumed` of them are the head. Looks only once
  // at each byte, however many calls it takes.
  ParseState ReadHead(std::string_view bytes, size_t& consumed);
  const RawHead& head() const;
  RawHead TakeHead();

  // A body in chunks, after kDone of the head: appends to `body` what `bytes` hold, consumes what
  // it can. kDone: what was not consumed belongs to the next request.
  ParseState ReadChunks(std::string_view bytes, size_t& consumed, std::string& body);

  const Refusal& refusal() const;  // after kRefused

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace eclusa::http
