#include "pg/connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stop_token>

#include "pg/test_database.h"

namespace eclusa {
namespace {

// The request to cancel may come before the server has begun the statement, and is then lost. That
// is a matter of chance: of two hundred, some came too early.
TEST(ConnectionOnServer, CancelsAStatementTheServerHasNotBegun) {
  TestDatabase database("connection");
  Connection& connection = database.connection();
  std::stop_source stop;
  stop.request_stop();
  for (int i = 0; i < 200; ++i) {
    connection.SetStopToken(stop.get_token());
    auto done = connection.Execute("SELECT pg_sleep(20)");
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().kind(), ErrorKind::kCancelled);
    connection.SetStopToken({});
    EXPECT_TRUE(connection.Execute("SELECT 1").ok());  // no request is left over for the next one
  }
}

TEST(ConnectionOnServer, PreparesWhatIsAskedOftenOnce) {
  TestDatabase database("connection_prepared");
  Connection& connection = database.connection();
  for (const char* value : {"1", "2"}) {
    auto answer = connection.QueryPrepared("SELECT $1::int + 1, $2::text", {value, Parameter()});
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->Int(0, 0), std::stoi(value) + 1);
    EXPECT_TRUE(answer->IsNull(0, 1));
  }
  EXPECT_FALSE(connection.QueryPrepared("SELECT nothing", {}).ok());
  EXPECT_FALSE(connection.QueryPrepared("SELECT nothing", {}).ok()) << "it was not prepared";
  auto prepared = connection.Execute("SELECT count(*) FROM pg_prepared_statements");
  EXPECT_EQ(prepared->Int(0, 0), 1);
}

TEST(ConnectionOnServer, CopiesRowsFromOneSessionToAnother) {
  TestDatabase database("connection_copy");
  database.Run("CREATE TABLE a (n int, t text); CREATE TABLE b (n int, t text)");
  database.Run("INSERT INTO a VALUES (1, E'tab\\t, line\\n, back\\\\'), (2, NULL), (3, '')");
  Connection other = database.Open();
  auto out = CopyOut::Begin(database.connection(), "COPY (SELECT * FROM a) TO STDOUT");
  auto in = CopyIn::Begin(other, "COPY b FROM STDIN");
  ASSERT_TRUE(out.ok() && in.ok());
  while (true) {
    auto row = out->Next();
    ASSERT_TRUE(row.ok());
    if (!*row) break;
    ASSERT_TRUE(in->Write(**row).ok());
  }
  EXPECT_EQ(std::move(*in).Finish().value(), 3);
  EXPECT_EQ(database.Text("SELECT count(*) FROM (TABLE a EXCEPT TABLE b) x"), "0");
}

TEST(ConnectionOnServer, GoesOnAfterACopyThatWasLeftOrBroke) {
  TestDatabase database("connection_copy_left");
  Connection& connection = database.connection();
  {
    auto out = CopyOut::Begin(connection, "COPY (SELECT generate_series(1, 9000000)) TO STDOUT");
    ASSERT_TRUE(out.ok());
    ASSERT_TRUE(out->Next().value());
  }
  EXPECT_EQ(database.Text("SELECT 7"), "7");
  auto broken = CopyOut::Begin(connection,
                               "COPY (SELECT 1 / (3 - n) FROM generate_series(1, 5) n) "
                               "TO STDOUT");
  auto row = broken->Next();
  while (row.ok() && *row) row = broken->Next();
  ASSERT_FALSE(row.ok());
  EXPECT_EQ(row.error().sql_state(), "22012");
  EXPECT_EQ(database.Text("SELECT 8"), "8");
}

TEST(ConnectionOnServer, GivesUpOnAHostThatSaysNothing) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const auto opened = Connection::Open(
      "host=127.0.0.1 connect_timeout=1 port=" + std::to_string(ntohs(address.sin_port)), {});
  close(listener);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), "database.unreachable");
}

}  // namespace
}  // namespace eclusa
