// The issuer of JWTs that the settings name. Pure function.
#pragma once

#include <memory>

#include "core/result.h"
#include "jwt/verifier.h"
#include "settings/settings.h"

namespace eclusa {

// Null where jwt.issuer is empty; kInvalid (config.bad_value) where it is named but not its
// audience or its keys.
Result<std::unique_ptr<jwt::Verifier>> IssuerOf(const Settings& settings);

}  // namespace eclusa
