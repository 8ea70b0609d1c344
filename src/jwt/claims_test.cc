#include "jwt/claims.h"

#include <gtest/gtest.h>

namespace eclusa::jwt {
namespace {

using std::chrono::seconds;
using Texts = std::vector<std::string>;

const std::chrono::system_clock::time_point kNow{seconds(1'800'000'000)};
const ClaimRules kRules{.issuer = "https://id.example", .audience = "eclusa"};

// "good", or why it is refused.
std::string ClaimsOutcome(const std::string& payload) {
  const auto claims = CheckClaims(payload, kRules, kNow);
  return claims.ok() ? "good" : claims.error().arguments().at(0).second;
}

// Of the members that every token has, with `more` behind.
std::string With(const std::string& more) {
  return R"({"iss":"https://id.example","aud":"eclusa","sub":"erp","exp":1800000100)" + more + "}";
}

TEST(Claims, SayWhoMayWhat) {
  const Claims claims =
      CheckClaims(With(R"(,"role":"submit","tenants":[47,"48"],"datasets":"a")"), kRules, kNow)
          .value();
  EXPECT_EQ(claims.subject, "erp");
  EXPECT_EQ(claims.role, "submit");
  EXPECT_EQ(claims.tenants, (Texts{"47", "48"}));
  EXPECT_EQ(claims.datasets, (Texts{"a"}));
}

TEST(Claims, GiveTheLeastWhereTheySayNothing) {
  const Claims claims = CheckClaims(With(""), kRules, kNow).value();
  EXPECT_EQ(claims.role, "read");
  EXPECT_EQ(claims.tenants, Texts());
  EXPECT_EQ(claims.datasets, std::nullopt);
  EXPECT_EQ(CheckClaims(With(R"(,"tenants":"*")"), kRules, kNow).value().tenants, std::nullopt);
}

TEST(Claims, HaveTheNamesThatTheRulesGive) {
  ClaimRules rules = kRules;
  rules.tenants_claim = "https://eclusa/tenants";
  rules.role_claim = "eclusa_role";
  const Claims claims =
      CheckClaims(With(R"(,"https://eclusa/tenants":[1],"tenants":[2],"eclusa_role":"admin")"),
                  rules, kNow)
          .value();
  EXPECT_EQ(claims.tenants, (Texts{"1"}));
  EXPECT_EQ(claims.role, "admin");
}

TEST(Claims, AreOfTheIssuerAndForTheAudience) {
  EXPECT_EQ(
      ClaimsOutcome(R"({"iss":"https://id.example/","aud":"eclusa","sub":"a","exp":1800000100})"),
      "wrong issuer");
  EXPECT_EQ(ClaimsOutcome(R"({"aud":"eclusa","sub":"a","exp":1800000100})"), "wrong issuer");
  const auto with_audience = [](const std::string& audience) {
    return ClaimsOutcome(R"({"iss":"https://id.example","sub":"a","exp":1800000100,"aud":)" +
                         audience + "}");
  };
  EXPECT_EQ(with_audience(R"(["other","eclusa"])"), "good");
  for (const char* wrong : {R"("other")", R"(["other"])", "[]", "null", R"([["eclusa"]])", "7"}) {
    EXPECT_EQ(with_audience(wrong), "wrong audience") << wrong;
  }
}

TEST(Claims, HaveTheirTimeWithALittleLeeway) {
  const auto with_times = [](const std::string& times) {
    return ClaimsOutcome(R"({"iss":"https://id.example","aud":"eclusa","sub":"a")" + times + "}");
  };
  EXPECT_EQ(with_times(R"(,"exp":1799999971)"), "good");
  EXPECT_EQ(with_times(R"(,"exp":1799999970)"), "expired");
  EXPECT_EQ(with_times(R"(,"exp":1.8000001e9)"), "good");
  EXPECT_EQ(with_times(R"(,"exp":"1800000100")"), "no expiry");
  EXPECT_EQ(with_times(""), "no expiry");
  EXPECT_EQ(with_times(R"(,"exp":1800000100,"nbf":1800000030)"), "good");
  EXPECT_EQ(with_times(R"(,"exp":1800000100,"nbf":1800000031)"), "not valid yet");
  EXPECT_EQ(with_times(R"(,"exp":1800000100,"nbf":null)"), "malformed nbf");
}

TEST(Claims, AreRefusedWhereTheyAreNotWhatTheyShouldBe) {
  EXPECT_EQ(ClaimsOutcome("[]"), "malformed claims");
  EXPECT_EQ(ClaimsOutcome(With("") + "x"), "malformed claims");
  EXPECT_EQ(ClaimsOutcome(With(R"(,"sub":"other")")), "malformed claims");  // twice
  EXPECT_EQ(ClaimsOutcome(With(R"(,"a":{"b":1,"\u0062":2})")), "malformed claims");
  EXPECT_EQ(ClaimsOutcome(With(R"(,"a":{"b":1},"c":{"b":2})")), "good");
  EXPECT_EQ(ClaimsOutcome(With(R"(,"role":["admin"])")), "malformed role");
  for (const char* wrong : {"null", "{}", "[null]", "[\"\"]", "[1.5]", "true"}) {
    EXPECT_EQ(ClaimsOutcome(With(std::string(R"(,"tenants":)") + wrong)), "malformed tenants")
        << wrong;
    EXPECT_EQ(ClaimsOutcome(With(std::string(R"(,"datasets":)") + wrong)), "malformed datasets")
        << wrong;
  }
  const auto with_subject = [](const std::string& subject) {
    return ClaimsOutcome(R"({"iss":"https://id.example","aud":"eclusa","exp":1800000100)" +
                         subject + "}");
  };
  EXPECT_EQ(with_subject(""), "no subject");
  EXPECT_EQ(with_subject(R"(,"sub":"")"), "no subject");
  EXPECT_EQ(with_subject(R"(,"sub":"a\u0000b")"), "no subject");
  EXPECT_EQ(with_subject(R"(,"sub":")" + std::string(256, 'a') + "\""), "no subject");
}

}  // namespace
}  // namespace eclusa::jwt
