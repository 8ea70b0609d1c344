// The server seen from outside: what is answered, in which order, and what is refused.
#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server_fixture.h"

namespace eclusa::http {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kLastHello =
    "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

TEST(Server, AnswersOnOneConnectionAgainAndAgain) {
  RunningServer server;
  RawClient client(server.address());
  for (int i = 0; i < 3; ++i) {
    client.Send(kGetHello);
    EXPECT_THAT(client.ReadResponse(), AllOf(StartsWith("HTTP/1.1 200 OK\r\nDate: "),
                                             EndsWith("Content-Length: 5\r\n\r\nhello")));
  }
}

TEST(Server, ShowsTheHandlerWhatWasSent) {
  RunningServer server;
  const std::string answer = server.Exchange(
      "GET http://example.org:81/echo/a%20b?x=1&x=%C3%A7 HTTP/1.1\r\nHost: other\r\n"
      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_EQ(BodyOf(answer),
            "GET /echo/a b host=example.org:81 {name=a b} ?x=1 ?x=ç peer=127.0.0.1 secure=no "
            "trace=0af7651916cd43dd8448eb211c80319c body=");
}

TEST(Server, AnswersPipelinedRequestsInTheirOrder) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(
      "GET /gate HTTP/1.1\r\nHost: h\r\n\r\nPOST /echo HTTP/1.1\r\nHost: h\r\n"
      "Content-Length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\nHost: h\r\n\r\n" +
      std::string(kLastHello));
  server.gate.WaitFor(1);
  server.gate.Open();
  EXPECT_EQ(BodyOf(client.ReadResponse()), "passed");
  EXPECT_THAT(client.ReadResponse(), EndsWith("body=abc"));
  EXPECT_EQ(BodyOf(client.ReadResponse()), "hello");
  EXPECT_THAT(client.ReadResponse(), HasSubstr("Connection: close"));
  EXPECT_EQ(client.ReadAll(), "");
}

TEST(Server, ReadsARequestThatComesByteByByte) {
  RunningServer server;
  RawClient client(server.address());
  for (const char c :
       std::string("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "2\r\nab\r\n1;x\r\nc\r\n0\r\nT: x\r\n\r\n")) {
    ASSERT_TRUE(client.Send({&c, 1}));
  }
  EXPECT_THAT(client.ReadResponse(), EndsWith("body=abc"));
}

TEST(Server, AnswersHeadAndOptionsByItself) {
  RunningServer server;
  RawClient client(server.address());
  client.Send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(true), EndsWith("Content-Length: 5\r\n\r\n"));
  client.Send("HEAD /pull/chunks HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(true), EndsWith("Transfer-Encoding: chunked\r\n\r\n"));
  client.Send("OPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(),
              AllOf(StartsWith("HTTP/1.1 204 "), HasSubstr("Allow: OPTIONS, POST\r\n")));
  client.Send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), HasSubstr("Allow: GET, HEAD, OPTIONS, POST, PUT\r\n"));
  client.Send("HEAD /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(true), StartsWith("HTTP/1.1 404 "));
  client.Send(kLastHello);
  EXPECT_EQ(CountOf(client.ReadAll(), "HTTP/1.1 "), 1);
}

TEST(Server, KeepsTheConnectionAfterARefusalThatLeavesNothingUnread) {
  RunningServer server;
  RawClient client(server.address());
  client.Send("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\nDELETE /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(),
              AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("http.not_found")));
  EXPECT_THAT(client.ReadResponse(),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD, OPTIONS\r\n")));
  client.Send(kGetHello);
  EXPECT_EQ(BodyOf(client.ReadResponse()), "hello");
}

TEST(Server, TellsNothingOfAHandlersFailure) {
  RunningServer server;
  size_t count = 0;
  for (const auto& [how, status, code] :
       {std::tuple("throws", 500, "http.exception"),
        std::tuple("throws-int", 500, "http.exception"), std::tuple("error", 500, "secret.code"),
        std::tuple("unavailable", 503, "secret.code"),
        std::tuple("splits", 500, "http.response_field")}) {
    const std::string answer = server.Exchange("GET /fail/" + std::string(how) +
                                               " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(StatusOf(answer), status) << how;
    EXPECT_THAT(answer, Not(HasSubstr("secret"))) << how;
    EXPECT_EQ(answer.find("Retry-After: ") != answer.npos, status == 503) << how;
    EXPECT_EQ(server.WaitForAccess(++count).back().error_code, code) << how;
  }
}

TEST(Server, RefusesInTheWordsOfItsCaller) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(GetOf("/nothing"));
  EXPECT_THAT(client.ReadResponse(), HasSubstr("X-Page: ours\r\n"));
  // A page that fails is replaced.
  for (const char* const path : {"/page/throws", "/page/splits"}) {
    client.Send(GetOf(path));
    EXPECT_THAT(client.ReadResponse(),
                AllOf(StartsWith("HTTP/1.1 404 "), Not(HasSubstr("X-Page")),
                      Not(HasSubstr("secret")), HasSubstr("http.not_found")));
  }
}

TEST(Server, LogsEachRequestWithoutItsQuery) {
  RunningServer server;
  server.Exchange("GET /echo/n?signature=secret HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  server.Exchange("BROKEN\r\n\r\n");
  const auto accesses = server.WaitForAccess(2);
  EXPECT_EQ(accesses[0].method, "GET");
  EXPECT_EQ(accesses[0].operation, "echo");
  EXPECT_EQ(accesses[0].status, 200);
  EXPECT_EQ(accesses[0].peer, "127.0.0.1");
  EXPECT_EQ(accesses[0].trace_id.size(), 32U);
  EXPECT_GT(accesses[0].bytes_out, 100U);
  EXPECT_EQ(accesses[1].status, 400);
  EXPECT_EQ(accesses[1].refusal_code, "http.malformed");
  EXPECT_EQ(accesses[1].trace_id.size(), 32U);
}

TEST(Server, SpeaksTheOlderVersion) {
  RunningServer server;
  const std::string answer = server.Exchange("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_THAT(answer, AllOf(HasSubstr("Connection: close\r\n"), EndsWith("\r\n\r\nhello")));
  const std::string pulled = server.Exchange("GET /pull/chunks HTTP/1.0\r\n\r\n");
  EXPECT_THAT(pulled, Not(HasSubstr("chunked")));
  EXPECT_EQ(BodyOf(pulled).size(), 800'000U);
  RawClient client(server.address());
  client.Send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), HasSubstr("Connection: keep-alive\r\n"));
  client.Send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.ReadAll(), EndsWith("hello"));
}

TEST(Server, AnswersAClientThatHasEndedItsSide) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(kGetHello);
  client.EndSending();
  EXPECT_THAT(client.ReadAll(), EndsWith("hello"));
}

