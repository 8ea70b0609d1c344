// Verifier: whether a bearer token is a JWT of the issuer, and what it says.
//
// Threads: any. Blocking where the issuer's keys have to be read (jwt/issuer_keys.h). Errors:
// api.unauthorized (kInvalid) with a `reason`; api.issuer_unavailable (kUnavailable).
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "jwt/claims.h"
#include "jwt/issuer_keys.h"

namespace eclusa::jwt {

struct VerifierConfig {
  ClaimRules rules;
  IssuerKeysConfig keys;
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
};

class Verifier {
 public:
  explicit Verifier(VerifierConfig config)
      : rules_(std::move(config.rules)),
        now_(std::move(config.now)),
        keys_(std::move(config.keys)) {}

  // Reads the issuer's keys ahead; where that fails, it is tried again when a token comes.
  void Prepare() { keys_.Prepare(); }
  Result<Claims> Verify(std::string_view token);
  const std::string& issuer() const { return rules_.issuer; }

 private:
  const ClaimRules rules_;
  const std::function<std::chrono::system_clock::time_point()> now_;
  IssuerKeys keys_;
};

}  // namespace eclusa::jwt
