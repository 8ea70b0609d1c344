// TestIssuer: keys made here, their JWK Set, and tokens signed with them. For tests only.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/check.h"

namespace eclusa::jwt {

inline std::string ToBase64Url(std::string_view bytes) {
  std::string text(bytes.size() * 4 / 3 + 8, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

class TestKey {
 public:
  static TestKey Rsa(std::string kid, unsigned bits = 2048) {
    return TestKey(std::move(kid), EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{bits}));
  }
  static TestKey Ec(std::string kid, const char* curve = "P-256") {
    return TestKey(std::move(kid), EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
  }

  bool is_rsa() const { return EVP_PKEY_is_a(key_.get(), "RSA") == 1; }
  // With `more` members, `,"use":"sig"`.
  std::string Jwk(const std::string& more = "") const {
    const std::string kid = ",\"kid\":\"" + kid_ + "\"" + more + "}";
    if (is_rsa()) {
      return R"({"kty":"RSA","n":")" + Number(OSSL_PKEY_PARAM_RSA_N, 0) + R"(","e":")" +
             Number(OSSL_PKEY_PARAM_RSA_E, 0) + "\"" + kid;
    }
    return R"({"kty":"EC","crv":"P-256","x":")" + Number(OSSL_PKEY_PARAM_EC_PUB_X, 32) +
           R"(","y":")" + Number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"" + kid;
  }
  std::string Header() const {
    return R"({"alg":")" + std::string(is_rsa() ? "RS256" : "ES256") + R"(","kid":")" + kid_ +
           R"("})";
  }
  std::string Token(std::string_view payload) const { return Token(Header(), payload); }
  std::string Token(std::string_view header, std::string_view payload) const {
    const std::string text = ToBase64Url(header) + "." + ToBase64Url(payload);
    return text + "." + ToBase64Url(Sign(text));
  }

 private:
  TestKey(std::string kid, EVP_PKEY* key) : kid_(std::move(kid)), key_(key, EVP_PKEY_free) {
    CHECK(key != nullptr);
  }

  std::string Number(const char* name, int size) const {
    BIGNUM* number = nullptr;
    CHECK(EVP_PKEY_get_bn_param(key_.get(), name, &number) == 1);
    if (size == 0) size = BN_num_bytes(number);
    const std::string bytes = Padded(number, size);
    BN_free(number);
    return ToBase64Url(bytes);
  }

  static std::string Padded(const BIGNUM* number, int size) {
    std::string bytes(static_cast<size_t>(size), '\0');
    CHECK(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), size) == size);
    return bytes;
  }

  std::string Sign(const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                     EVP_MD_CTX_free);
    CHECK(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    size_t size = 2048;
    std::string signature(size, '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(signature.data());
    CHECK(EVP_DigestSign(context.get(), bytes, &size,
                         reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
    signature.resize(size);
    if (is_rsa()) return signature;
    const unsigned char* at = bytes;
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size));
    CHECK(pair != nullptr);
    const std::string raw = Padded(ECDSA_SIG_get0_r(pair), 32) + Padded(ECDSA_SIG_get0_s(pair), 32);
    ECDSA_SIG_free(pair);
    return raw;
  }

  std::string kid_;
  std::shared_ptr<EVP_PKEY> key_;
};

inline std::string JwkSet(std::initializer_list<std::string> keys) {
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "" : ",") + key;
  return R"({"keys":[)" + text + "]}";
}

}  // namespace eclusa::jwt
