// Claims: what a token says of its bearer, once its signature is known to be good (RFC 7519).
//
//   {"iss": "https://id.example", "aud": "eclusa", "sub": "erp", "exp": 1796000000,
//    "role": "submit", "tenants": [47], "datasets": ["people"]}
//
// `exp`, `sub` and what is required here must be there. Tenants that are absent are none, since
// nobody may speak for all by silence: all is "*". Datasets that are absent are all. A role that is
// absent is "read". Lists may be one value; numbers are taken as texts. Pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace eclusa::jwt {

struct ClaimRules {
  std::string issuer;    // `iss` is it, byte by byte
  std::string audience;  // `aud` is it, or is a list that has it
  std::string tenants_claim = "tenants";
  std::string role_claim = "role";
  std::string datasets_claim = "datasets";
};

struct Claims {
  std::string subject;
  std::string role;                                  // as it stands there
  std::optional<std::vector<std::string>> tenants;   // nothing: all
  std::optional<std::vector<std::string>> datasets;  // nothing: all
};

// Clocks may differ by so much.
inline constexpr std::chrono::seconds kClockLeeway{30};

// api.unauthorized (kInvalid) with a `reason`.
Result<Claims> CheckClaims(std::string_view payload, const ClaimRules& rules,
                           std::chrono::system_clock::time_point now);

}  // namespace eclusa::jwt
