#include "urls/registered_urls.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

#include "model/codes.h"

namespace eclusa {
namespace {

constexpr size_t kUrlMax = 8192;

Error Malformed(const char* detail) {
  return {ErrorKind::kInvalid, code::http_url_malformed, {{"detail", detail}}};
}

std::string LowerHost(std::string host) {
  for (char& c : host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return host;
}

// From the first slash behind the host up to the query.
std::string_view PathOf(const ClientUrl& url) {
  const std::string_view text = url.text;
  const size_t slash = text.find('/', url.scheme.size() + 3);
  if (slash == text.npos) return "/";
  return text.substr(slash, text.find('?', slash) - slash);
}

// The byte that "%2e" stands for; nothing: no two digits follow.
std::optional<uint8_t> Decoded(std::string_view text) {
  uint8_t byte = 0;
  if (text.size() < 3) return std::nullopt;
  const auto [end, failed] = std::from_chars(text.data() + 1, text.data() + 3, byte, 16);
  if (failed != std::errc() || end != text.data() + 3) return std::nullopt;
  return byte;
}

bool HasOnlyPlainEscapes(std::string_view path) {
  for (size_t at = path.find('%'); at != path.npos; at = path.find('%', at + 1)) {
    const std::optional<uint8_t> byte = Decoded(path.substr(at));
    if (!byte || *byte < 0x20 || *byte == 0x7f) return false;
    if (std::string_view("./\\%").find(static_cast<char>(*byte)) != std::string_view::npos) {
      return false;
    }
  }
  return true;
}

// Some servers take "..;x" for "..".
bool HasDotSegment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    segment = segment.substr(0, segment.find(';'));
    if (segment == "." || segment == "..") return true;
  }
  return false;
}

Status CheckPath(std::string_view path) {
  if (!HasOnlyPlainEscapes(path)) return Malformed("an encoded dot, slash or percent sign");
  if (HasDotSegment(path)) return Malformed("a dot segment");
  return Ok();
}

Error BadLine(const std::string& line) {
  return {ErrorKind::kInvalid,
          code::config_bad_value,
          {{"name", "urls.registered"},
           {"value", line},
           {"expected", "TENANT|* http[s]://host[:port]/path/ [private]"}}};
}

Result<RegisteredUrl> ParseLine(const std::string& line) {
  std::istringstream words(line);
  RegisteredUrl url;
  std::string place;
  std::string last;
  std::string none;
  if (!(words >> url.tenant >> place)) return BadLine(line);
  if (words >> last && (last != "private" || words >> none)) return BadLine(line);
  url.private_addresses = last == "private";
  auto parsed = ParsePlainUrl(place);
  if (!parsed.ok()) return BadLine(line);
  url.place = *std::move(parsed);
  url.path = PathOf(url.place);
  const bool whole = url.place.text.ends_with(url.path);  // no query
  if (!whole || !url.path.ends_with('/') || !CheckPath(url.path).ok()) return BadLine(line);
  return url;
}

}  // namespace

bool RegisteredUrl::Holds(const ClientUrl& url, std::string_view url_path) const {
  return url.scheme == place.scheme && LowerHost(url.host) == LowerHost(place.host) &&
         url.port == place.port && url_path.starts_with(path);
}

Result<RegisteredUrls> RegisteredUrls::Parse(const std::vector<std::string>& lines) {
  RegisteredUrls all;
  for (const std::string& line : lines) all.urls_.push_back(TRY(ParseLine(line)));
  return all;
}

Result<const RegisteredUrl*> RegisteredUrls::Find(const std::string& tenant,
                                                  const ClientUrl& url) const {
  const std::string_view path = PathOf(url);
  TRY(CheckPath(path));
  const RegisteredUrl* closest = nullptr;
  for (const RegisteredUrl& one : urls_) {
    if ((one.tenant != "*" && one.tenant != tenant) || !one.Holds(url, path)) continue;
    if (closest == nullptr || one.path.size() > closest->path.size()) closest = &one;
  }
  if (closest != nullptr) return closest;
  return Error(ErrorKind::kInvalid, code::api_url_not_registered);
}

Result<ClientUrl> ParsePlainUrl(const std::string& text) {
  if (text.size() > kUrlMax) return Malformed("longer than 8192 characters");
  const bool plain = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
  if (!plain) return Malformed("a space, a backslash or a character that must be encoded");
  return ParseClientUrl(text);
}

std::string ShownUrl(const std::string& text) { return text.substr(0, text.find_first_of("?#")); }

}  // namespace eclusa
