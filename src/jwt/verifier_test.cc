#include "jwt/verifier.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "jwt/test_issuer.h"

namespace eclusa::jwt {
namespace {

TEST(Verifier, TakesATokenOnlyWhereSignatureAndClaimsAreGood) {
  const TestKey key = TestKey::Ec("a");
  const std::string path = testing::TempDir() + "verifier_test.json";
  std::ofstream(path) << JwkSet({key.Jwk()});
  Verifier verifier(
      {.rules = {.issuer = "me", .audience = "you"}, .keys = {.location = path}, .now = [] {
         return std::chrono::system_clock::time_point(std::chrono::seconds(100));
       }});
  const auto outcome = [&](const std::string& token) {
    const auto claims = verifier.Verify(token);
    return claims.ok() ? claims->subject : claims.error().arguments().at(0).second;
  };
  const std::string good = R"({"iss":"me","aud":"you","sub":"ana","exp":200})";
  EXPECT_EQ(outcome(key.Token(good)), "ana");
  EXPECT_EQ(outcome(TestKey::Ec("a").Token(good)), "bad signature");
  EXPECT_EQ(outcome(TestKey::Ec("b").Token(good)), "unknown key");
  EXPECT_EQ(outcome(key.Token(R"({"iss":"me","aud":"you","sub":"ana","exp":50})")), "expired");
  std::remove(path.c_str());
}

}  // namespace
}  // namespace eclusa::jwt
