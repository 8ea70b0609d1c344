// The head of a response as bytes, with its framing.
//
// A pure function but for the clock (Date). Does not know connections.
#pragma once

#include <cstdint>
#include <string>

#include "http/message.h"

namespace eclusa::http {

enum class BodyFraming : uint8_t {
  kNone,        // no body follows (204, 304)
  kLength,      // `length` bytes
  kChunked,     // chunks
  kUntilClose,  // HTTP/1.0 cannot have chunks
};

struct ResponseFrame {
  BodyFraming framing = BodyFraming::kLength;
  uint64_t length = 0;
  bool keep_alive = false;
  bool http11 = true;
};

// How the body of `response` is framed; HEAD is answered with the same fields and no body.
ResponseFrame FrameOf(const Response& response, bool http11);

// False: a status, a name or a value that must not be written, such as one with a line end in it,
// which would let who controls it write a response of their own.
bool IsWritable(const Response& response);

void AppendResponseHead(const Response& response, const ResponseFrame& frame, std::string& out);

}  // namespace eclusa::http
