// JwtCaller: who calls with a JWT of the configured issuer, and what he may.
//
// His identity is issuer and subject; his name, in the audit, the subject. Threads: any. Blocking
// where the issuer's keys have to be read.
#pragma once

#include <optional>
#include <string>

#include "api/tokens.h"
#include "core/result.h"
#include "jwt/verifier.h"

namespace eclusa::api {

// Nothing where there is no issuer, or the request carries no JWT: then it is for Tokens.
// api.unauthorized, api.issuer_unavailable.
Result<std::optional<Caller>> JwtCaller(jwt::Verifier* issuer, const std::string* authorization);

}  // namespace eclusa::api
