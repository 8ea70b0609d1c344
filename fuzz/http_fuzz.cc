// Requests from anybody: however the bytes are cut, the same request, the same body and the same
// rest come out, or none does; and what is taken for a request has one meaning only.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/request_head.h"
#include "http/request_parser.h"

namespace {

using eclusa::http::ParseState;

constexpr size_t kHeadMax = 2048;
constexpr size_t kUriMax = 256;

void CheckTarget(const eclusa::http::Target& target) {
  for (const std::string& segment : target.segments) {
    if (segment == ".." || segment == ".") std::abort();
    if (segment.find('/') != segment.npos || segment.find('\0') != segment.npos) std::abort();
  }
}

// The request as one text; empty: refused or not whole.
std::string Read(std::string_view bytes, size_t step) {
  eclusa::http::RequestParser parser(kHeadMax, kUriMax);
  size_t consumed = 0;
  size_t seen = 0;
  ParseState state = ParseState::kMore;
  while (state == ParseState::kMore && seen < bytes.size()) {
    seen = std::min(seen + step, bytes.size());
    state = parser.ReadHead(bytes.substr(0, seen), consumed);
  }
  if (state != ParseState::kDone) return "";
  const auto read = eclusa::http::ReadHeadFacts(parser.head());
  const auto* const facts = std::get_if<eclusa::http::HeadFacts>(&read);
  if (facts == nullptr) return "";
  if (facts->chunked && facts->content_length) std::abort();
  CheckTarget(facts->target);
  std::string text = parser.head().method + " " + parser.head().target;
  for (const auto& [name, value] : parser.head().headers) {
    if (value.find_first_of("\r\n") != value.npos) std::abort();
    text += "\n" + name + ": " + value;
  }
  std::string body;
  size_t begin = consumed;
  while (facts->chunked) {
    state = parser.ReadChunks(bytes.substr(begin, seen - begin), consumed, body);
    begin += consumed;
    if (state == ParseState::kDone) break;
    if (state == ParseState::kRefused || seen == bytes.size()) return "";
    seen = std::min(seen + step, bytes.size());
  }
  return text + "\n\n" + body + "\n\n" + std::string(bytes.substr(begin));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = Read(bytes, std::max(size, size_t{1}));
  for (const size_t step : {size_t{1}, size_t{3}, size_t{64}, size_t{1000}}) {
    if (Read(bytes, step) != whole) std::abort();
  }
  return 0;
}
