// Base64url as JWS writes it (RFC 7515, section 2): no padding, nothing in between. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace eclusa::jwt {

// Nothing where it is not the one way to write some bytes: another character, a length that cannot
// be, bits set behind the last byte.
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace eclusa::jwt
