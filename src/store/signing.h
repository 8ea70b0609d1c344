// What both kinds of signature are made of: HMAC, base64, the encoding of URLs. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace eclusa {

// 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view text);
// Takes as long whether or not they are equal, for texts of one length.
bool EqualInConstantTime(std::string_view a, std::string_view b);

std::string Base64(std::string_view bytes);
// Empty where it is no base64.
std::string FromBase64(std::string_view text);
// Hexadecimal digits to bytes; empty where they are none.
std::string FromHex(std::string_view text);

// RFC 3986: everything but letters, digits and -._~ becomes %XX; '/' is kept where asked for.
std::string UriEncode(std::string_view text, bool keep_slashes = false);
// The other way; false where a % is not followed by two digits.
bool UriDecode(std::string_view text, std::string* decoded);

}  // namespace eclusa
