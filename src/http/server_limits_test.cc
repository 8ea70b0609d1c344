// Bad days: slow clients, too many of them, the end of the server; and the other kinds of sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

#include "http/client_rate.h"
#include "http/server_fixture.h"
#include "io/test_folder.h"

namespace eclusa::http {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-global-names-in-headers)
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kPost = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n";

TEST(SlowClient, IsToldThatItsHeadDidNotCome) {
  RunningServer server({.head_timeout = 300ms});
  EXPECT_THAT(server.Exchange("GET /hello HT"),
              AllOf(StartsWith("HTTP/1.1 408 "), HasSubstr("Connection: close\r\n")));
  EXPECT_EQ(server.Exchange(""), "");  // nothing was asked, nothing is answered
  EXPECT_EQ(server.WaitForAccess(1)[0].refusal_code, "http.timeout");
}

TEST(SlowClient, IsClosedWhenIdle) {
  RunningServer server({.idle_timeout = 50ms});
  RawClient client(server.address());
  client.Send(kGetHello);
  EXPECT_EQ(BodyOf(client.ReadResponse()), "hello");
  EXPECT_EQ(client.ReadAll(), "");
}

TEST(SlowClient, IsToldThatItsBodyDidNotCome) {
  RunningServer server({.body_timeout = 50ms});
  EXPECT_THAT(server.Exchange(std::string(kPost) + "abc"), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(server.Exchange(PutOf("/sink", 9) + "abc"), StartsWith("HTTP/1.1 408 "));
  server.bodies.WaitForDestroyed(1);
  EXPECT_EQ(server.bodies.finished, 0);
}

TEST(SlowClient, IsToldThatItsBodyComesTooSlowly) {
  // Silence would be borne for an hour; the rate is what ends it.
  RunningServer server({.body_timeout = 1h, .bytes_per_second_min = 1 << 30, .rate_grace = 50ms});
  EXPECT_THAT(server.Exchange(PutOf("/sink", 9) + "a"), StartsWith("HTTP/1.1 408 "));
  server.bodies.WaitForDestroyed(1);
}

TEST(SlowClient, HarmsNobodyElse) {
  RunningServer server({.pool_threads = 2});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 300; ++i) {
    slow.push_back(std::make_unique<RawClient>(server.address()));
    const std::string begin[] = {"GET /hello HTTP/1.1\r\nHo", std::string(kPost), "G",
                                 PutOf("/sink", 9)};
    ASSERT_TRUE(slow.back()->Send(begin[i % 4]));
  }
  RawClient client(server.address());
  for (int i = 0; i < 100; ++i) {
    client.Send(kGetHello);
    ASSERT_EQ(BodyOf(client.ReadResponse()), "hello");
  }
}

TEST(ClientRate, LeavesTheTimeThatBytesHaveEarned) {
  const ServerConfig config{.bytes_per_second_min = 1000, .rate_grace = 10s};
  const ClientRate::Clock::time_point start;
  ClientRate rate;
  EXPECT_EQ(rate.Begin(config, 30s, start), 10s);
  EXPECT_EQ(rate.Begin(config, 5s, start), 5s);
  rate.End(4000, start + 8s);  // 10 s and 4 s earned, 8 s used
  EXPECT_EQ(rate.Begin(config, 30s, start + 1h), 6s);
  rate.End(0, start + 1h + 7s);
  EXPECT_EQ(rate.Begin(config, 30s, start + 2h), 0s);
}

// --- limits ------------------------------------------------------------------------------------

