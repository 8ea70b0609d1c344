#include "urls/url_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "http/client_url.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr int kRedirectsMax = 5;

ClientOptions PublicOnly(const UrlReaderConfig& config) {
  return {.may_connect = [](const PeerAddress& to) { return IsPublicAddress(to.address); },
          .ca_file = {},
          .resolve = config.resolve};
}

ClientOptions Anywhere(const UrlReaderConfig& config) {
  return {.may_connect = nullptr, .ca_file = {}, .resolve = config.resolve};
}

bool MayHelpToRepeat(int status) { return status == 408 || status == 429 || status >= 500; }

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string RangeText(const UrlReader::Range& range) {
  return fmt::format("{}-{}", range.at, range.at + range.length - 1);
}

Error Conflict(std::string_view code, const std::string& url) {
  return {ErrorKind::kConflict, code, {{"object", ShownUrl(url)}}};
}

Error NoRanges(const std::string& url, const UrlReader::Range& range, const std::string& detail) {
  return {ErrorKind::kInvalid,
          code::store_no_ranges,
          {{"object", ShownUrl(url)}, {"range", RangeText(range)}, {"detail", detail}}};
}

Error Refused(const std::string& url, int status) {
  return {
      ErrorKind::kInvalid,
      code::store_refused,
      {{"action", "GET"}, {"object", ShownUrl(url)}, {"detail", "HTTP " + std::to_string(status)}}};
}

// "bytes 0-0/1234": the number behind the slash, where the place is the one that was asked for.
std::optional<int64_t> SizeOfWhole(const ClientResponse& answer, const UrlReader::Range& range) {
  const std::string_view text = answer.Header("content-range");
  const std::string expected = "bytes " + RangeText(range) + "/";
  if (!text.starts_with(expected)) return std::nullopt;
  int64_t size = -1;
  const char* end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data() + expected.size(), end, size);
  if (failed != std::errc() || stopped != end || size < range.at + range.length) {
    return std::nullopt;
  }
  return size;
}

// What an answer says that its file is: "e:" and the ETag, where it is a strong one, else "m:" and
// the time of its last change. Empty: neither.
std::string TagOf(const ClientResponse& answer) {
  const std::string_view etag = answer.Header("etag");
  if (etag.size() > 2 && etag.front() == '"' && etag.back() == '"') return "e:" + std::string(etag);
  const std::string_view modified = answer.Header("last-modified");
  return modified.empty() ? "" : "m:" + std::string(modified);
}

// One version of one file.
class UrlRanges final : public ByteRanges {
 public:
  UrlRanges(UrlReader& reader, UrlObject object, UrlStat pinned)
      : reader_(reader), object_(std::move(object)), pinned_(std::move(pinned)) {}

  int64_t size() const override { return pinned_.size; }

  Result<std::string> Read(int64_t at, int64_t length, const std::stop_token& stop) const override {
    CHECK(at >= 0 && length >= 0 && at + length <= pinned_.size);
    if (length == 0) return std::string();
    UrlReader::Range range{.at = at, .length = length, .conditions = {}};
    const std::string& tag = pinned_.version;
    range.conditions = {
        {tag.starts_with("e:") ? "If-Match" : "If-Unmodified-Since", tag.substr(2)}};
    ClientResponse answer = TRY(reader_.Get(object_, range, stop));
    TRY(CheckAnswer(answer, range));
    return std::move(answer.body);
  }

 private:
  Status CheckAnswer(const ClientResponse& answer, const UrlReader::Range& range) const {
    const int status = answer.status;
    if (status == 404 || status == 410) return Conflict(code::store_gone, object_.url);
    // 416: the end is nearer than that of the file whose size we were told.
    if (status == 412 || status == 416) return Conflict(code::store_changed, object_.url);
    if (status == 200) return NoRanges(object_.url, range, "HTTP 200");
    if (status != 206) return Refused(object_.url, status);
    // A server that does not know the condition shows here.
    if (TagOf(answer) != pinned_.version) return Conflict(code::store_changed, object_.url);
    const std::optional<int64_t> size = SizeOfWhole(answer, range);
    if (!size) return NoRanges(object_.url, range, std::string(answer.Header("content-range")));
    if (*size != pinned_.size) return Conflict(code::store_changed, object_.url);
    if (static_cast<int64_t>(answer.body.size()) == range.length) return Ok();
    return Error(ErrorKind::kUnavailable, code::store_unavailable,
                 {{"detail", "fewer bytes than announced"}});
  }

