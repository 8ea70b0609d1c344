// Tokens from anybody, and keys of an issuer that may have been taken over: whatever is believed
// has one meaning only, and every key that is taken can be asked.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "jwt/claims.h"
#include "jwt/key_set.h"
#include "jwt/signed_token.h"

namespace {

using eclusa::jwt::Algorithm;

const eclusa::jwt::ClaimRules kRules{.issuer = "joe", .audience = "eclusa"};

void Require(bool holds) {
  if (!holds) std::abort();
}

void TryClaims(std::string_view text) {
  const auto now = std::chrono::system_clock::time_point(std::chrono::seconds(1'300'000'000));
  const auto claims = eclusa::jwt::CheckClaims(text, kRules, now);
  if (!claims.ok()) return;
  Require(!claims->subject.empty() && claims->subject.find('\0') == std::string::npos);
  if (claims->tenants) {
    for (const std::string& tenant : *claims->tenants) Require(!tenant.empty() && tenant != "*");
  }
}

}  // namespace

// The same bytes are taken for a token, for claims and for a set of keys.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  TryClaims(text);
  if (const auto token = eclusa::jwt::ParseSignedToken(text); token.ok()) {
    Require(text.starts_with(token->signed_text) && text[token->signed_text.size()] == '.');
    TryClaims(token->payload);
  }
  if (const auto keys = eclusa::jwt::KeySet::Parse(text)) {
    const eclusa::jwt::SignedToken unsigned_token;
    for (const Algorithm algorithm : {Algorithm::kRs256, Algorithm::kEs256}) {
      const auto* key = keys->Find({}, algorithm);
      if (key != nullptr) Require(!eclusa::jwt::Verifies(unsigned_token, *key));
    }
  }
  return 0;
}
