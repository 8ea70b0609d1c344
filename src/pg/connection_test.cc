#include "pg/connection.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace eclusa
