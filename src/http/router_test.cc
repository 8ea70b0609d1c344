#include "http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "http/target.h"

namespace eclusa::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

Route Get(std::string pattern, std::string method = "GET") {
  return {.method = method,
          .pattern = pattern,
          .operation = method + " " + pattern,
          .handler = [](Request&) -> Result<Response> { return Response{}; }};
}

Router BulkRouter() {
  return Router({Get("{dataset...}/_bulk"), Get("{dataset...}/_bulk", "POST"),
                 Get("{dataset...}/_bulk/status/{id}"),
                 Get("{dataset...}/_bulk/status/{id}/failures"),
                 Get("{dataset...}/_bulk/status/{id}/cancel", "POST"),
                 Get("/v1/datasets/{name}/contract"), Get("/v1/datasets/{name}"),
                 Get("/v1/datasets/new", "POST"), Get("/", "POST"), Get("/status")});
}

RouteMatch Match(const Router& router, std::string_view method, std::string_view path) {
  auto target = ParseTarget(path);
  return router.Match(method, std::get<Target>(target).segments);
}

std::string OperationOf(const Router& router, std::string_view method, std::string_view path) {
  const RouteMatch match = Match(router, method, path);
  return match.route == nullptr ? "none; " + match.allowed : match.route->operation;
}

TEST(Router, FindsLiteralsParametersAndTheRoot) {
  const Router router = BulkRouter();
  EXPECT_EQ(OperationOf(router, "GET", "/status"), "GET /status");
  EXPECT_EQ(OperationOf(router, "POST", "/"), "POST /");
  const RouteMatch match = Match(router, "GET", "/v1/datasets/caf%C3%A9/contract");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->pattern, "/v1/datasets/{name}/contract");
  EXPECT_THAT(match.parameters, ElementsAre(Pair("name", "café")));
}

TEST(Router, TakesSeveralSegmentsUpToTheLiteral) {
  const Router router = BulkRouter();
  const RouteMatch match = Match(router, "GET", "/erp3/2531/fornecedores/_bulk/status/7/failures");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->pattern, "{dataset...}/_bulk/status/{id}/failures");
  EXPECT_THAT(match.parameters,
              ElementsAre(Pair("dataset", "erp3/2531/fornecedores"), Pair("id", "7")));
}

TEST(Router, LetsTheFirstLiteralEndTheSegments) {
  const Router router = BulkRouter();
  const RouteMatch match = Match(router, "GET", "/a/_bulk/status/_bulk");
  ASSERT_NE(match.route, nullptr);
  EXPECT_THAT(match.parameters, ElementsAre(Pair("dataset", "a"), Pair("id", "_bulk")));
}

TEST(Router, RefusesEmptySegmentsAndOtherDepths) {
  const Router router = BulkRouter();
  for (const char* const path :
       {"/_bulk", "//_bulk", "/a//_bulk", "/a/_bulk/", "/a/_bulk/status/", "/v1/datasets/",
        "/v1/datasets//contract", "/status/", "//", "/v1", "/a/_bulk/status/1/failures/2"}) {
    EXPECT_EQ(OperationOf(router, "GET", path), "none; ") << path;
  }
}

TEST(Router, PrefersLiteralsThenFallsBackToTheMethod) {
  const Router router = BulkRouter();
  EXPECT_EQ(OperationOf(router, "POST", "/v1/datasets/new"), "POST /v1/datasets/new");
  EXPECT_EQ(OperationOf(router, "GET", "/v1/datasets/new"), "GET /v1/datasets/{name}");
  EXPECT_EQ(OperationOf(router, "PUT", "/v1/datasets/new"), "none; GET, HEAD, OPTIONS, POST");
}

TEST(Router, TellsAWrongMethodFromAWrongPath) {
  const Router router = BulkRouter();
  EXPECT_EQ(OperationOf(router, "DELETE", "/a/_bulk"), "none; GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(OperationOf(router, "OPTIONS", "/a/_bulk/status/1/cancel"), "none; OPTIONS, POST");
  EXPECT_EQ(OperationOf(router, "DELETE", "/nothing"), "none; ");
}

TEST(Router, AnswersHeadByGet) {
  const Router router = BulkRouter();
  const RouteMatch match = Match(router, "HEAD", "/v1/datasets/x");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->operation, "GET /v1/datasets/{name}");
  EXPECT_THAT(match.parameters, ElementsAre(Pair("name", "x")));
  EXPECT_EQ(OperationOf(router, "HEAD", "/a/_bulk/status/1/cancel"), "none; OPTIONS, POST");
}

