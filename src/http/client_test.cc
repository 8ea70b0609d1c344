#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "http/client_url.h"
#include "http/scripted_server.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kFine = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Own: a  \r\n\r\nfine";

std::string Redirect(const std::string& to, int status = 302) {
  return "HTTP/1.1 " + std::to_string(status) + " Found\r\nContent-Length: 0\r\nLocation: " + to +
         "\r\n\r\n";
}

ClientRequest Get(const std::string& url) {
  ClientRequest request;
  request.url = url;
  return request;
}

std::string CodeOf(const Result<ClientResponse>& outcome) {
  return outcome.ok() ? "ok" : outcome.error().code();
}

TEST(HttpClient, GivesStatusHeadersAndBody) {
  ScriptedServer server([](const std::string&) { return kFine; });
  HttpClient client;
  ClientRequest request = Get(server.Url("/a/../b?q=%2f#part"));
  request.headers = {{"X-Asked", "yes"}, {"X-Empty", ""}};
  const ClientResponse answer = client.Send(request).value();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "fine");
  EXPECT_EQ(answer.Header("x-own"), "a");
  EXPECT_EQ(answer.Header("x-none"), "");
  const std::string sent = server.Requests().at(0);
  EXPECT_THAT(sent, StartsWith("GET /a/../b?q=%2f HTTP/1.1\r\n"));
  EXPECT_THAT(sent, HasSubstr("X-Asked: yes\r\n"));
  EXPECT_THAT(sent, HasSubstr("X-Empty:\r\n"));
}

TEST(HttpClient, GivesAnswersThatAreNotFine) {
  ScriptedServer server([](const std::string&) {
    return "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 3\r\n\r\nlow";
  });
  HttpClient client;
  ClientRequest request = Get(server.Url("/"));
  std::string sunk;
  request.sink = [&](std::string_view bytes) -> Status {
    sunk += bytes;
    return Ok();
  };
  const ClientResponse answer = client.Send(request).value();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("retry-after"), "7");
  EXPECT_EQ(answer.body, "low");
  EXPECT_EQ(sunk, "");
}

TEST(HttpClient, SendsABodyOfBytesOrFromAReader) {
  ScriptedServer server([](const std::string&) { return kFine; });
  HttpClient client;
  ClientRequest request = Get(server.Url("/"));
  request.method = "PUT";
  request.body = "some bytes";
  EXPECT_EQ(client.Send(request).value().status, 200);
  EXPECT_THAT(server.Requests().at(0), HasSubstr("Content-Length: 10\r\n"));
  EXPECT_THAT(server.Requests().at(0), testing::EndsWith("\r\n\r\nsome bytes"));

  std::string left(3'000'000, 'x');
  request.body.clear();
  request.body_size = static_cast<int64_t>(left.size());
  request.body_reader = [&](std::span<char> out) -> Result<size_t> {
    const size_t count = std::min(out.size(), left.size());
    left.copy(out.data(), count);
    left.erase(0, count);
    return count;
  };
  EXPECT_EQ(client.Send(request).value().status, 200);
  EXPECT_THAT(server.Requests().at(1), HasSubstr("Content-Length: 3000000\r\n"));
  EXPECT_THAT(server.Requests().at(1), Not(HasSubstr("Expect:")));
  EXPECT_EQ(server.Requests().at(1).size() - server.Requests().at(1).find("\r\n\r\n"), 3'000'004U);
}

TEST(HttpClient, EndsWithTheErrorOfAReaderOrASink) {
  ScriptedServer server([](const std::string&) { return kFine; });
  HttpClient client;
  ClientRequest request = Get(server.Url("/"));
  request.sink = [](std::string_view) -> Status {
    return Error(ErrorKind::kUnavailable, code::file_disk_full);
  };
  EXPECT_EQ(CodeOf(client.Send(request)), code::file_disk_full);
  request = Get(server.Url("/"));
  request.method = "PUT";
  request.body_size = 10;
  request.body_reader = [](std::span<char>) -> Result<size_t> {
    return Error(ErrorKind::kUnavailable, code::file_read_failed);
  };
  EXPECT_EQ(CodeOf(client.Send(request)), code::file_read_failed);
  // Fewer bytes than it announces: nobody waits for the rest.
  request.body_reader = [](std::span<char>) -> Result<size_t> { return size_t{0}; };
  EXPECT_EQ(CodeOf(client.Send(request)), code::http_body_short);
}

TEST(HttpClient, RefusesTheFirstByteTooMuch) {
  ScriptedServer server([](const std::string&) { return kFine; });
  HttpClient client;
  ClientRequest request = Get(server.Url("/"));
  request.limits.response_bytes_max = 4;
  EXPECT_EQ(CodeOf(client.Send(request)), "ok");
  request.limits.response_bytes_max = 3;
  EXPECT_EQ(CodeOf(client.Send(request)), code::http_response_too_large);
}

