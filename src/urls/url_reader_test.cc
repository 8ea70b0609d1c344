#include "urls/url_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/scripted_server.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Part(const std::string& body, const std::string& range,
                 const std::string& headers = "ETag: \"one\"\r\n") {
  return "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + range + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string Plain(const std::string& status, const std::string& headers = "") {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: 0\r\n\r\n";
}

UrlReaderConfig Config(const std::vector<std::string>& lines) {
  UrlReaderConfig config;
  config.urls = RegisteredUrls::Parse(lines).value();
  config.clock = {[](std::chrono::milliseconds, const std::stop_token&) { return true; },
                  [] { return 0.5; }};
  return config;
}

// All that the server has is registered for tenant 47.
UrlReaderConfig Config(const ScriptedServer& server) {
  return Config({"47 " + server.Url("/") + " private"});
}

template <class T>
std::string CodeOf(const Result<T>& outcome) {
  return outcome.ok() ? "ok" : outcome.error().code();
}

TEST(UrlReader, PinsSizeAndVersionByTheFirstByte) {
  ScriptedServer server([](const std::string&) { return Part("a", "0-0/9"); });
  UrlReader reader(Config(server));
  const UrlStat stat = reader.Stat({"47", server.Url("/a?sig=1")}, {}).value();
  EXPECT_EQ(stat.size, 9);
  EXPECT_EQ(stat.version, "9:e:\"one\"");
  EXPECT_THAT(server.Requests().at(0), HasSubstr("GET /a?sig=1 "));
  EXPECT_THAT(server.Requests().at(0), HasSubstr("Range: bytes=0-0\r\n"));
  EXPECT_THAT(server.Requests().at(0), Not(HasSubstr("If-Match")));
}

TEST(UrlReader, ReadsRangesOfTheVersionAlone) {
  ScriptedServer server([](const std::string&) { return Part("bcd", "1-3/9"); });
  UrlReader reader(Config(server));
  const UrlObject object{"47", server.Url("/a")};
  EXPECT_EQ(reader.Open(object, "9:e:\"one\"").value()->Read(1, 3, {}).value(), "bcd");
  EXPECT_THAT(server.Requests().at(0), HasSubstr("Range: bytes=1-3\r\n"));
  EXPECT_THAT(server.Requests().at(0), HasSubstr("If-Match: \"one\"\r\n"));
  // A server that knows no conditions: another version, another size.
  EXPECT_EQ(CodeOf(reader.Open(object, "9:e:\"two\"").value()->Read(1, 3, {})),
            code::store_changed);
  EXPECT_EQ(CodeOf(reader.Open(object, "8:e:\"one\"").value()->Read(1, 3, {})),
            code::store_changed);
  for (const char* version : {"", "e:\"one\"", "x:e:\"one\"", "-1:e:\"one\""}) {
    EXPECT_EQ(CodeOf(reader.Open(object, version)), code::store_changed) << version;
  }
}

TEST(UrlReader, TakesTheTimeWhereThereIsNoStrongTag) {
  const std::string modified = "Last-Modified: Mon, 02 Jan 2023 03:04:05 GMT\r\n";
  std::string headers;
  ScriptedServer server([&](const std::string&) { return Part("a", "0-0/1", headers); });
  UrlReader reader(Config(server));
  const UrlObject object{"47", server.Url("/a")};
  headers = "ETag: W/\"one\"\r\n" + modified;
  const UrlStat stat = reader.Stat(object, {}).value();
  EXPECT_EQ(stat.version, "1:m:Mon, 02 Jan 2023 03:04:05 GMT");
  EXPECT_EQ(reader.Open(object, stat.version).value()->Read(0, 1, {}).value(), "a");
  EXPECT_THAT(server.Requests().at(1),
              HasSubstr("If-Unmodified-Since: Mon, 02 Jan 2023 03:04:05 GMT\r\n"));
  headers = "ETag: W/\"one\"\r\n";
  EXPECT_EQ(CodeOf(reader.Stat(object, {})), code::store_no_version);
}

