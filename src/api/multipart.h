// Multipart: the parts of a multipart/form-data body as they come (RFC 7578, RFC 2046), strictly.
//
//   --BOUNDARY CRLF
//   Content-Disposition: form-data; name="mode" CRLF
//   CRLF
//   upsert CRLF
//   --BOUNDARY CRLF
//   Content-Disposition: form-data; name="file"; filename="people.csv" CRLF
//   Content-Type: text/csv CRLF
//   CRLF
//   ... CRLF
//   --BOUNDARY-- [CRLF]
//
// What is not certain is refused: text before the first boundary or behind the last, a part without
// a name, a header line without a colon, a transfer encoding. What a part holds goes to the
// receiver in pieces. Memory: a piece and 8 KiB of headers. Threads: one at a time. Errors
// (kInvalid): api.multipart; those of the receiver, after which nothing is taken any more.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace eclusa::api {

struct PartHead {
  std::string name;                      // UTF-8
  std::optional<std::string> file_name;  // UTF-8; nothing: a text field
  std::string content_type;
};

class PartReceiver {
 public:
  virtual ~PartReceiver() = default;
  virtual Status Begin(PartHead head) = 0;
  virtual Status Take(std::string_view bytes) = 0;
  virtual Status End() = 0;
};

// Of a Content-Type; api.multipart where it is another, or has none that RFC 2046 permits.
Result<std::string> BoundaryOf(const std::string& content_type);

// The lines before a part's content, without the empty one.
Result<PartHead> ParsePartHead(std::string_view lines);

class Multipart {
 public:
  // `receiver` outlives it.
  Multipart(const std::string& boundary, PartReceiver& receiver)
      : delimiter_("\r\n--" + boundary), receiver_(receiver) {}

  Status Write(std::string_view bytes);
  // The body is over; api.multipart where its last boundary did not come.
  Status Finish() const;

 private:
  enum class Place { kBoundary, kHead, kContent, kEnd };

  // Takes what it can off the front of `rest`; false: more bytes are needed.
  Result<bool> Step(std::string_view& rest);
  Result<bool> StepBoundary(std::string_view& rest);
  Result<bool> StepHead(std::string_view& rest);
  Result<bool> StepContent(std::string_view& rest);

  const std::string delimiter_;  // with the line end before it
  PartReceiver& receiver_;
  Place place_ = Place::kBoundary;
  // What was not taken yet; the first boundary has no line before it.
  std::string pending_ = "\r\n";
};

}  // namespace eclusa::api
