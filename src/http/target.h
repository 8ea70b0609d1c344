// The target of a request, strictly: what is not certain is refused, nothing is repaired.
//
// Forms: origin ("/a/b?x=1"), absolute ("http://host/a"), asterisk ("*"); a fragment and user
// names are refused. Path segments are decoded one by one, after the split at "/": an encoded slash
// or backslash, a control character, text that is not UTF-8, and the segments "." and ".." (however
// they are written) are refused and never resolved. In the query "+" is a space.
// Values; no limits of its own (the length is the parser's business).
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/message.h"

namespace eclusa::http {

struct Target {
  bool asterisk = false;
  std::string authority;              // of the absolute form; else empty
  std::vector<std::string> segments;  // decoded; "/" is one empty segment
  Parameters query;                   // decoded, in order
  std::string raw_query;              // behind the '?', as it was sent
};

std::variant<Target, Refusal> ParseTarget(std::string_view text);

// Whole characters, none of them overlong, a surrogate or beyond U+10FFFF.
bool IsUtf8(std::string_view text);

// host [":" port], a name, an IPv4 or an IPv6 address in brackets.
bool IsAuthority(std::string_view text);

}  // namespace eclusa::http
