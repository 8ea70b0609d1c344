// RegisteredUrls: the places on the network that files may be read from, and for whom.
//
//   47 https://files.example.org/erp/           for tenant 47: what is under that path
//   * http://10.0.0.7:9000/exports/ private     for all tenants, on an address that is not public
//
// A URL belongs to a place where scheme, host and port are the place's and its path begins with the
// place's, which ends in "/". It is compared as it will be sent, character by character but for the
// case of the host; what a server could take for another path than it says (dot segments, encoded
// dots, slashes and percent signs, backslashes) is no URL that is read. Values; threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "http/client_url.h"

namespace eclusa {

struct RegisteredUrl {
  std::string tenant;  // "*": all
  ClientUrl place;
  std::string path;
  bool private_addresses = false;  // may be connected to

  bool Holds(const ClientUrl& url, std::string_view url_path) const;
};

class RegisteredUrls {
 public:
  // kInvalid (config.bad_value) for a line that is none of the above.
  static Result<RegisteredUrls> Parse(const std::vector<std::string>& lines);

  // The place that the URL belongs to, the one with the longest path; lives as long as this. Errors
  // (kInvalid): api.url_not_registered, http.url_malformed.
  Result<const RegisteredUrl*> Find(const std::string& tenant, const ClientUrl& url) const;

 private:
  std::vector<RegisteredUrl> urls_;
};

// A URL as somebody gave it, taken apart; errors as of ParseClientUrl.
Result<ClientUrl> ParsePlainUrl(const std::string& text);

// What may be shown of it: without the query, which may hold a signature.
std::string ShownUrl(const std::string& text);

}  // namespace eclusa
