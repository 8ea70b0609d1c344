#include "app/jwt_settings.h"

#include "model/codes.h"

namespace eclusa {

Result<std::unique_ptr<jwt::Verifier>> IssuerOf(const Settings& settings) {
  if (settings.Text("jwt.issuer").empty()) return std::unique_ptr<jwt::Verifier>();
  for (const char* name :
       {"jwt.audience", "jwt.jwks", "jwt.tenants_claim", "jwt.role_claim", "jwt.datasets_claim"}) {
    if (!settings.Text(name).empty()) continue;
    return Error(ErrorKind::kInvalid, code::config_bad_value,
                 {{"name", name}, {"value", "\"\""}, {"expected", "a value: jwt.issuer is set"}});
  }
  jwt::VerifierConfig config;
  config.rules = {.issuer = settings.Text("jwt.issuer"),
                  .audience = settings.Text("jwt.audience"),
                  .tenants_claim = settings.Text("jwt.tenants_claim"),
                  .role_claim = settings.Text("jwt.role_claim"),
                  .datasets_claim = settings.Text("jwt.datasets_claim")};
  config.keys.location = settings.Text("jwt.jwks");
  config.keys.valid = std::chrono::seconds(settings.Number("jwt.jwks_valid_seconds"));
  config.keys.refetch = std::chrono::seconds(settings.Number("jwt.jwks_refetch_seconds"));
  return std::make_unique<jwt::Verifier>(std::move(config));
}

}  // namespace eclusa
