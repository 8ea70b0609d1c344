// Beast is a heavy thing to compile: nothing of it may leave this file.
#include "http/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "model/codes.h"

namespace eclusa::http {
namespace {

namespace beast = boost::beast;
using BeastError = beast::http::error;

// Keeps what Beast finds.
class BeastParser : public beast::http::basic_parser<true> {
 public:
  explicit BeastParser(size_t head_max) {
    // The limits are ours: Beast would break off before a 413 could be given its reason.
    header_limit(static_cast<uint32_t>(head_max));
    body_limit(boost::none);
  }

  RawHead raw;
  size_t fields = 0;
  std::string* body = nullptr;
  uint64_t chunk_left = 0;  // of the chunk that is being read

 private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                       int version, beast::error_code&) override {
    raw.method.assign(method.data(), method.size());
    raw.target.assign(target.data(), target.size());
    raw.version = version;
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                     beast::error_code& error) override {
    if (++fields > RequestParser::kFieldsMax) {
      error = BeastError::header_limit;
    } else if (!is_header_done()) {
      raw.headers.Add({name.data(), name.size()}, {value.data(), value.size()});
    }
  }
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&, beast::error_code&) override {}
  size_t on_body_impl(beast::string_view bytes, beast::error_code&) override {
    return bytes.size();  // not called: bodies with a length do not come here
  }
  void on_chunk_header_impl(uint64_t size, beast::string_view extension,
                            beast::error_code& error) override {
    // Else a body of a few bytes could be drawn out over any number of them.
    if (extension.size() > RequestParser::kChunkExtensionMax) {
      error = BeastError::bad_chunk_extension;
    }
    chunk_left = size;
    fields = 0;  // trailers are counted anew
  }
  size_t on_chunk_body_impl(uint64_t, beast::string_view bytes, beast::error_code&) override {
    body->append(bytes.data(), bytes.size());
    chunk_left -= bytes.size();
    return bytes.size();
  }
  void on_finish_impl(beast::error_code&) override {}
};