// One answer, the connection ended, and what was smuggled behind it never answered.
TEST(Server, AnswersNothingBehindARequestItRefuses) {
  RunningServer server;
  const std::string smuggled = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";
  const auto post = [&](std::string_view fields, std::string_view body) {
    return "POST /echo HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n\r\n" +
           std::string(body) + smuggled;
  };
  const std::pair<std::string, int> requests[] = {
      {post("Content-Length: 0\r\nContent-Length: 44", ""), 400},
      {post("Content-Length: 44\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400},
      {post("Transfer-Encoding: chunked\r\nContent-Length: 44", "0\r\n\r\n"), 400},
      {post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), 501},
      {post("Transfer-Encoding: xchunked\r\nX: y", ""), 501},
      {post("Transfer-Encoding : chunked", "0\r\n\r\n"), 400},
      {post("Transfer-Encoding: chunked", "0x0\r\n\r\n"), 400},
      {post("Transfer-Encoding: chunked", "0\n\n"), 400},
      {post("Transfer-Encoding: chunked", "1\r\nabc\r\n0\r\n\r\n"), 400},
      {post("Content-Length: 1 ", "ab\r\n\r\n"), 200},
      {"GET /hello HTTP/1.1\nHost: h\n\n" + smuggled, 400},
      {"GET /hello HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n" + smuggled, 400},
      {"GET /hello HTTP/1.1\r\nHost: h\r\n\tfolded\r\n\r\n" + smuggled, 400},
      {"GET /hello HTTP/1.1\r\n\r\n" + smuggled, 400},
      {"GET /hello HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n" + smuggled, 400},
      {"GET /../hello HTTP/1.1\r\nHost: h\r\n\r\n" + smuggled, 400},
      {"GET /%2e%2e/hello HTTP/1.1\r\nHost: h\r\n\r\n" + smuggled, 400},
      {"GET /hello%00 HTTP/1.1\r\nHost: h\r\n\r\n" + smuggled, 400},
      {"GET /hello HTTP/2.0\r\nHost: h\r\n\r\n" + smuggled, 505},
      {"BREW /hello HTTP/1.1\r\nHost: h\r\n\r\n" + smuggled, 501},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"GET /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n" + smuggled, 413},
      {"GET /hello HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + smuggled, 413},
  };
  for (const auto& [request, status] : requests) {
    const std::string answer = server.Exchange(request);
    EXPECT_EQ(StatusOf(answer), status) << request << answer;
    // "Content-Length: 1 " leaves "b", which no request begins with a line of.
    EXPECT_EQ(CountOf(answer, "\r\nDate: "), status == 200 ? 2 : 1) << request << answer;
    EXPECT_THAT(answer, Not(HasSubstr("\r\n\r\nhello"))) << request;
    EXPECT_THAT(answer, Not(HasSubstr("timeout"))) << request;
  }
  EXPECT_THAT(server.Exchange(kLastHello), EndsWith("hello"));
}

TEST(Server, AnswersAHeaderOfAMegabyte) {
  RunningServer server;
  RawClient client(server.address());
  client.Send("GET /hello HTTP/1.1\r\nHost: h\r\nX: " + std::string(1 << 20, 'a') + "\r\n\r\n");
  EXPECT_THAT(client.ReadAll(), AllOf(StartsWith("HTTP/1.1 431 "), HasSubstr("32768")));
  EXPECT_EQ(StatusOf(server.Exchange("GET /" + std::string(1 << 20, 'a'))), 414);
}

// --- buffered bodies ---------------------------------------------------------------------------

std::string PostOf(size_t length, std::string_view more = "") {
  return "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n" +
         std::string(more) + "\r\n";
}

TEST(Server, HoldsTheLimitOfABufferedBody) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(PostOf(1000) + std::string(1000, 'a'));
  EXPECT_THAT(client.ReadResponse(), EndsWith("body=" + std::string(1000, 'a')));
  client.Send(PostOf(1001));
  EXPECT_THAT(client.ReadAll(), AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("1000 bytes")));
}

