// ClientUrl: a URL that a request may be sent to, taken apart. Pure functions.
//
// Only http and https, only with a host, never with a user or a password. Errors (kInvalid):
// http.url_scheme, http.url_credentials, http.url_malformed; none of them holds the URL itself.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace eclusa {

struct ClientUrl {
  std::string text;    // normalised, without the fragment
  std::string scheme;  // "http" or "https"
  std::string host;    // as it is resolved: an IPv6 address without its brackets
  uint16_t port = 0;   // the scheme's own where none is named

  bool SameOrigin(const ClientUrl& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

Result<ClientUrl> ParseClientUrl(const std::string& text);
// Where `location`, absolute or relative, leads from `base`.
Result<ClientUrl> ResolveClientUrl(const ClientUrl& base, const std::string& location);

}  // namespace eclusa