  UrlReader& reader_;
  const UrlObject object_;
  const UrlStat pinned_;  // its version is the tag alone
};

}  // namespace

UrlReader::UrlReader(UrlReaderConfig config)
    : config_(std::move(config)),
      public_client_(PublicOnly(config_)),
      any_client_(Anywhere(config_)) {}

Result<UrlStat> UrlReader::Stat(const UrlObject& object, const std::stop_token& stop) {
  const Range first{.at = 0, .length = 1, .conditions = {}};
  const ClientResponse answer = TRY(Get(object, first, stop));
  if (answer.status == 404 || answer.status == 410) {
    return Error(ErrorKind::kNotFound, code::store_not_found, {{"object", ShownUrl(object.url)}});
  }
  if (answer.status == 200) return NoRanges(object.url, first, "HTTP 200");
  if (answer.status != 206) return Refused(object.url, answer.status);
  const std::optional<int64_t> size = SizeOfWhole(answer, first);
  if (!size) return NoRanges(object.url, first, std::string(answer.Header("content-range")));
  const std::string tag = TagOf(answer);
  if (tag.empty()) {
    return Error(ErrorKind::kInvalid, code::store_no_version, {{"object", ShownUrl(object.url)}});
  }
  return UrlStat{.size = *size, .version = fmt::format("{}:{}", *size, tag)};
}

Result<std::shared_ptr<const ByteRanges>> UrlReader::Open(const UrlObject& object,
                                                          const std::string& version) {
  UrlStat pinned;
  const size_t colon = version.find(':');
  const char* end = version.data() + std::min(colon, version.size());
  const auto [stopped, failed] = std::from_chars(version.data(), end, pinned.size);
  if (colon == version.npos || failed != std::errc() || stopped != end || pinned.size < 0) {
    return Conflict(code::store_changed, object.url);
  }
  pinned.version = version.substr(colon + 1);
  return std::shared_ptr<const ByteRanges>(
      std::make_shared<UrlRanges>(*this, object, std::move(pinned)));
}

Result<ClientResponse> UrlReader::Get(const UrlObject& object, const Range& range,
                                      const std::stop_token& stop) {
  return Retried(config_.retries, config_.clock, stop,
                 [&] { return GetOnce(object, range, stop); });
}

Result<ClientResponse> UrlReader::GetOnce(const UrlObject& object, const Range& range,
                                          const std::stop_token& stop) {
  ClientRequest request;
  request.headers = range.conditions;
  request.headers.emplace_back("Range", "bytes=" + RangeText(range));
  request.headers.emplace_back("Accept-Encoding", "identity");
  request.limits = config_.limits;
  request.limits.redirects_max = 0;  // each is looked at here
  request.limits.response_bytes_max = INT64_MAX;
  std::string body;
  request.sink = [&](std::string_view bytes) -> Status {
    if (static_cast<int64_t>(body.size() + bytes.size()) > range.length) {
      return NoRanges(object.url, range, "more bytes");
    }
    body += bytes;
    return Ok();
  };
  ClientUrl url = TRY(ParsePlainUrl(object.url));
  for (int redirects = 0;; ++redirects) {
    const RegisteredUrl& place = *TRY(config_.urls.Find(object.tenant, url));
    request.url = url.text;
    body.clear();
    HttpClient& client = place.private_addresses ? any_client_ : public_client_;
    ClientResponse answer = TRY(client.Send(request, stop));
    if (MayHelpToRepeat(answer.status)) {
      return Error(ErrorKind::kUnavailable, code::store_unavailable,
                   {{"detail", fmt::format("{}: HTTP {}", url.host, answer.status)}});
    }
    const std::string location(answer.Header("location"));
    if (!IsRedirect(answer.status) || location.empty()) {
      if (!body.empty()) answer.body = std::move(body);
      return answer;
    }
    if (redirects == kRedirectsMax) {
      return Error(ErrorKind::kInvalid, code::http_too_many_redirects,
                   {{"host", url.host}, {"limit", std::to_string(kRedirectsMax)}});
    }
    ClientUrl next = TRY(ResolveClientUrl(url, location));
    if (url.scheme == "https" && next.scheme == "http") {
      return Error(ErrorKind::kInvalid, code::http_redirect_downgrade,
                   {{"host", url.host}, {"target", next.host}});
    }
    url = TRY(ParsePlainUrl(next.text));
  }
}

}  // namespace eclusa