TEST(HttpClient, RefusesUrlsOfAnotherKindAndWithCredentials) {
  HttpClient client;
  for (const char* url : {"file:///etc/passwd", "ftp://example.org/a", "gopher://127.0.0.1:1/x",
                          "dict://127.0.0.1:1/x", "FILE:///etc/passwd", "s3://bucket/key"}) {
    EXPECT_EQ(CodeOf(client.Send(Get(url))), code::http_url_scheme) << url;
  }
  for (const char* url : {"http://user:secret@127.0.0.1:1/", "https://token@example.org/",
                          "http://:secret@127.0.0.1:1/"}) {
    const auto outcome = client.Send(Get(url));
    EXPECT_EQ(CodeOf(outcome), code::http_url_credentials) << url;
    EXPECT_THAT(Text(outcome.error(), Language::kEnglish), Not(HasSubstr("secret")));
  }
  for (const std::string& url :
       {std::string(), std::string("http://"), std::string("//127.0.0.1/"), std::string("nothing"),
        std::string("http://a b/"), std::string("http://127.0.0.1:99999/"),
        std::string("http://[fe80::1%25lo]/"), std::string("http://a/\r\nX: y"),
        std::string("http://a/\0b", 11)}) {
    EXPECT_EQ(CodeOf(client.Send(Get(url))), code::http_url_malformed) << url;
  }
}

TEST(HttpClient, SaysThatNobodyIsThere) {
  uint16_t port = 0;
  {
    const ScriptedServer gone([](const std::string&) { return kFine; });
    port = gone.port();
  }
  HttpClient client;
  const auto outcome = client.Send(Get("http://127.0.0.1:" + std::to_string(port) + "/?secret"));
  EXPECT_EQ(CodeOf(outcome), code::http_unreachable);
  EXPECT_EQ(outcome.error().kind(), ErrorKind::kUnavailable);
  EXPECT_THAT(Text(outcome.error(), Language::kEnglish), Not(HasSubstr("secret")));
  EXPECT_EQ(CodeOf(client.Send(Get("http://nobody.invalid/"))), code::http_unreachable);
}

TEST(HttpClient, SaysThatAnAnswerWasCutShort) {
  ScriptedServer server(
      [](const std::string&) { return "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine"; });
  HttpClient client;
  EXPECT_EQ(CodeOf(client.Send(Get(server.Url("/")))), code::http_unreachable);
}

TEST(HttpClient, DoesNotWaitForEver) {
  ScriptedServer server([](const std::string&) { return std::string(); });
  HttpClient client;
  ClientRequest request = Get(server.Url("/"));
  request.limits.total = std::chrono::milliseconds(50);
  const auto outcome = client.Send(request);
  EXPECT_EQ(CodeOf(outcome), code::http_timed_out);
  EXPECT_EQ(outcome.error().kind(), ErrorKind::kUnavailable);
}

TEST(HttpClient, IsStoppedWhileItWaits) {
  std::stop_source stop;
  ScriptedServer server([&](const std::string&) {
    stop.request_stop();
    return std::string();
  });
  HttpClient client;
  const auto outcome = client.Send(Get(server.Url("/")), stop.get_token());
  EXPECT_EQ(CodeOf(outcome), code::load_cancelled);
  EXPECT_EQ(outcome.error().kind(), ErrorKind::kCancelled);
  EXPECT_EQ(CodeOf(client.Send(Get(server.Url("/")), stop.get_token())), code::load_cancelled);
  EXPECT_EQ(server.Requests().size(), 1U);
}

TEST(HttpClient, TakesNothingFromTheEnvironment) {
  ScriptedServer server([](const std::string&) {
    return "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n";
  });
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  HttpClient client;
  EXPECT_EQ(CodeOf(client.Send(Get(server.Url("/")))), "ok");
  EXPECT_EQ(CodeOf(client.Send(Get(server.Url("/")))), "ok");
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
  EXPECT_THAT(server.Requests().at(1), Not(HasSubstr("Cookie")));
}

// --- redirects ---

TEST(HttpClient, GivesARedirectAsItIsUnlessItMayFollow) {
  ScriptedServer server([](const std::string&) { return Redirect("/b"); });
  HttpClient client;
  ClientRequest request = Get(server.Url("/a"));
  EXPECT_EQ(client.Send(request).value().status, 302);
  request.limits.redirects_max = 3;
  EXPECT_EQ(CodeOf(client.Send(request)), code::http_too_many_redirects);
  EXPECT_EQ(server.Requests().size(), 1U + 4U);
  request.method = "PUT";
  EXPECT_EQ(client.Send(request).value().status, 302);
}

TEST(HttpClient, FollowsRelativeRedirectsWithAllHeaders) {
  ScriptedServer server([](const std::string& request) {
    return request.starts_with("GET /a/b") ? Redirect("../c?d", 307) : kFine;
  });
  HttpClient client;
  ClientRequest request = Get(server.Url("/a/b"));
  request.headers = {{"Authorization", "Bearer t"}};
  request.limits.redirects_max = 1;
  EXPECT_EQ(client.Send(request).value().body, "fine");
  EXPECT_THAT(server.Requests().at(1), StartsWith("GET /c?d "));
  EXPECT_THAT(server.Requests().at(1), HasSubstr("Bearer t"));
}

