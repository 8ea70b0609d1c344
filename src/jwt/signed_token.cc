#include "jwt/signed_token.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>

#include "http/message.h"
#include "jwt/base64url.h"
#include "jwt/strict_object.h"
#include "model/codes.h"

namespace eclusa::jwt {
namespace {

namespace json = boost::json;

constexpr size_t kTokenMax = 8 << 10;
constexpr size_t kKidMax = 256;
constexpr size_t kEs256Bytes = 64;  // r and s, 32 each (RFC 7518, section 3.4)

// RFC 8725, 3.11: a token made for something else is not taken for one of access.
bool IsAccessType(const json::value& type) {
  if (!type.is_string()) return false;
  const std::string name(type.as_string());
  return http::SameName(name, "JWT") || http::SameName(name, "at+jwt") ||
         http::SameName(name, "application/at+jwt");
}

Status ReadHeader(const json::object& header, SignedToken& token) {
  const json::value* name = header.if_contains("alg");
  if (name == nullptr || !name->is_string()) return Refused("no algorithm");
  const auto algorithm = ParseAlgorithm(std::string_view{name->as_string()});
  if (!algorithm) return Refused("algorithm not allowed");
  token.algorithm = *algorithm;
  if (header.contains("crit")) return Refused("crit is not understood");
  if (const json::value* type = header.if_contains("typ");
      type != nullptr && !IsAccessType(*type)) {
    return Refused("not an access token");
  }
  if (const json::value* kid = header.if_contains("kid")) {
    if (!kid->is_string() || kid->as_string().size() > kKidMax) return Refused("malformed kid");
    token.kid = std::string(kid->as_string());
  }
  return Ok();
}

// r and s as the DER that OpenSSL reads; empty where they are none.
std::string DerOf(const std::string& signature) {
  if (signature.size() != kEs256Bytes) return "";
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  constexpr int kHalf = kEs256Bytes / 2;
  const std::unique_ptr<ECDSA_SIG, void (*)(ECDSA_SIG*)> pair(ECDSA_SIG_new(), ECDSA_SIG_free);
  BIGNUM* r = BN_bin2bn(bytes, kHalf, nullptr);
  BIGNUM* s = BN_bin2bn(bytes + kHalf, kHalf, nullptr);
  CHECK(pair != nullptr && r != nullptr && s != nullptr);
  CHECK(ECDSA_SIG_set0(pair.get(), r, s) == 1);  // owns them
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  CHECK(size > 0);
  std::string text(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return text;
}

}  // namespace

Error Refused(std::string_view reason) {
  return Error(ErrorKind::kInvalid, code::api_unauthorized, {{"reason", std::string(reason)}});
}

bool LooksSigned(std::string_view token) {
  return std::count(token.begin(), token.end(), '.') == 2;
}

Result<SignedToken> ParseSignedToken(std::string_view text) {
  if (text.size() > kTokenMax) return Refused("too long");
  if (!LooksSigned(text)) return Refused("malformed");
  const size_t first = text.find('.');
  const size_t last = text.rfind('.');
  const auto header_text = FromBase64Url(text.substr(0, first));
  auto payload = FromBase64Url(text.substr(first + 1, last - first - 1));
  auto signature = FromBase64Url(text.substr(last + 1));
  if (!header_text || !payload || !signature) return Refused("malformed");
  const auto header = ParseStrictObject(*header_text);
  if (!header) return Refused("malformed header");
  SignedToken token;
  TRY(ReadHeader(*header, token));
  token.payload = *std::move(payload);
  token.signature = *std::move(signature);
  token.signed_text = text.substr(0, last);
  return token;
}

bool Verifies(const SignedToken& token, const PublicKey& key) {
  if (token.algorithm != key.algorithm) return false;
  const bool elliptic = key.algorithm == Algorithm::kEs256;
  const std::string signature = elliptic ? DerOf(token.signature) : token.signature;
  if (signature.empty()) return false;
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  CHECK(context != nullptr);
  // RSA's padding is PKCS #1 v1.5 where nobody says another: RS256.
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.key.get()) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(),
                       reinterpret_cast<const unsigned char*>(token.signed_text.data()),
                       token.signed_text.size()) == 1;
  ERR_clear_error();  // the queue is the thread's: TLS reads it too
  return good;
}

}  // namespace eclusa::jwt
