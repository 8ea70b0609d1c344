// SignedToken: a JWS in compact form (RFC 7515) as a bearer token carries it.
//
// Refused, before any key is looked at: more than 8 KiB; what is not strict base64url or JSON; an
// algorithm other than RS256 and ES256; `crit`, since nothing that it could name is known here; a
// `typ` of something that is no access token. Keys and URLs in the header are not looked at.
// Errors: api.unauthorized (kInvalid) with a `reason` of this program's words. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "jwt/key_set.h"

namespace eclusa::jwt {

// Why a token is no good, in words for WWW-Authenticate.
Error Refused(std::string_view reason);

// Whether it looks like one at all: three parts. An opaque token has no dots.
bool LooksSigned(std::string_view token);

struct SignedToken {
  Algorithm algorithm = Algorithm::kRs256;
  std::optional<std::string> kid;
  std::string payload;    // decoded; nothing that may be believed before Verifies
  std::string signature;  // decoded
  std::string signed_text;
};
Result<SignedToken> ParseSignedToken(std::string_view token);

bool Verifies(const SignedToken& token, const PublicKey& key);

}  // namespace eclusa::jwt