TEST(Router, TriesRoutesInAnOrderThatDoesNotDependOnTheirs) {
  std::vector<Route> routes = BulkRouter().routes();
  std::vector<std::string> order;
  for (const Route& route : routes) order.push_back(route.operation);
  std::reverse(routes.begin(), routes.end());
  std::vector<std::string> reversed;
  const Router other(routes);
  for (const Route& route : other.routes()) reversed.push_back(route.operation);
  EXPECT_EQ(order, reversed);
  EXPECT_EQ(order.size(), 10U);
}

TEST(RouterDeathTest, RefusesTwoRoutesThatCannotBeToldApart) {
  EXPECT_DEATH(Router({Get("/a/{x}"), Get("/a/{y}")}), "");
  EXPECT_DEATH(Router({Get("/a/{x...}/b")}), "");
  EXPECT_DEATH(Router({Get("{x...}/{y}")}), "");
}

// --- targets -----------------------------------------------------------------------------------

std::string CodeOfTarget(std::string_view text) {
  const auto target = ParseTarget(text);
  const auto* const refusal = std::get_if<Refusal>(&target);
  return refusal == nullptr ? "ok" : std::string(refusal->code);
}

TEST(ParseTarget, DecodesPathAndQuery) {
  const auto parsed = ParseTarget("/a%20b/c+d?x=1+2&y=%C3%A7&empty&&z=a=b&url=http://h/p?q");
  const Target& target = std::get<Target>(parsed);
  EXPECT_THAT(target.segments, ElementsAre("a b", "c+d"));
  EXPECT_THAT(target.query, ElementsAre(Pair("x", "1 2"), Pair("y", "ç"), Pair("empty", ""),
                                        Pair("z", "a=b"), Pair("url", "http://h/p?q")));
}

TEST(ParseTarget, KnowsTheThreeForms) {
  EXPECT_TRUE(std::get<Target>(ParseTarget("*")).asterisk);
  const auto absolute = ParseTarget("HTTP://example.org:8080/a?b=c");
  EXPECT_EQ(std::get<Target>(absolute).authority, "example.org:8080");
  EXPECT_THAT(std::get<Target>(absolute).segments, ElementsAre("a"));
  EXPECT_THAT(std::get<Target>(ParseTarget("http://h")).segments, ElementsAre(""));
  EXPECT_THAT(std::get<Target>(ParseTarget("/")).segments, ElementsAre(""));
}

TEST(ParseTarget, RefusesWhatIsNotCertain) {
  for (const char* const text : {"",
                                 "a",
                                 "/%",
                                 "/%4",
                                 "/%zz",
                                 "/a b",
                                 "/a#b",
                                 "/a?b#c",
                                 "/{x}",
                                 "/a|b",
                                 "/\xc3\xa7",
                                 "/?x=%00",
                                 "/?x=%ff",
                                 "/?%",
                                 "ftp://h/",
                                 "http://user@h/",
                                 "http:///a",
                                 "http://h:x/",
                                 "example.org:80",
                                 "**",
                                 "*?"}) {
    EXPECT_EQ(CodeOfTarget(text), "http.target_malformed") << text;
  }
}

TEST(ParseTarget, NeverResolvesAPath) {
  for (const char* const text :
       {"/..", "/a/../b", "/.", "/./a", "/%2e%2e/a", "/%2E./a", "/a%2fb", "/a%5Cb", "/a%00", "/%0a",
        "/%7f", "/%ff", "/%c0%af", "/%ed%a0%80", "/%f4%90%80%80", "/%e2%82", "http://h/../x"}) {
    EXPECT_EQ(CodeOfTarget(text), "http.path_refused") << text;
  }
  EXPECT_EQ(CodeOfTarget("/..a/a../.../%F4%8F%BF%BF"), "ok");
}

TEST(IsAuthority, KnowsNamesAndAddresses) {
  for (const char* const text : {"h", "a.b-c:80", "127.0.0.1", "[::1]", "[::1]:8080", "h:"}) {
    EXPECT_TRUE(IsAuthority(text)) << text;
  }
  for (const char* const text : {"", ":80", "h:80x", "h:123456", "::1", "[::1", "[]", "[x]", "a b",
                                 "a/b", "u@h", "[::1]x", "h,i"}) {
    EXPECT_FALSE(IsAuthority(text)) << text;
  }
}

}  // namespace
}  // namespace eclusa::http
