#include "api/jwt_caller.h"

#include <boost/json.hpp>

#include "jwt/signed_token.h"

namespace eclusa::api {

Result<std::optional<Caller>> JwtCaller(jwt::Verifier* issuer, const std::string* authorization) {
  constexpr std::string_view kBearer = "Bearer ";
  if (issuer == nullptr || authorization == nullptr || !authorization->starts_with(kBearer)) {
    return std::optional<Caller>();
  }
  const std::string_view token = std::string_view(*authorization).substr(kBearer.size());
  if (!jwt::LooksSigned(token)) return std::optional<Caller>();
  jwt::Claims claims = TRY(issuer->Verify(token));
  const std::optional<Role> role = ParseRole(claims.role);
  if (!role) return jwt::Refused("unknown role");
  // As JSON: no issuer and subject read like another's.
  const boost::json::array who = {issuer->issuer(), claims.subject};
  return std::optional(Caller{.identity = "jwt:" + boost::json::serialize(who),
                              .token_id = {},
                              .name = std::move(claims.subject),
                              .role = *role,
                              .tenants = std::move(claims.tenants),
                              .datasets = std::move(claims.datasets)});
}

}  // namespace eclusa::api
