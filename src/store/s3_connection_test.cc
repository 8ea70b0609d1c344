// S3Connection and S3Ranges against answers that a real server does not give when asked to.
#include "store/s3_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/scripted_server.h"
#include "model/codes.h"
#include "store/s3_reader.h"

namespace eclusa {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string Reply(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

S3Config Config(const std::string& endpoint, int* waits) {
  S3Config config;
  config.endpoint = endpoint;
  config.region = "sa-east-1";
  config.bucket = "bucket";
  config.key = {"A", "S", ""};
  config.path_style = true;
  config.clock = {[waits](std::chrono::milliseconds, const std::stop_token&) {
                    ++*waits;
                    return true;
                  },
                  [] { return 0.5; }};
  return config;
}

S3Call Get() {
  S3Call call;
  call.method = "GET";
  call.object = "a/b";
  return call;
}

TEST(S3Connection, TriesAgainWhenTheStoreIsBusy) {
  int left = 2;
  ScriptedServer server([&](const std::string&) {
    return left-- > 0 ? Reply("503 Slow Down", "", "<Error><Code>SlowDown</Code></Error>")
                      : Reply("200 OK", "", "fine");
  });
  int waits = 0;
  const auto connection = S3Connection::Open(Config(server.Url(""), &waits)).value();
  EXPECT_EQ(connection->Send(Get()).value().body, "fine");
  EXPECT_EQ(waits, 2);
  left = 100;
  const auto outcome = connection->Send(Get());
  EXPECT_EQ(outcome.error().code(), code::store_unavailable);
  EXPECT_EQ(outcome.error().kind(), ErrorKind::kUnavailable);
  EXPECT_THAT(Text(outcome.error(), Language::kEnglish), HasSubstr("HTTP 503 SlowDown"));
  EXPECT_EQ(server.Requests().size(), 3U + 4U);
}

TEST(S3Connection, SendsABodyThatCannotComeAgainOnce) {
  ScriptedServer server([&](const std::string&) { return Reply("500 Oh", "", ""); });
  int waits = 0;
  const auto connection = S3Connection::Open(Config(server.Url(""), &waits)).value();
  S3Call call = Get();
  call.method = "PUT";
  call.body_size = 1;
  call.body_reader = [](std::span<char> out) -> Result<size_t> {
    out[0] = 'a';
    return size_t{1};
  };
  EXPECT_EQ(connection->Send(call).error().code(), code::store_unavailable);
  EXPECT_EQ(server.Requests().size(), 1U);
}

TEST(S3Connection, SaysThatTheServerIsGone) {
  uint16_t port = 0;
  {
    const ScriptedServer gone([](const std::string&) { return std::string(); });
    port = gone.port();
  }
  int waits = 0;
  const auto connection =
      S3Connection::Open(Config("http://127.0.0.1:" + std::to_string(port), &waits)).value();
  const auto outcome = connection->Send(Get());
  EXPECT_EQ(outcome.error().code(), code::http_unreachable);
  EXPECT_EQ(outcome.error().kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(waits, 3);
}

TEST(S3Connection, WritesBothStylesOfAddresses) {
  int waits = 0;
  S3Config config = Config("https://s3.example:8443", &waits);
  const auto expires = std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000));
  EXPECT_THAT(S3Connection::Open(config).value()->Presigned(Get(), expires),
              StartsWith("https://s3.example:8443/bucket/a/b?X-Amz-Algorithm="));
  config.path_style = false;
  EXPECT_THAT(S3Connection::Open(config).value()->Presigned(Get(), expires),
              StartsWith("https://bucket.s3.example:8443/a/b?X-Amz-Algorithm="));
  config.endpoint = "https://s3.example:443/";
  S3Call whole = Get();
  whole.object.clear();
  EXPECT_THAT(S3Connection::Open(config).value()->Presigned(whole, expires),
              StartsWith("https://bucket.s3.example/?X-Amz-Algorithm="));
}

TEST(S3Connection, SendsItsSecretToNobody) {
  ScriptedServer server([](const std::string&) { return Reply("200 OK", "", ""); });
  int waits = 0;
  S3Config config = Config(server.Url(""), &waits);
  config.key = {"access", "very-secret", "token"};
  ASSERT_TRUE(S3Connection::Open(config).value()->Send(Get()).ok());
  EXPECT_THAT(server.Requests().at(0), HasSubstr("Credential=access/"));
  EXPECT_THAT(server.Requests().at(0), HasSubstr("x-amz-security-token: token\r\n"));
  EXPECT_THAT(server.Requests().at(0), Not(HasSubstr("very-secret")));
  config.endpoint = "http://user:password@127.0.0.1";
  EXPECT_EQ(S3Connection::Open(config).error().code(), code::http_url_credentials);
  config.endpoint = "file:///tmp";
  EXPECT_EQ(S3Connection::Open(config).error().code(), code::http_url_scheme);
}

TEST(S3Connection, AsksWhereItMayConnect) {
  ScriptedServer server([](const std::string&) { return Reply("200 OK", "", ""); });
  int waits = 0;
  S3Config config = Config(server.Url(""), &waits);
  config.may_connect = [](const PeerAddress& peer) { return IsPublicAddress(peer.address); };
  const auto outcome = S3Connection::Open(config).value()->Send(Get());
  EXPECT_EQ(outcome.error().code(), code::http_address_refused);
}

TEST(S3Refusal, SaysWhatTheCallerCanDo) {
  const auto refusal = [](int status, const std::string& body) {
    ClientResponse answer;
    answer.status = status;
    answer.body = body;
    return S3Refusal("GET", "a/b", answer);
  };
  EXPECT_EQ(refusal(404, "").code(), code::store_not_found);
  EXPECT_EQ(refusal(404, "<Error><Code>NoSuchUpload</Code></Error>").code(),
            code::store_upload_unknown);
  EXPECT_EQ(refusal(404, "<Error><Code>NoSuchBucket</Code></Error>").code(), code::store_refused);
  EXPECT_EQ(refusal(412, "").code(), code::store_changed);
  const Error forbidden = refusal(403, "<Error><Code>AccessDenied</Code></Error>");
  EXPECT_EQ(forbidden.kind(), ErrorKind::kInvalid);
  EXPECT_THAT(Text(forbidden, Language::kEnglish), HasSubstr("HTTP 403 AccessDenied"));
}

// --- stores that do not do as they are asked ---

class Ranges : public testing::Test {
 protected:
  Result<std::string> Read(const std::string& answer) {
    server_ = std::make_unique<ScriptedServer>([answer](const std::string& request) {
      return request.starts_with("HEAD ")
                 ? "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 8\r\n\r\n"
                 : answer;
    });
    connection_ = S3Connection::Open(Config(server_->Url(""), &waits_)).value();
    return TRY(S3Ranges::Open(*connection_, {"a/b", "e:\"1\""}, {}))->Read(2, 3, {});
  }
  std::string_view CodeOfRead(const std::string& answer) {
    const auto outcome = Read(answer);
    code_ = outcome.ok() ? "ok" : outcome.error().code();
    return code_;
  }