TEST(Limits, RefuseMoreConnectionsThanThereMayBe) {
  RunningServer server({.connections_max = 2});
  RawClient first(server.address());
  RawClient second(server.address());
  first.Send(kGetHello);
  first.ReadResponse();
  second.Send(kGetHello);
  second.ReadResponse();
  EXPECT_THAT(server.Exchange(""), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: ")));
  first.Send("GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  first.ReadAll();
  first.Close();
  // When the server has noticed that it is gone, there is room.
  std::string answer;
  do {
    answer = server.Exchange("GET /hello HTTP/1.0\r\n\r\n");
  } while (StatusOf(answer) == 503);
  EXPECT_THAT(answer, EndsWith("hello"));
}

TEST(Limits, RefuseMoreConnectionsOfOneAddress) {
  const TestFolder folder;
  RunningServer server(
      {.listen = {"127.0.0.1:0", "unix:" + folder.At("s")}, .connections_per_address = 1});
  RawClient first(server.address());
  first.Send(kGetHello);
  first.ReadResponse();
  EXPECT_THAT(server.Exchange(""), StartsWith("HTTP/1.1 429 "));
  RawClient local_a(server.addresses()[1]);
  RawClient local_b(server.addresses()[1]);
  local_a.Send(kGetHello);
  local_b.Send(kGetHello);
  EXPECT_THAT(local_a.ReadResponse(), EndsWith("hello"));
  EXPECT_THAT(local_b.ReadResponse(), EndsWith("hello"));
}

TEST(Limits, RefuseMoreRequestsThanMayWait) {
  RunningServer server({.pool_threads = 1, .waiting_max = 1});
  RawClient running(server.address());
  running.Send(GetOf("/gate"));
  server.gate.WaitFor(1);
  // Of two more, one waits and one is refused; which of them is not said.
  RawClient clients[2] = {RawClient(server.address()), RawClient(server.address())};
  for (RawClient& client : clients) client.Send(kGetHello);
  EXPECT_EQ(server.WaitForAccess(1)[0].refusal_code, "http.busy");
  server.gate.Open();
  EXPECT_EQ(BodyOf(running.ReadResponse()), "passed");
  const std::string answers[2] = {clients[0].ReadResponse(), clients[1].ReadResponse()};
  EXPECT_EQ(StatusOf(answers[0]) + StatusOf(answers[1]), 200 + 503);
  EXPECT_THAT(answers[StatusOf(answers[0]) == 503 ? 0 : 1], HasSubstr("Retry-After: 1\r\n"));
  for (RawClient& client : clients) {
    client.Send(kGetHello);  // a refusal does not end the connection
    EXPECT_EQ(BodyOf(client.ReadResponse()), "hello");
  }
}

TEST(Limits, EndAConnectionAfterItsRequests) {
  RunningServer server({.requests_per_connection = 2});
  RawClient client(server.address());
  client.Send(std::string(kGetHello) + std::string(kGetHello) + std::string(kGetHello));
  EXPECT_EQ(CountOf(client.ReadAll(), "HTTP/1.1 200 "), 2);
}

// --- the end -----------------------------------------------------------------------------------

TEST(Stop, LetsWhatRunsFinish) {
  RunningServer server;
  RawClient idle(server.address());
  idle.Send(kGetHello);
  idle.ReadResponse();
  RawClient running(server.address());
  running.Send(GetOf("/gate"));
  server.gate.WaitFor(1);
  server.RequestStop();
  EXPECT_EQ(idle.ReadAll(), "");
  // The idle connection is closed after the listener.
  EXPECT_FALSE(RawClient(server.address()).connected());
  server.gate.Open();
  EXPECT_THAT(running.ReadAll(), AllOf(HasSubstr("Connection: close\r\n"), EndsWith("passed")));
  running.Close();
  server.Join();
}

TEST(Stop, AsksHandlersToEndAfterItsTime) {
  RunningServer server({.stop_timeout = 50ms});
  RawClient running(server.address());
  running.Send(GetOf("/until-stopped"));
  RawClient half(server.address());
  half.Send("PUT /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(StatusOf(half.ReadResponse()), 100);
  half.Send("abc");
  RawClient pulling(server.address());
  pulling.Send(GetOf("/pull/endless"));
  EXPECT_TRUE(pulling.ReadMore());
  server.gate.WaitFor(1);
  server.RequestStop();
  server.Join();
  EXPECT_EQ(running.ReadAll(), "");
  EXPECT_EQ(server.bodies.finished, 0);
  EXPECT_EQ(server.bodies.destroyed, 2);
  for (const LoggedAccess& access : server.WaitForAccess(3)) {
    EXPECT_EQ(access.outcome, AccessOutcome::kStopped);
  }
}

// --- sockets -----------------------------------------------------------------------------------

std::string CodeOfOpening(ServerConfig config) {
  auto server = Server::Open(std::move(config), Router({}));
  return server.ok() ? "ok" : server.error().code();
}

TEST(Listening, WorksOnEveryKindOfAddress) {
  const TestFolder folder;
  RunningServer server({.listen = {"127.0.0.1:0", "[::1]:0", "unix:" + folder.At("s")}});
  EXPECT_THAT(server.addresses()[1], StartsWith("[::1]:"));
  const std::string peers[] = {"127.0.0.1", "::1", "unix"};
  for (size_t i = 0; i < 3; ++i) {
    RawClient client(server.addresses()[i]);
    client.Send(GetOf("/echo/x"));
    EXPECT_THAT(client.ReadResponse(), HasSubstr("peer=" + peers[i] + " "));
  }
  server.RequestStop();
  server.Join();
  EXPECT_FALSE(std::filesystem::exists(folder.At("s")));
}

TEST(Listening, SaysWhyItCannot) {
  for (const char* const address :
       {"", "x", "127.0.0.1", "127.0.0.1:x", "::1:80", "name:80", "127.0.0.1:70000", "unix:"}) {
    EXPECT_EQ(CodeOfOpening({.listen = {address}}), "http.listen_address") << address;
  }
  RunningServer server;
  EXPECT_EQ(CodeOfOpening({.listen = {server.address()}}), "http.listen_failed");
  EXPECT_EQ(CodeOfOpening({.listen = {"unix:/nowhere/at/all"}}), "http.listen_failed");
}

TEST(Listening, ReplacesAUnixSocketThatNobodyListensTo) {
  const TestFolder folder;
  const std::string path = folder.At("s");
  sockaddr_un name{.sun_family = AF_UNIX};
  path.copy(name.sun_path, sizeof(name.sun_path) - 1);
  const int dead = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(dead, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  close(dead);
  RunningServer server({.listen = {"unix:" + path}});
  RawClient client(server.address());
  client.Send(kGetHello);
  EXPECT_THAT(client.ReadResponse(), EndsWith("hello"));
  EXPECT_EQ(CodeOfOpening({.listen = {"unix:" + path}}), "http.listen_failed");
}

// A certificate for this test alone, and its key.
void WriteCertificate(const TestFolder& folder) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  FILE* file = fopen(folder.At("cert.pem").c_str(), "w");
  PEM_write_X509(file, certificate);
  fclose(file);
  file = fopen(folder.At("key.pem").c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

TEST(Tls, CarriesRequests) {
  const TestFolder folder;
  WriteCertificate(folder);
  RunningServer server({.tls_certificate = folder.At("cert.pem"), .tls_key = folder.At("key.pem")});
  RawClient client(server.address(), true);
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.tls_version(), "TLSv1.3");
  client.Send(GetOf("/echo/x"));
  EXPECT_THAT(client.ReadResponse(), HasSubstr("secure=yes"));
  client.Send(GetOf("/pull/chunks"));
  EXPECT_EQ(BodyOf(client.ReadResponse()).size(), 800'000U);
  client.Send(PutOf("/sink", 5000000));
  ASSERT_TRUE(client.Send(std::string(5'000'000, 'a')));
  EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\n5000000"));
  // Refused with its body unread: the answer comes all the same.
  client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
  client.Send(std::string(100'000, 'a'));
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 413 "));
}

// The read that is cancelled for it must leave the session fit for the answer.
TEST(Tls, TellsSlowClientsToo) {
  const TestFolder folder;
  WriteCertificate(folder);
  RunningServer server({.tls_certificate = folder.At("cert.pem"),
                        .tls_key = folder.At("key.pem"),
                        .head_timeout = 300ms});
  RawClient client(server.address(), true);
  client.Send("GET /hello HT");
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 408 "));
}

TEST(Tls, IsNotSpokenInClear) {
  const TestFolder folder;
  WriteCertificate(folder);
  RunningServer server({.tls_certificate = folder.At("cert.pem"), .tls_key = folder.At("key.pem")});
  EXPECT_EQ(StatusOf(server.Exchange(kGetHello)), 0);
  RunningServer plain;
  EXPECT_FALSE(RawClient(plain.address(), true).connected());
}

TEST(Tls, SaysWhichFileIsWrong) {
  const TestFolder folder;
  WriteCertificate(folder);
  EXPECT_EQ(
      CodeOfOpening({.tls_certificate = folder.At("no.pem"), .tls_key = folder.At("key.pem")}),
      "http.tls_file");
  EXPECT_EQ(CodeOfOpening({.tls_certificate = folder.At("cert.pem"),
                           .tls_key = folder.Write("bad.pem", "no key")}),
            "http.tls_file");
}

}  // namespace
}  // namespace eclusa::http