TEST(HttpClient, GivesAnotherHostOnlyWhatSaysWhatIsAskedFor) {
  ScriptedServer other([](const std::string&) { return kFine; });
  ScriptedServer server([&](const std::string&) { return Redirect(other.Url("/")); });
  HttpClient client;
  ClientRequest request = Get(server.Url("/"));
  request.headers = {{"Authorization", "Bearer t"}, {"X-Amz-Token", "t"}, {"Range", "bytes=0-9"}};
  request.limits.redirects_max = 1;
  EXPECT_EQ(client.Send(request).value().status, 200);
  const std::string sent = other.Requests().at(0);
  EXPECT_THAT(sent, HasSubstr("Range: bytes=0-9"));
  EXPECT_THAT(sent, Not(HasSubstr("Bearer")));
  EXPECT_THAT(sent, Not(HasSubstr("Token")));
}

TEST(HttpClient, FollowsToNoFileNoCredentialsAndNoOtherKind) {
  std::string to;
  ScriptedServer server([&](const std::string&) { return Redirect(to); });
  HttpClient client;
  ClientRequest request = Get(server.Url("/"));
  request.limits.redirects_max = 5;
  to = "file:///etc/passwd";
  EXPECT_EQ(CodeOf(client.Send(request)), code::http_url_scheme);
  to = "http://user:secret@127.0.0.1/";
  EXPECT_EQ(CodeOf(client.Send(request)), code::http_url_credentials);
}

// --- addresses ---

ClientOptions PublicOnly() {
  ClientOptions options;
  options.may_connect = [](const PeerAddress& peer) { return IsPublicAddress(peer.address); };
  return options;
}

TEST(HttpClient, ConnectsToNoAddressThatItsPolicyRefuses) {
  ScriptedServer server([](const std::string&) { return kFine; });
  HttpClient client(PublicOnly());
  // However the loopback is written, what is asked about is where it leads.
  for (const char* host :
       {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "017700000001", "0.0.0.0",
        "[::1]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]"}) {
    const auto outcome = client.Send(Get(server.Url("/", host)));
    EXPECT_EQ(CodeOf(outcome), code::http_address_refused) << host;
  }
  EXPECT_TRUE(server.Requests().empty());
}

TEST(HttpClient, AsksItsPolicyAtEachRedirect) {
  ScriptedServer inner([](const std::string&) { return kFine; });
  ScriptedServer outer([&](const std::string&) { return Redirect(inner.Url("/", "localhost")); });
  ClientOptions options;
  std::vector<PeerAddress> asked;
  options.may_connect = [&](const PeerAddress& peer) {
    asked.push_back(peer);
    return peer.host != "localhost";
  };
  HttpClient client(options);
  ClientRequest request = Get(outer.Url("/"));
  request.limits.redirects_max = 5;
  EXPECT_EQ(CodeOf(client.Send(request)), code::http_address_refused);
  ASSERT_GE(asked.size(), 2U);
  EXPECT_EQ(asked[0].address, "127.0.0.1");
  EXPECT_EQ(asked[0].port, outer.port());
  EXPECT_EQ(asked[1].host, "localhost");
  EXPECT_TRUE(inner.Requests().empty());
}

TEST(HttpClient, AsksAgainWhenANameChangesItsMind) {
  ScriptedServer server([](const std::string&) { return kFine; });
  std::vector<std::string> answers = {"127.0.0.1", "127.0.0.2"};
  ClientOptions options;
  options.may_connect = [](const PeerAddress& peer) { return peer.address == "127.0.0.1"; };
  options.resolve = [&](const std::string&) {
    std::string answer = answers.front();
    answers.erase(answers.begin());
    return answer;
  };
  HttpClient client(options);
  EXPECT_EQ(CodeOf(client.Send(Get(server.Url("/", "rebind.example")))), "ok");
  const auto outcome = client.Send(Get(server.Url("/", "rebind.example")));
  EXPECT_EQ(CodeOf(outcome), code::http_address_refused);
  EXPECT_THAT(Text(outcome.error(), Language::kPortuguese), HasSubstr("127.0.0.2"));
  EXPECT_EQ(server.Requests().size(), 1U);
}

TEST(ClientUrl, IsTakenApart) {
  const ClientUrl url = ParseClientUrl("HTTPS://Example.ORG/a#b").value();
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.port, 443);
  EXPECT_TRUE(url.SameOrigin(ParseClientUrl("https://Example.ORG:443/c").value()));
  EXPECT_FALSE(url.SameOrigin(ParseClientUrl("https://Example.ORG:444/").value()));
  EXPECT_FALSE(url.SameOrigin(ParseClientUrl("http://Example.ORG:443/").value()));
  EXPECT_EQ(ParseClientUrl("http://[2001:db8::1]:8080/").value().host, "2001:db8::1");
}

}  // namespace
}  // namespace eclusa
