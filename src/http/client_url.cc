#include "http/client_url.h"

#include <curl/curl.h>

#include <charconv>
#include <memory>

#include "model/codes.h"

namespace eclusa {
namespace {

using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

Error Malformed(const char* detail) {
  return {ErrorKind::kInvalid, code::http_url_malformed, {{"detail", detail}}};
}

// Empty where the URL has no such part.
std::string Part(const Handle& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

Result<ClientUrl> TakenApart(const Handle& url) {
  ClientUrl parts;
  parts.scheme = Part(url, CURLUPART_SCHEME);
  if (parts.scheme != "http" && parts.scheme != "https") {
    return Error(ErrorKind::kInvalid, code::http_url_scheme, {{"scheme", parts.scheme}});
  }
  parts.host = Part(url, CURLUPART_HOST);
  if (!Part(url, CURLUPART_USER).empty() || !Part(url, CURLUPART_PASSWORD).empty()) {
    return Error(ErrorKind::kInvalid, code::http_url_credentials, {{"host", parts.host}});
  }
  if (parts.host.empty()) return Malformed("no host");
  if (!Part(url, CURLUPART_ZONEID).empty()) return Malformed("a zone in the address");
  if (parts.host.front() == '[') parts.host = parts.host.substr(1, parts.host.size() - 2);
  const std::string port = Part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), parts.port);
  if (curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0) != CURLUE_OK) {
    return Malformed("fragment");
  }
  parts.text = Part(url, CURLUPART_URL);
  return parts;
}

// Schemes that libcurl does not know are taken apart too, so that they can be named.
constexpr unsigned kFlags = CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS;

}  // namespace

Result<ClientUrl> ParseClientUrl(const std::string& text) {
  const Handle url(curl_url(), &curl_url_cleanup);
  CHECK(url != nullptr);
  if (text.find('\0') != text.npos) return Malformed("a zero byte");
  const CURLUcode outcome = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), kFlags);
  if (outcome != CURLUE_OK) return Malformed(curl_url_strerror(outcome));
  return TakenApart(url);
}

Result<ClientUrl> ResolveClientUrl(const ClientUrl& base, const std::string& location) {
  const Handle url(curl_url(), &curl_url_cleanup);
  CHECK(url != nullptr);
  CHECK(curl_url_set(url.get(), CURLUPART_URL, base.text.c_str(), kFlags) == CURLUE_OK);
  const CURLUcode outcome = curl_url_set(url.get(), CURLUPART_URL, location.c_str(), kFlags);
  if (outcome != CURLUE_OK) return Malformed(curl_url_strerror(outcome));
  return TakenApart(url);
}

}  // namespace eclusa
