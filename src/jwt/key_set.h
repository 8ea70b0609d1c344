// KeySet: the public keys of an issuer, of a JWK Set (RFC 7517).
//
// Only keys that may verify RS256 or ES256 are taken: RSA of 2048 to 8192 bits, EC on P-256, whose
// `use`, `key_ops` and `alg` do not say otherwise. All others are passed over, as the RFC asks.
// Ownership: a key is shared with the set that it came from. Threads: constant once parsed, safe
// from any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace eclusa::jwt {

// The ones that are taken; "none" and HMAC have no place here.
enum class Algorithm : uint8_t { kRs256, kEs256 };
std::optional<Algorithm> ParseAlgorithm(std::string_view name);

// A key and the one algorithm that it is for: that a token says another changes nothing.
struct PublicKey {
  std::string kid;  // empty: it has no name
  Algorithm algorithm = Algorithm::kRs256;
  std::shared_ptr<evp_pkey_st> key;
};

class KeySet {
 public:
  // Nothing where it is no JWK Set, or one of more than 100 keys.
  static std::optional<KeySet> Parse(std::string_view text);

  // Of that name and for that algorithm. Without a name: the only one for it. Null: none.
  const PublicKey* Find(const std::optional<std::string>& kid, Algorithm algorithm) const;
  size_t size() const { return keys_.size(); }

 private:
  std::vector<PublicKey> keys_;
};

}  // namespace eclusa::jwt
