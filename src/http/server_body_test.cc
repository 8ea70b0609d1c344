// Bodies that are larger than memory should be: streamed up and down.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "http/server_fixture.h"

namespace eclusa::http {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr size_t kMiB = size_t{1} << 20;
// What a connection may hold of a streamed body: kSinkPiece and one read of connection.cc.
constexpr size_t kPieceMax = 256 << 10;

std::string ChunkedPutOf(std::string_view path) {
  return "PUT " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
}

size_t ResidentBytes() {
  size_t all = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

TEST(StreamedBody, PassesThroughBoundedMemory) {
  RunningServer server;
  RawClient client(server.address());
  const std::string mib(kMiB, 'a');
  client.Send(PutOf("/sink", 64 * kMiB));
  const size_t before = ResidentBytes();
  size_t most = 0;
  for (int i = 0; i < 64; ++i) {
    ASSERT_TRUE(client.Send(mib));
    most = std::max(most, ResidentBytes());
  }
  EXPECT_THAT(client.ReadResponse(), AllOf(StartsWith("HTTP/1.1 201 "), EndsWith("67108864")));
  EXPECT_LE(server.bodies.largest_piece, kPieceMax);
  EXPECT_LT(most, before + 16 * kMiB);
  client.Send(GetOf("/hello"));
  EXPECT_EQ(BodyOf(client.ReadResponse()), "hello");
  EXPECT_EQ(server.WaitForAccess(2)[0].bytes_in, 64 * kMiB);
}

TEST(StreamedBody, ComesInChunksToo) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(ChunkedPutOf("/sink"));
  const std::string chunk = "186a0\r\n" + std::string(100'000, 'a') + "\r\n";
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(client.Send(chunk));
  client.Send("0\r\n\r\n" + PutOf("/sink", 0));
  EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\n3000000"));
  EXPECT_LE(server.bodies.largest_piece, kPieceMax);
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 201 "));
  server.bodies.WaitForDestroyed(2);
  EXPECT_EQ(server.bodies.finished, 2);
}

TEST(StreamedBody, IsRefusedAtTheFirstByteTooMany) {
  RunningServer server;
  EXPECT_EQ(StatusOf(server.Exchange(PutOf("/sink", 64 * kMiB + 1))), 413);
  EXPECT_EQ(server.bodies.begun, 0);
  RawClient client(server.address());
  client.Send(ChunkedPutOf("/sink") + "4000000\r\n");
  const std::string mib(kMiB, 'a');
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(client.Send(mib));
  client.Send("\r\n1\r\nb");
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 413 "));
  server.bodies.WaitForDestroyed(1);
  EXPECT_EQ(server.bodies.finished, 0);
}

TEST(StreamedBody, NeedsALengthWhereTheRouteSaysSo) {
  RunningServer server;
  EXPECT_EQ(StatusOf(server.Exchange(ChunkedPutOf("/measured") + "0\r\n\r\n")), 411);
  RawClient client(server.address());
  client.Send(PutOf("/measured", 3) + "abc");
  EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\n3"));
}

TEST(StreamedBody, MayBeRefusedBeforeItIsRead) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(
      "PUT /sink/now HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n"
      "Expect: 100-continue\r\n\r\n");
  const std::string answer = client.ReadAll();
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("Connection: close\r\n")));
  EXPECT_EQ(server.bodies.begun, 0);
}

TEST(StreamedBody, IsAskedForOnceThereIsASink) {
  RunningServer server;
  RawClient client(server.address());
  client.Send("PUT /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.ReadResponse(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(server.bodies.begun, 1);
  client.Send("abc");
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 201 "));
}

TEST(StreamedBody, MayBeAnsweredHalfWay) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(PutOf("/sink/early", 8 * kMiB));
  ASSERT_TRUE(client.Send(std::string(8 * kMiB, 'a')));
  EXPECT_THAT(client.ReadAll(), AllOf(StartsWith("HTTP/1.1 422 "), EndsWith("enough")));
  server.bodies.WaitForDestroyed(1);
  EXPECT_LE(server.bodies.bytes, kPieceMax);
  EXPECT_EQ(server.bodies.finished, 0);
}