TEST(Server, RefusesTheFirstByteTooManyOfChunks) {
  RunningServer server;
  RawClient client(server.address());
  const std::string head = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string full = "3e8\r\n" + std::string(1000, 'a') + "\r\n";
  client.Send(head + full + "0\r\n\r\n");
  EXPECT_EQ(StatusOf(client.ReadResponse()), 200);
  client.Send(head + full);
  ASSERT_TRUE(client.Send("7fffffff\r\nb"));  // and no more than that byte
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 413 "));
}

TEST(Server, LetsTheClientReadTheAnswerToABodyThatWasNotRead) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(PostOf(4 << 20));
  ASSERT_TRUE(client.Send(std::string(4 << 20, 'a')));
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 413 "));
}

TEST(Server, AsksForABodyThatWaitsToBeAskedFor) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(PostOf(3, "Expect: 100-continue\r\n"));
  EXPECT_EQ(client.ReadResponse(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("abc");
  EXPECT_THAT(client.ReadResponse(), EndsWith("body=abc"));
  // Not asked for when it is there already, and not when it is refused.
  client.Send(PostOf(3, "Expect: 100-continue\r\n") + "abc");
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200 "));
  client.Send(PostOf(3000, "Expect: 100-continue\r\n"));
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 413 "));
}

TEST(Server, RefusesAnotherExpectation) {
  RunningServer server;
  EXPECT_EQ(StatusOf(server.Exchange(PostOf(3, "Expect: tea\r\n"))), 417);
}

}  // namespace
}  // namespace eclusa::http
