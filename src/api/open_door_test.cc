#include "api/open_door.h"

#include <gtest/gtest.h>

namespace eclusa::api {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

OpenDatasets Parsed(const std::vector<std::string>& lines) {
  auto parsed = OpenDatasets::Parse(lines);
  EXPECT_TRUE(parsed.ok());
  return parsed.ok() ? *parsed : OpenDatasets();
}

TEST(OpenDatasets, LetsANetworkInToItsDatasetAlone) {
  const OpenDatasets open = Parsed({"a 10.0.0.0/8", "b 10.1.0.0/16 47", "b 10.1.2.0/24 48"});
  EXPECT_FALSE(open.CallerAt("11.0.0.1").has_value());
  const auto one = open.CallerAt("10.2.0.1");
  ASSERT_TRUE(one.has_value());
  EXPECT_TRUE(one->Sees("a"));
  EXPECT_FALSE(one->Sees("b"));
  EXPECT_FALSE(one->Speaks(""));
  EXPECT_FALSE(open.CallerOf("b", "10.2.0.1").has_value());
}

TEST(OpenDatasets, SpeaksForTheTenantsOfTheDatasetsOwnLines) {
  const OpenDatasets open = Parsed({"a 10.0.0.0/8", "b 10.1.0.0/16 47", "b 10.1.2.0/24 48"});
  const auto a = open.CallerOf("a", "10.1.2.3");
  ASSERT_TRUE(a.has_value());
  EXPECT_TRUE(a->Speaks(""));
  EXPECT_FALSE(a->Speaks("47"));
  EXPECT_FALSE(a->Sees("b"));
  const auto b = open.CallerOf("b", "10.1.2.3");
  ASSERT_TRUE(b.has_value());
  EXPECT_TRUE(b->Speaks("47"));
  EXPECT_TRUE(b->Speaks("48"));
  EXPECT_FALSE(b->Speaks(""));
  EXPECT_FALSE(open.CallerOf("b", "10.1.3.3")->Speaks("48"));
}

TEST(OpenDatasets, RefusesALineThatIsNone) {
  for (const char* line : {"", "a", "a 10.0.0.0/33", "a everywhere", "a 10.0.0.0/8 47 more"}) {
    EXPECT_FALSE(OpenDatasets::Parse({line}).ok()) << line;
  }
}

http::Request Asked(const std::string& query) {
  http::Request request;
  std::string rest = query;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('&'), rest.size());
    const size_t equals = rest.find('=');
    request.query_parameters.emplace_back(rest.substr(0, equals),
                                          rest.substr(equals + 1, end - equals - 1));
    rest.erase(0, end + 1);
  }
  return request;
}

TEST(SignedStatus, IsGoodForItsLoadUntilItsTime) {
  const sys_seconds now{seconds(1'000)};
  const std::string query = SignedStatusQuery("key", "one", now + seconds(60));
  EXPECT_TRUE(HasSignedStatus("key", Asked(query), now));
  EXPECT_FALSE(HasSignedStatus("key", Asked(query), now + seconds(60)));
  EXPECT_FALSE(HasSignedStatus("other", Asked(query), now));
  EXPECT_FALSE(HasSignedStatus("", Asked(SignedStatusQuery("", "one", now + seconds(60))), now));
}

TEST(SignedStatus, IsNoGoodOnceAnythingIsAltered) {
  const sys_seconds now{seconds(1'000)};
  const std::string query = SignedStatusQuery("key", "one", now + seconds(60));
  for (const auto& [part, other] : {std::pair{"=one", "=two"},
                                    {"=1060", "=1061"},
                                    {"expires=1060&", ""},
                                    {"signature=", "signature=0"}}) {
    std::string altered = query;
    altered.replace(altered.find(part), std::string_view(part).size(), other);
    EXPECT_FALSE(HasSignedStatus("key", Asked(altered), now)) << altered;
  }
}

}  // namespace
}  // namespace eclusa::api