TEST(UrlReader, SaysWhatBecameOfTheFile) {
  std::string answer;
  ScriptedServer server([&](const std::string&) { return answer; });
  UrlReader reader(Config(server));
  const UrlObject object{"47", server.Url("/a?signature")};
  const auto ranges = reader.Open(object, "9:e:\"one\"").value();
  const std::pair<std::string, std::string_view> cases[] = {
      {Plain("404 Not Found"), code::store_gone},
      {Plain("410 Gone"), code::store_gone},
      {Plain("412 Precondition Failed"), code::store_changed},
      {Plain("416 Range Not Satisfiable"), code::store_changed},
      {Plain("403 Forbidden"), code::store_refused},
      {Plain("302 Found"), code::store_refused},  // to nowhere
      {Plain("200 OK"), code::store_no_ranges},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcdefghi", code::store_no_ranges},
      {Part("abc", "1-3/9"), code::store_no_ranges},
      {Part("abc", "0-2/*"), code::store_no_ranges},
      {Part("abcd", "0-2/9"), code::store_no_ranges},
      {Part("ab", "0-2/9"), code::store_unavailable},
      {"HTTP/1.1 206 OK\r\nContent-Range: bytes 0-2/9\r\nETag: \"one\"\r\nContent-Length: "
       "3\r\n\r\nab",
       code::http_unreachable},
      {Part("abc", "0-2/9", ""), code::store_changed},
      {Plain("503 Busy"), code::store_unavailable},
  };
  for (const auto& [given, code] : cases) {
    answer = given;
    const auto read = ranges->Read(0, 3, {});
    EXPECT_EQ(CodeOf(read), code) << given;
    ASSERT_FALSE(read.ok());
    EXPECT_THAT(Text(read.error(), Language::kEnglish), Not(HasSubstr("signature")));
  }
  answer = Plain("404 Not Found");
  EXPECT_EQ(CodeOf(reader.Stat(object, {})), code::store_not_found);
  answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na";
  EXPECT_EQ(CodeOf(reader.Stat(object, {})), code::store_no_ranges);
}

TEST(UrlReader, TriesAgainWhenTheServerIsBusy) {
  int left = 2;
  ScriptedServer server(
      [&](const std::string&) { return left-- > 0 ? Plain("429 Slow Down") : Part("a", "0-0/1"); });
  UrlReader reader(Config(server));
  EXPECT_EQ(CodeOf(reader.Stat({"47", server.Url("/a")}, {})), "ok");
  EXPECT_EQ(server.Requests().size(), 3U);
}

// --- where it goes ---

TEST(UrlReader, AsksNobodyForWhatIsNotRegistered) {
  ScriptedServer server([](const std::string&) { return Part("a", "0-0/1"); });
  UrlReader reader(Config({"47 " + server.Url("/in/") + " private"}));
  EXPECT_EQ(CodeOf(reader.Stat({"48", server.Url("/in/a")}, {})), code::api_url_not_registered);
  EXPECT_EQ(CodeOf(reader.Stat({"47", server.Url("/a")}, {})), code::api_url_not_registered);
  EXPECT_EQ(CodeOf(reader.Stat({"47", server.Url("/in/../a")}, {})), code::http_url_malformed);
  EXPECT_EQ(CodeOf(reader.Open({"48", server.Url("/in/a")}, "1:e:\"one\"").value()->Read(0, 1, {})),
            code::api_url_not_registered);
  EXPECT_TRUE(server.Requests().empty());
  EXPECT_EQ(CodeOf(reader.Stat({"47", server.Url("/in/a")}, {})), "ok");
}

