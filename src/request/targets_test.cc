#include "request/targets.h"

#include <gtest/gtest.h>

#include "model/codes.h"

namespace eclusa {
namespace {

TEST(Targets, GivesTheFirstLineThatFits) {
  const auto targets = Targets::Parse({"acme vendas 47 postgresql://loader@db7/acme",
                                       "small * 47 service=small", "rest vendas * dbname=rest"});
  ASSERT_TRUE(targets.ok()) << Text(targets.error(), Language::kEnglish);
  EXPECT_EQ(targets->NameFor("vendas", "47"), "acme");
  EXPECT_EQ(targets->NameFor("people", "47"), "small");
  EXPECT_EQ(targets->NameFor("vendas", "48"), "rest");
  EXPECT_EQ(targets->NameFor("people", "48"), "");
  EXPECT_EQ(targets->Require("small")->conninfo, "service=small");
  EXPECT_EQ(targets->Require("gone").error().code(), "job.unknown_target");
}

TEST(Targets, TakesKeywordsToTheEndOfTheLine) {
  const auto targets = Targets::Parse({"acme  vendas *  host=db7 dbname=acme user=loader"});
  ASSERT_TRUE(targets.ok());
  EXPECT_EQ(targets->all().front().conninfo, "host=db7 dbname=acme user=loader");
}

TEST(Targets, HoldsEachDatabaseOnce) {
  EXPECT_EQ(Targets::Parse({"a x * dbname=a", "a y * dbname=a"})->all().size(), 1U);
  EXPECT_FALSE(Targets::Parse({"a x * dbname=a", "a y * dbname=b"}).ok());
}

TEST(Targets, ShowsNoSecretThatItRefuses) {
  for (const char* line :
       {"acme * * postgresql://loader:s3cret@db7/acme", "acme * * dbname=a password=s3cret",
        "acme * * dbname=a sslpassword=s3cret", "acme postgresql://loader:s3cret@db7/acme",
        "acme * * postgresql://loader@db7/acme?password=s3cret"}) {
    const auto refused = Targets::Parse({line});
    ASSERT_FALSE(refused.ok()) << line;
    EXPECT_EQ(refused.error().code(), "config.bad_value");
    EXPECT_EQ(Text(refused.error(), Language::kEnglish).find("s3cret"), std::string::npos);
  }
}

TEST(Targets, RefusesWhatIsNoLine) {
  for (const char* line : {"", "acme", "acme * *", "acme * * nonsense", "acme * * host"}) {
    EXPECT_FALSE(Targets::Parse({line}).ok()) << line;
  }
}

}  // namespace
}  // namespace eclusa
