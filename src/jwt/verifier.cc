#include "jwt/verifier.h"

#include "jwt/signed_token.h"

namespace eclusa::jwt {

Result<Claims> Verifier::Verify(std::string_view text) {
  const SignedToken token = TRY(ParseSignedToken(text));
  const PublicKey key = TRY(keys_.Find(token.kid, token.algorithm));
  if (!Verifies(token, key)) return Refused("bad signature");
  return CheckClaims(token.payload, rules_, now_());
}

}  // namespace eclusa::jwt
