#include "http/target.h"

#include <algorithm>
#include <optional>

#include "model/codes.h"

namespace eclusa::http {
namespace {

bool IsAlnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 3986: pchar without "%", of which the decoder takes care.
bool IsPathCharacter(char c) {
  return IsAlnum(c) || (std::string_view("-._~!$&'()*+,;=:@").find(c) != std::string_view::npos);
}

// More than RFC 3986 has, as browsers and people send it.
bool IsQueryCharacter(char c) {
  return c > ' ' && c < '\x7f' && !(std::string_view("\"#<>").find(c) != std::string_view::npos);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The lead byte of a character: how many bytes follow, and the bounds of the first of them, which
// keep out surrogates, overlong forms and what is beyond U+10FFFF.
struct Utf8Lead {
  unsigned char first;
  unsigned char last;
  int following;
  unsigned char low;
  unsigned char high;
};

constexpr Utf8Lead kUtf8Leads[] = {
    {0x00, 0x7f, 0, 0x00, 0x00}, {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f}};

// Nothing: a character that is not permitted, or a "%" that two hex digits do not follow.
std::optional<std::string> Decode(std::string_view text, bool query) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%') {
      if (at + 2 >= text.size()) return std::nullopt;
      const int high = HexDigit(text[at + 1]);
      const int low = HexDigit(text[at + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      at += 2;
    } else if (query ? !IsQueryCharacter(text[at]) : !IsPathCharacter(text[at])) {
      return std::nullopt;
    } else {
      decoded += query && text[at] == '+' ? ' ' : text[at];
    }
  }
  return decoded;
}

bool IsRefusedSegment(std::string_view segment) {
  return segment == "." || segment == ".." || !IsUtf8(segment) ||
         std::ranges::any_of(segment, [](char c) {
           return (c >= 0 && c < ' ') || c == '\x7f' || c == '/' || c == '\\';
         });
}

Refusal Malformed() { return {400, code::http_target_malformed, {}, {}}; }

// An empty path is "/", which an absolute form may leave out.
std::optional<Refusal> ParsePath(std::string_view path, Target& target) {
  if (!path.empty()) path.remove_prefix(1);
  while (true) {
    const size_t slash = path.find('/');
    auto segment = Decode(path.substr(0, slash), false);
    if (!segment) return Malformed();
    if (IsRefusedSegment(*segment)) return Refusal{400, code::http_path_refused, {}, {}};
    target.segments.push_back(std::move(*segment));
    if (slash == path.npos) return std::nullopt;
    path.remove_prefix(slash + 1);
  }
}

bool ParseQuery(std::string_view query, Parameters& parameters) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    auto name = Decode(pair.substr(0, equals), true);
    auto value = Decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value || !IsUtf8(*name) || !IsUtf8(*value)) return false;
    if (name->find('\0') != name->npos || value->find('\0') != value->npos) return false;
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return true;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at++]);
    const auto* const lead = std::ranges::find_if(
        kUtf8Leads, [&](const Utf8Lead& l) { return byte >= l.first && byte <= l.last; });
    if (lead == std::end(kUtf8Leads)) return false;
    for (int i = 0; i < lead->following; ++i, ++at) {
      if (at == text.size()) return false;
      const auto next = static_cast<unsigned char>(text[at]);
      const unsigned char low = i == 0 ? lead->low : 0x80;
      const unsigned char high = i == 0 ? lead->high : 0xbf;
      if (next < low || next > high) return false;
    }
  }
  return true;
}

bool IsAuthority(std::string_view text) {
  size_t end = 0;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == text.npos) return false;
    const std::string_view address = text.substr(1, end - 1);
    const auto part_of_address = [](char c) { return HexDigit(c) >= 0 || c == ':' || c == '.'; };
    if (address.size() < 2 || !std::ranges::all_of(address, part_of_address)) return false;
    ++end;
  } else {
    end = std::min(text.find(':'), text.size());
    const auto part_of_name = [](char c) {
      return IsAlnum(c) || (std::string_view("-._~").find(c) != std::string_view::npos);
    };
    if (end == 0 || !std::ranges::all_of(text.substr(0, end), part_of_name)) return false;
  }
  std::string_view port = text.substr(end);
  if (port.empty()) return true;
  if (port[0] != ':' || port.size() > 6) return false;
  port.remove_prefix(1);
  return std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
}

std::variant<Target, Refusal> ParseTarget(std::string_view text) {
  Target target;
  if (text == "*") {
    target.asterisk = true;
    return target;
  }
  if (!text.starts_with('/')) {
    const size_t scheme = text.find("://");
    if (scheme == text.npos) return Malformed();
    if (!SameName(text.substr(0, scheme), "http") && !SameName(text.substr(0, scheme), "https")) {
      return Malformed();
    }
    text.remove_prefix(scheme + 3);
    const size_t end = std::min(text.find_first_of("/?"), text.size());
    target.authority = text.substr(0, end);
    if (!IsAuthority(target.authority)) return Malformed();
    text.remove_prefix(end);
  }
  const size_t question = std::min(text.find('?'), text.size());
  if (auto refusal = ParsePath(text.substr(0, question), target)) return *std::move(refusal);
  if (question < text.size()) target.raw_query = text.substr(question + 1);
  if (!ParseQuery(target.raw_query, target.query)) {
    return Malformed();
  }
  return target;
}

}  // namespace eclusa::http
