#include "jwt/key_set.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <boost/json.hpp>

#include "jwt/base64url.h"
#include "jwt/strict_object.h"

namespace eclusa::jwt {
namespace {

namespace json = boost::json;

constexpr size_t kKeysMax = 100;
constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;        // verifying takes as long as a caller's key is large
constexpr int kRsaExponentBitsMax = 32;  // the same
constexpr size_t kCoordinateBytes = 32;  // of P-256

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Key = std::shared_ptr<EVP_PKEY>;

std::optional<std::string> TextOf(const json::object& jwk, const char* name) {
  const json::value* value = jwk.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->as_string());
}

std::optional<std::string> BytesOf(const json::object& jwk, const char* name) {
  const auto text = TextOf(jwk, name);
  return text ? FromBase64Url(*text) : std::nullopt;
}

Number NumberOf(const std::string& bytes) {
  return Number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                          static_cast<int>(bytes.size()), nullptr));
}

Key BuildKey(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return Key(made, EVP_PKEY_free);
}

Key RsaKey(const json::object& jwk) {
  const auto modulus = BytesOf(jwk, "n");
  const auto exponent = BytesOf(jwk, "e");
  if (!modulus || !exponent || modulus->size() > kRsaBitsMax / 8) return nullptr;
  const Number n = NumberOf(*modulus);
  const Number e = NumberOf(*exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder || BN_num_bits(n.get()) < kRsaBitsMin) return nullptr;
  // Even, or 1: no exponent of RSA.
  if (BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) != 0) return nullptr;
  if (BN_num_bits(e.get()) > kRsaExponentBitsMax) return nullptr;
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return BuildKey("RSA", builder.get());
}

Key EcKey(const json::object& jwk) {
  const auto x = BytesOf(jwk, "x");
  const auto y = BytesOf(jwk, "y");
  if (TextOf(jwk, "crv") != "P-256" || !x || !y) return nullptr;
  if (x->size() != kCoordinateBytes || y->size() != kCoordinateBytes) return nullptr;
  const std::string point = "\x04" + *x + *y;  // uncompressed
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  Key key = BuildKey("EC", builder.get());
  if (!key) return nullptr;
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  // The point is on the curve.
  if (!check || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return key;
}

bool MayVerify(const json::object& jwk, std::string_view algorithm) {
  if (jwk.contains("use") && TextOf(jwk, "use") != "sig") return false;
  if (jwk.contains("alg") && TextOf(jwk, "alg") != algorithm) return false;
  if (jwk.contains("kid") && !TextOf(jwk, "kid")) return false;
  const json::value* uses = jwk.if_contains("key_ops");
  if (uses == nullptr) return true;
  if (!uses->is_array()) return false;
  const json::array& list = uses->as_array();
  return std::find(list.begin(), list.end(), json::value("verify")) != list.end();
}

std::optional<PublicKey> KeyOf(const json::object& jwk) {
  const auto type = TextOf(jwk, "kty");
  PublicKey key{.kid = TextOf(jwk, "kid").value_or(""), .algorithm = {}, .key = nullptr};
  if (type == "RSA" && MayVerify(jwk, "RS256")) {
    key.algorithm = Algorithm::kRs256;
    key.key = RsaKey(jwk);
  }
  if (type == "EC" && MayVerify(jwk, "ES256")) {
    key.algorithm = Algorithm::kEs256;
    key.key = EcKey(jwk);
  }
  ERR_clear_error();  // the queue is the thread's: TLS reads it too
  if (!key.key) return std::nullopt;
  return key;
}

}  // namespace

std::optional<Algorithm> ParseAlgorithm(std::string_view name) {
  if (name == "RS256") return Algorithm::kRs256;
  if (name == "ES256") return Algorithm::kEs256;
  return std::nullopt;
}

std::optional<KeySet> KeySet::Parse(std::string_view text) {
  const auto document = ParseStrictObject(text);
  const json::value* list = document ? document->if_contains("keys") : nullptr;
  if (list == nullptr || !list->is_array() || list->as_array().size() > kKeysMax) {
    return std::nullopt;
  }
  KeySet set;
  for (const json::value& entry : list->as_array()) {
    if (!entry.is_object()) continue;
    if (auto key = KeyOf(entry.as_object())) set.keys_.push_back(*std::move(key));
  }
  return set;
}

const PublicKey* KeySet::Find(const std::optional<std::string>& kid, Algorithm algorithm) const {
  const PublicKey* found = nullptr;
  for (const PublicKey& key : keys_) {
    if (key.algorithm != algorithm || (kid && key.kid != *kid)) continue;
    if (kid) return &key;
    if (found != nullptr) return nullptr;  // a token must say which of several
    found = &key;
  }
  return found;
}

}  // namespace eclusa::jwt