TEST(UrlReader, FollowsToRegisteredPlacesOnly) {
  std::string to;
  ScriptedServer server([&](const std::string& request) {
    if (request.starts_with("GET /in/end")) return Part("a", "0-0/1");
    return Plain("302 Found", "Location: " + to + "\r\n");
  });
  UrlReader reader(Config(
      {"47 " + server.Url("/in/") + " private", "48 " + server.Url("/other/") + " private"}));
  const UrlObject object{"47", server.Url("/in/start")};
  to = "end?x";
  EXPECT_EQ(CodeOf(reader.Stat(object, {})), "ok");
  EXPECT_THAT(server.Requests().at(1), HasSubstr("Range: bytes=0-0\r\n"));
  const std::pair<std::string, std::string_view> cases[] = {
      {"/other/end", code::api_url_not_registered},  // another tenant's
      {"/secret", code::api_url_not_registered},
      {"../secret", code::api_url_not_registered},
      {server.Url("/in/end", "localhost"), code::api_url_not_registered},
      {"//169.254.169.254/in/end", code::api_url_not_registered},
      {"/in/%2e%2e/secret", code::http_url_malformed},
      {"file:///etc/passwd", code::http_url_scheme},
      {"http://a:b@127.0.0.1/in/end", code::http_url_credentials},
      {"/in/start", code::http_too_many_redirects},
  };
  for (const auto& [target, code] : cases) {
    to = target;
    EXPECT_EQ(CodeOf(reader.Stat(object, {})), code) << target;
  }
  for (const std::string& request : server.Requests()) {
    EXPECT_THAT(request, testing::StartsWith("GET /in/"));
  }
}

TEST(UrlReader, ConnectsToPublicAddressesUnlessToldOtherwise) {
  ScriptedServer server([](const std::string&) { return Part("a", "0-0/1"); });
  for (const char* host :
       {"127.0.0.1", "127.1", "0x7f000001", "2130706433", "017700000001", "0.0.0.0", "[::1]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost", "169.254.169.254", "10.0.0.1",
        "192.168.0.1", "[fd00::1]", "[fe80::1]"}) {
    UrlReader reader(Config({"47 " + server.Url("/", host)}));
    EXPECT_EQ(CodeOf(reader.Stat({"47", server.Url("/a", host)}, {})), code::http_address_refused)
        << host;
  }
  EXPECT_TRUE(server.Requests().empty());
}

TEST(UrlReader, RefusesANameThatChangesItsMind) {
  ScriptedServer server([](const std::string&) { return Part("a", "0-0/1"); });
  // The first answer is public, and nobody is asked a second time for one connection.
  UrlReaderConfig config = Config({"47 " + server.Url("/", "rebind.example")});
  int asked = 0;
  config.resolve = [&](const std::string&) { return ++asked == 1 ? "203.0.113.1" : "127.0.0.1"; };
  UrlReader reader(config);
  const UrlObject object{"47", server.Url("/a", "rebind.example")};
  EXPECT_EQ(CodeOf(reader.Stat(object, {})), code::http_address_refused);  // documentation's
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(CodeOf(reader.Stat(object, {})), code::http_address_refused);
  EXPECT_TRUE(server.Requests().empty());
}

TEST(UrlReader, LeadsFromAPrivatePlaceToAPublicOneOnPublicAddresses) {
  ScriptedServer inner([](const std::string&) { return Part("a", "0-0/1"); });
  ScriptedServer outer([&](const std::string&) {
    return Plain("307 Found", "Location: " + inner.Url("/a", "public.example") + "\r\n");
  });
  UrlReaderConfig config =
      Config({"47 " + outer.Url("/") + " private", "47 " + inner.Url("/", "public.example")});
  config.resolve = [](const std::string&) { return "127.0.0.1"; };
  UrlReader reader(config);
  EXPECT_EQ(CodeOf(reader.Stat({"47", outer.Url("/a")}, {})), code::http_address_refused);
  EXPECT_EQ(outer.Requests().size(), 1U);
  EXPECT_TRUE(inner.Requests().empty());
}

}  // namespace
}  // namespace eclusa
