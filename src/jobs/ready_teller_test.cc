// Needs PostgreSQL: tools/with_postgres.sh starts one.
#include "jobs/ready_teller.h"

#include <gtest/gtest.h>

#include "jobs/jobs_fixture.h"

namespace eclusa {
namespace {

constexpr std::chrono::seconds kLong{30};

class ReadyTellerTest : public JobsFixture {
 protected:
  void SetUp() override {
    JobsFixture::SetUp();
    listener_.emplace(Connect());
    ASSERT_TRUE(ListenForReady(*listener_).ok());
  }
  void TearDown() override {
    listener_.reset();
    JobsFixture::TearDown();
  }
  bool Hears(std::chrono::milliseconds patience) {
    return listener_->WaitForNotification(patience).value();
  }
  std::optional<Connection> listener_;
};

TEST_F(ReadyTellerTest, TellsOthersButNotOfEachJob) {
  ReadyTeller teller(Conninfo());
  teller.Tell();
  EXPECT_TRUE(Hears(kLong));
  for (int i = 0; i < 1000; ++i) teller.Tell();
  EXPECT_TRUE(Hears(kLong));
  int more = 0;
  while (Hears(std::chrono::milliseconds(300))) ++more;
  EXPECT_LE(more, 1);
}

TEST_F(ReadyTellerTest, GoesOnWhenItsSessionIsLost) {
  ReadyTeller teller(Conninfo());
  teller.Tell();
  EXPECT_TRUE(Hears(kLong));
  Must(db(),
       "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'NOTIFY "
       "eclusa_ready' AND datname = current_database()");
  bool heard = false;
  for (int i = 0; i < 300 && !heard; ++i) {  // the first may find out that it is lost
    teller.Tell();
    heard = Hears(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(heard);
}

}  // namespace
}  // namespace eclusa
