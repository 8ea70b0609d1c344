// Needs PostgreSQL: tools/with_postgres.sh starts one.
#include "jobs/service.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/wait.h"
#include "jobs/jobs_fixture.h"

namespace eclusa {
namespace {

class ServiceTest : public JobsFixture {
 protected:
  Service Make(std::function<Status(Connection&)> run_once) {
    return {.name = "test",
            .lock = ServiceLock::kSweeper,
            .interval = std::chrono::milliseconds(5),
            .run_once = std::move(run_once),
            .patience = std::chrono::milliseconds(200)};
  }
};

TEST_F(ServiceTest, HasOneTurnAtATime) {
  std::atomic<int> at_once = 0;
  std::atomic<int> turns = 0;
  std::atomic<bool> overlapped = false;
  std::stop_source stop;
  const Service service = Make([&](Connection& session) -> Status {
    if (++at_once > 1) overlapped = true;
    TRY(session.Execute("SELECT 1"));
    --at_once;
    if (++turns >= 20) stop.request_stop();
    return Ok();
  });
  {
    const std::jthread one([&] { RunServices(Conninfo(), {service}, stop.get_token()); });
    const std::jthread other([&] { RunServices(Conninfo(), {service}, stop.get_token()); });
  }
  EXPECT_FALSE(overlapped);
}

// As a process does that is stopped in the middle of it.
TEST_F(ServiceTest, LosesItsTurnWhereItStandsStill) {
  std::atomic<bool> stands = false;
  std::stop_source woken;
  std::stop_source stop;
  const Service still = Make([&](Connection& session) -> Status {
    stands = true;
    WaitOrStop(std::chrono::hours(1), woken.get_token());
    TRY(session.Execute("SELECT 1"));
    return Ok();
  });
  const Service other = Make([&](Connection&) -> Status {
    stop.request_stop();
    return Ok();
  });
  const std::jthread first([&] { RunServices(Conninfo(), {still}, stop.get_token()); });
  while (!stands) std::this_thread::yield();
  RunServices(Conninfo(), {other}, stop.get_token());  // ends with its turn
  woken.request_stop();
  EXPECT_TRUE(stop.stop_requested());
}

}  // namespace
}  // namespace eclusa