// A method ends where the first character comes that no token has.
bool IsToken(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// A line that ends without CR, which Beast would wait out.
bool HasBareLineFeed(std::string_view bytes) {
  for (size_t at = bytes.find('\n'); at != bytes.npos; at = bytes.find('\n', at + 1)) {
    if (at == 0 || bytes[at - 1] != '\r') return true;
  }
  return false;
}

// "GET /x HTTP/2.0": a request of another version, not one that is malformed.
bool IsOtherVersion(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\r'));
  const size_t space = line.rfind(' ');
  if (space == line.npos) return false;
  const std::string_view version = line.substr(space + 1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return version.size() == 8 && version.starts_with("HTTP/") && digit(version[5]) &&
         version[6] == '.' && digit(version[7]) && version != "HTTP/1.0" && version != "HTTP/1.1";
}

Refusal RefusalOf(beast::error_code error, std::string_view head) {
  if (error == BeastError::bad_version && IsOtherVersion(head)) {
    return {505, code::http_version, {}, {}};
  }
  if (error == BeastError::header_limit) {
    return {
        431, code::http_header_fields, {{"limit", std::to_string(RequestParser::kFieldsMax)}}, {}};
  }
  if (error == BeastError::bad_content_length || error == BeastError::multiple_content_length ||
      error == BeastError::bad_transfer_encoding) {
    return {400, code::http_body_length, {}, {}};
  }
  return {400, code::http_malformed, {}, {}};
}

}  // namespace

struct RequestParser::Impl {
  Impl(size_t head_limit, size_t uri_limit)
      : head_max(head_limit), uri_max(uri_limit), beast(head_limit) {}

  ParseState Refuse(Refusal what) {
    refusal = std::move(what);
    return ParseState::kRefused;
  }
  ParseState Malformed() { return Refuse({400, code::http_malformed, {}, {}}); }
  ParseState TooLong(std::string_view bytes);
  bool LooksSound(std::string_view bytes);

  const size_t head_max;
  const size_t uri_max;
  BeastParser beast;
  Refusal refusal;
  size_t start = 0;    // bytes of an empty line before the request
  size_t looked = 0;   // bytes that were looked at
  bool ended = false;  // the head's last line was seen
};

// Looks at what is new. False: nothing that follows could make a head of it.
bool RequestParser::Impl::LooksSound(std::string_view bytes) {
  for (; looked < bytes.size() && !ended; ++looked) {
    const char c = bytes[looked];
    if (looked == start && !IsToken(c)) return false;
    const bool after_cr = looked > start && bytes[looked - 1] == '\r';
    if (after_cr != (c == '\n')) return false;
    if (c == '\n') {
      ended = looked >= start + 3 && bytes[looked - 2] == '\n';
    } else if (c != '\r' && c != '\t' && ((c >= 0 && c < ' ') || c == '\x7f')) {
      return false;
    } else if ((c == ' ' || c == '\t') && looked > start && bytes[looked - 1] == '\n') {
      return false;  // a folded field
    }
  }
  return true;
}

// Which limit a head breaks that has not ended within them.
ParseState RequestParser::Impl::TooLong(std::string_view bytes) {
  const size_t line = bytes.find('\n', start);
  const size_t first_space = std::min(bytes.find(' ', start), bytes.size());
  const size_t target_end = std::min({bytes.find(' ', first_space + 1), line, bytes.size()});
  if (target_end > first_space && target_end - first_space - 1 > uri_max) {
    return Refuse({414, code::http_uri_too_long, {{"limit", std::to_string(uri_max)}}, {}});
  }
  if (bytes.size() - start >= head_max && !ended) {
    return Refuse({431, code::http_header_too_large, {{"limit", std::to_string(head_max)}}, {}});
  }
  return ParseState::kMore;
}

RequestParser::RequestParser(size_t head_max, size_t uri_max)
    : impl_(std::make_unique<Impl>(head_max, uri_max)) {}
RequestParser::~RequestParser() = default;

ParseState RequestParser::ReadHead(std::string_view bytes, size_t& consumed) {
  Impl& impl = *impl_;
  // One empty line before a request is passed over, as RFC 9112 asks.
  if (impl.looked == 0 && bytes.starts_with('\r')) {
    if (bytes.size() < 2) return ParseState::kMore;
    if (bytes[1] != '\n') return impl.Malformed();
    impl.start = impl.looked = 2;
  }
  if (!impl.LooksSound(bytes)) return impl.Malformed();
  if (impl.TooLong(bytes) == ParseState::kRefused) return ParseState::kRefused;
  if (!impl.ended) return ParseState::kMore;

  const std::string_view head = bytes.substr(impl.start, impl.looked - impl.start);
  if (head.size() > impl.head_max) {
    return impl.Refuse(
        {431, code::http_header_too_large, {{"limit", std::to_string(impl.head_max)}}, {}});
  }
  beast::error_code error;
  const size_t parsed = impl.beast.put({head.data(), head.size()}, error);
  if (error) return impl.Refuse(RefusalOf(error, head));
  if (parsed != head.size()) return impl.Malformed();
  consumed = impl.looked;
  return ParseState::kDone;
}

const RawHead& RequestParser::head() const { return impl_->beast.raw; }

RawHead RequestParser::TakeHead() { return std::move(impl_->beast.raw); }

ParseState RequestParser::ReadChunks(std::string_view bytes, size_t& consumed, std::string& body) {
  BeastParser& parser = impl_->beast;
  parser.body = &body;
  consumed = 0;
  while (!parser.is_done() && consumed < bytes.size()) {
    std::string_view rest = bytes.substr(consumed);
    const bool at_header = parser.chunk_left == 0;
    if (at_header) rest = rest.substr(0, kChunkHeaderMax);
    // "0", two line ends: less cannot be the end, and Beast's assertions stumble over it.
    if (at_header && rest.size() < 5 && !HasBareLineFeed(rest)) break;
    beast::error_code error;
    consumed += parser.put({rest.data(), rest.size()}, error);
    if (error == BeastError::need_more) {
      if (rest.size() < kChunkHeaderMax && !HasBareLineFeed(rest)) break;
      error = BeastError::bad_chunk;
    }
    if (error) return impl_->Refuse({400, code::http_chunk_malformed, {}, {}});
  }
  return parser.is_done() ? ParseState::kDone : ParseState::kMore;
}

const Refusal& RequestParser::refusal() const { return impl_->refusal; }

}  // namespace eclusa::http