TEST(StreamedBody, EndsWithTheSinksFailure) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(PutOf("/sink/fail", 3) + "abc");
  EXPECT_THAT(client.ReadResponse(), AllOf(StartsWith("HTTP/1.1 503 "), Not(HasSubstr("secret"))));
  EXPECT_EQ(server.WaitForAccess(1)[0].error_code, "secret.code");
  server.bodies.WaitForDestroyed(1);
}

TEST(StreamedBody, IsUndoneWhenTheClientGoes) {
  RunningServer server;
  for (const std::string& head : {PutOf("/sink", 8 * kMiB), ChunkedPutOf("/sink") + "800000\r\n"}) {
    RawClient client(server.address());
    client.Send(head + std::string(kMiB, 'a'));
    client.Close();
  }
  server.bodies.WaitForDestroyed(2);
  EXPECT_EQ(server.bodies.finished, 0);
  EXPECT_EQ(server.WaitForAccess(2)[0].outcome, AccessOutcome::kClientGone);
  EXPECT_EQ(server.WaitForAccess(2)[0].status, 0);
}

// --- answers -----------------------------------------------------------------------------------

TEST(PullBody, IsSentInChunksOrWithItsLength) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(GetOf("/pull/chunks"));
  const std::string chunked = client.ReadResponse();
  EXPECT_THAT(chunked, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(BodyOf(chunked).size(), 800'000U);
  EXPECT_THAT(chunked, EndsWith(std::string(100'000, 'h')));
  client.Send(GetOf("/pull/sized"));
  const std::string sized = client.ReadResponse();
  EXPECT_THAT(sized, HasSubstr("Content-Length: 800000\r\n"));
  EXPECT_EQ(BodyOf(sized), BodyOf(chunked));
  client.Send(GetOf("/hello"));
  EXPECT_EQ(BodyOf(client.ReadResponse()), "hello");
  server.bodies.WaitForDestroyed(2);
}

TEST(PullBody, IsCutOffWhereItFails) {
  RunningServer server;
  const std::string failed = server.Exchange(GetOf("/pull/fails"));
  EXPECT_THAT(failed, AllOf(StartsWith("HTTP/1.1 200 "), Not(EndsWith("0\r\n\r\n"))));
  EXPECT_EQ(CountOf(failed, "186a0\r\n"), 3);
  EXPECT_THAT(server.Exchange(GetOf("/pull/short")), Not(HasSubstr("timeout")));
  const auto accesses = server.WaitForAccess(2);
  EXPECT_EQ(accesses[0].outcome, AccessOutcome::kBroken);
  EXPECT_EQ(accesses[0].error_code, "secret.code");
  EXPECT_EQ(accesses[1].outcome, AccessOutcome::kBroken);
  EXPECT_EQ(accesses[1].error_code, "http.pull_length");
}

TEST(PullBody, CanStillBeRefusedAtItsFirstPiece) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(GetOf("/pull/first"));
  EXPECT_THAT(client.ReadResponse(), AllOf(StartsWith("HTTP/1.1 500 "), HasSubstr("http.internal"),
                                           Not(HasSubstr("secret"))));
}

TEST(PullBody, EndsWhenTheClientGoes) {
  RunningServer server;
  RawClient client(server.address());
  client.Send(GetOf("/pull/endless"));
  client.Close();
  server.bodies.WaitForDestroyed(1);
  EXPECT_EQ(server.WaitForAccess(1)[0].outcome, AccessOutcome::kClientGone);
}

TEST(PullBody, EndsWhenTheClientStopsReading) {
  RunningServer server({.write_timeout = std::chrono::milliseconds(50)});
  RawClient client(server.address());
  client.Send(GetOf("/pull/endless"));
  server.bodies.WaitForDestroyed(1);
  EXPECT_EQ(server.WaitForAccess(1)[0].outcome, AccessOutcome::kTimedOut);
}

}  // namespace
}  // namespace eclusa::http