  int waits_ = 0;
  std::string code_;
  std::unique_ptr<ScriptedServer> server_;
  std::unique_ptr<S3Connection> connection_;
};

TEST_F(Ranges, AskForOneVersionAndOneRange) {
  EXPECT_EQ(
      Read(Reply("206 Partial", "ETag: \"1\"\r\nContent-Range: bytes 2-4/8\r\n", "cde")).value(),
      "cde");
  EXPECT_THAT(server_->Requests().at(1), HasSubstr("If-Match: \"1\"\r\n"));
  EXPECT_THAT(server_->Requests().at(1), HasSubstr("Range: bytes=2-4\r\n"));
}

TEST_F(Ranges, BelieveNoAnswerAboutAnotherVersionOrPlace) {
  EXPECT_EQ(
      CodeOfRead(Reply("206 Partial", "ETag: \"2\"\r\nContent-Range: bytes 2-4/8\r\n", "cde")),
      code::store_changed);
  EXPECT_EQ(
      CodeOfRead(Reply("206 Partial", "ETag: \"1\"\r\nContent-Range: bytes 3-5/8\r\n", "cde")),
      code::store_unavailable);
  EXPECT_EQ(CodeOfRead(Reply("206 Partial", "ETag: \"1\"\r\nContent-Range: bytes 2-4/8\r\n", "cd")),
            code::store_unavailable);
  EXPECT_EQ(CodeOfRead(Reply("416 Range", "", "")), code::store_changed);
  EXPECT_EQ(CodeOfRead(Reply("412 Precondition", "", "")), code::store_changed);
  EXPECT_EQ(CodeOfRead(Reply("404 None", "", "")), code::store_gone);
  // The whole object instead of a range.
  EXPECT_NE(CodeOfRead(Reply("200 OK", "ETag: \"1\"\r\n", "abcdefgh")), "ok");
}

TEST_F(Ranges, TryAgainWhenTheBodyIsCutShort) {
  EXPECT_EQ(CodeOfRead("HTTP/1.1 206 Partial\r\nETag: \"1\"\r\nContent-Range: bytes 2-4/8\r\n"
                       "Content-Length: 3\r\n\r\nc"),
            code::http_unreachable);
  EXPECT_EQ(waits_, 3);
}

}  // namespace
}  // namespace eclusa
