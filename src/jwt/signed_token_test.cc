#include "jwt/signed_token.h"

#include <gtest/gtest.h>

#include "jwt/test_issuer.h"

namespace eclusa::jwt {
namespace {

// RFC 7515, appendices A.2 and A.3: the same claims under a key of each kind.
const std::string kClaims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const std::string kRs256Token = "eyJhbGciOiJSUzI1NiJ9." + kClaims +
                                ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7"
                                "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
                                "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"
                                "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
                                "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"
                                "p0igcN_IoypGlUPQGe77Rw";
const std::string kRs256Key = R"({"kty":"RSA","n":")"
                              "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp"
                              "-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOW"
                              "vG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs"
                              "LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k"
                              "G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2"
                              R"(PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";
const std::string kEs256Token = "eyJhbGciOiJFUzI1NiJ9." + kClaims +
                                ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
                                "pmWQxfKTUJqPP3-Kg6NU1Q";
const std::string kEs256Key =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";

const TestKey& Rsa() {
  static const TestKey key = TestKey::Rsa("rsa");
  return key;
}
const TestKey& Ec() {
  static const TestKey key = TestKey::Ec("ec");
  return key;
}

// "good", or why it is refused, with the keys of `set`.
std::string Outcome(const std::string& text, const std::string& set) {
  const auto token = ParseSignedToken(text);
  if (!token.ok()) return token.error().arguments().at(0).second;
  const KeySet keys = KeySet::Parse(set).value();
  const PublicKey* key = keys.Find(token->kid, token->algorithm);
  if (key == nullptr) return "no key";
  return Verifies(*token, *key) ? "good" : "bad signature";
}
std::string Outcome(const std::string& text) {
  return Outcome(text, JwkSet({Rsa().Jwk(), Ec().Jwk()}));
}

TEST(SignedToken, IsVerifiedAsInTheRfc) {
  EXPECT_EQ(Outcome(kRs256Token, JwkSet({kRs256Key})), "good");
  EXPECT_EQ(Outcome(kEs256Token, JwkSet({kEs256Key})), "good");
  EXPECT_EQ(ParseSignedToken(kEs256Token)->payload,
            "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
}

TEST(SignedToken, IsVerifiedByTheKeyThatItNames) {
  EXPECT_EQ(Outcome(Rsa().Token("{}")), "good");
  EXPECT_EQ(Outcome(Ec().Token("{}")), "good");
  EXPECT_EQ(Outcome(TestKey::Rsa("rsa").Token("{}")), "bad signature");
  EXPECT_EQ(Outcome(TestKey::Ec("ec").Token("{}")), "bad signature");
  EXPECT_EQ(Outcome(TestKey::Ec("other").Token("{}")), "no key");
  EXPECT_EQ(Outcome(Ec().Token(R"({"alg":"ES256"})", "{}")), "good");  // the only one of its kind
  EXPECT_EQ(Outcome(Ec().Token(R"({"alg":"ES256"})", "{}"),
                    JwkSet({Ec().Jwk(), TestKey::Ec("second").Jwk()})),
            "no key");
}

TEST(SignedToken, IsRefusedAtEachBitThatChanged) {
  for (const std::string& token : {Rsa().Token(R"({"a":1})"), Ec().Token(R"({"a":1})")}) {
    int good = 0;
    for (size_t at = 0; at < token.size(); ++at) {
      std::string altered = token;
      altered[at] = altered[at] == 'A' ? 'B' : 'A';
      if (Outcome(altered) == "good") ++good;
    }
    EXPECT_EQ(good, 0);
    EXPECT_NE(Outcome(token + "A"), "good");
    EXPECT_NE(Outcome(token.substr(0, token.size() - 2)), "good");
  }
}

TEST(SignedToken, IsOfAnAllowedAlgorithmOnly) {
  for (const char* name : {"none", "None", "HS256", "RS384", "PS256", "ES384", "EdDSA", ""}) {
    const std::string header = R"({"kid":"rsa","alg":")" + std::string(name) + R"("})";
    EXPECT_EQ(Outcome(Rsa().Token(header, "{}")), "algorithm not allowed") << name;
  }
  EXPECT_EQ(Outcome(Rsa().Token(R"({"kid":"rsa"})", "{}")), "no algorithm");
  EXPECT_EQ(Outcome(Rsa().Token(R"({"kid":"rsa","alg":["RS256"]})", "{}")), "no algorithm");
  EXPECT_EQ(Outcome(ToBase64Url(R"({"alg":"none"})") + "." + ToBase64Url("{}") + "."),
            "algorithm not allowed");
}

TEST(SignedToken, IsOfTheAlgorithmOfItsKey) {
  EXPECT_EQ(Outcome(Ec().Token(R"({"alg":"RS256","kid":"ec"})", "{}")), "no key");
  EXPECT_EQ(Outcome(Rsa().Token(R"({"alg":"ES256","kid":"rsa"})", "{}")), "no key");
  const SignedToken token = ParseSignedToken(Rsa().Token("{}")).value();
  const KeySet keys = KeySet::Parse(JwkSet({Ec().Jwk()})).value();
  EXPECT_FALSE(Verifies(token, *keys.Find("ec", Algorithm::kEs256)));
}

TEST(SignedToken, HasAHeaderThatIsUnderstoodWhole) {
  const auto with = [](const std::string& members) {
    return Outcome(Ec().Token(R"({"alg":"ES256","kid":"ec")" + members + "}", "{}"));
  };
  EXPECT_EQ(with(R"(,"crit":["b64"],"b64":false)"), "crit is not understood");
  EXPECT_EQ(with(R"(,"typ":"at+JWT")"), "good");
  EXPECT_EQ(with(R"(,"typ":"logout+jwt")"), "not an access token");
  EXPECT_EQ(with(R"(,"alg":"ES256")"), "malformed header");  // twice
  EXPECT_EQ(with(" }"), "malformed header");
  EXPECT_EQ(Outcome(Ec().Token(R"({"alg":"ES256","kid":7})", "{}")), "malformed kid");
  EXPECT_EQ(Outcome(Ec().Token(R"({"alg":"ES256","kid":")" + std::string(257, 'k') + "\"}", "{}")),
            "malformed kid");
  // A key that comes with the token is nobody's.
  const TestKey own = TestKey::Ec("own");
  EXPECT_EQ(Outcome(own.Token(R"({"alg":"ES256","kid":"ec","jwk":)" + own.Jwk() + "}", "{}")),
            "bad signature");
}

TEST(SignedToken, HasThreePartsOfStrictBase64AndAnEnd) {
  const std::string token = Ec().Token("{}");
  EXPECT_EQ(Outcome("ecl_00ff"), "malformed");
  EXPECT_EQ(Outcome(token + ".x"), "malformed");
  EXPECT_EQ(Outcome(".."), "malformed header");
  EXPECT_EQ(Outcome(token + "="), "malformed");
  EXPECT_EQ(Outcome(" " + token), "malformed");
  EXPECT_EQ(Outcome(Ec().Token(std::string(8 << 10, 'x'))), "too long");
  EXPECT_FALSE(LooksSigned("ecl_00ff"));
  EXPECT_TRUE(LooksSigned(token));
}

TEST(KeySet, TakesOnlyKeysThatMayVerify) {
  const auto taken = [](const std::string& key) { return KeySet::Parse(JwkSet({key}))->size(); };
  EXPECT_EQ(taken(Rsa().Jwk(R"(,"use":"sig","alg":"RS256","key_ops":["verify"],"x5t":"a")")), 1U);
  EXPECT_EQ(taken(Rsa().Jwk(R"(,"use":"enc")")), 0U);
  EXPECT_EQ(taken(Rsa().Jwk(R"(,"alg":"PS256")")), 0U);
  EXPECT_EQ(taken(Rsa().Jwk(R"(,"key_ops":["sign"])")), 0U);
  EXPECT_EQ(taken(TestKey::Rsa("short", 1024).Jwk()), 0U);
  EXPECT_EQ(taken(R"({"kty":"oct","k":"AAAA"})"), 0U);
  EXPECT_EQ(taken(R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})"), 0U);
  const std::string zero(43, 'A');  // 32 bytes: no point of the curve
  EXPECT_EQ(taken(R"({"kty":"EC","crv":"P-256","x":")" + zero + R"(","y":")" + zero + "\"}"), 0U);
  EXPECT_EQ(taken("7"), 0U);
}

TEST(KeySet, IsRefusedWhereItIsNone) {
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[],"keys":[]})"}) {
    EXPECT_FALSE(KeySet::Parse(text).has_value()) << text;
  }
  EXPECT_EQ(KeySet::Parse(R"({"keys":[]})")->size(), 0U);
}

}  // namespace
}  // namespace eclusa::jwt
