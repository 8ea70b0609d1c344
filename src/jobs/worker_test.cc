#include "jobs/worker.h"

#include <gtest/gtest.h>

#include <thread>

#include "jobs/jobs_fixture.h"

namespace eclusa {
namespace {

constexpr std::chrono::milliseconds kSoon{20};

class WorkerTest : public JobsFixture {
 protected:
  void TearDown() override {
    StopWorker();
    JobsFixture::TearDown();
  }

  void StartWorker(std::chrono::milliseconds finish_within = std::chrono::milliseconds(0)) {
    worker_.emplace(
        WorkerConfig{.conninfo = Conninfo(),
                     .slots = 2,
                     .lease = std::chrono::milliseconds(3000),
                     .poll = kSoon,
                     .finish_within = finish_within,
                     .rescuer = {.tries_max = 3, .retry_after = kSoon, .retry_after_max = kSoon},
                     .open_stored = {},
                     .services = {}});
    thread_ = std::jthread([this](const std::stop_token& stop) {
      const Status done = worker_->Run(stop);
      EXPECT_TRUE(done.ok()) << done.error().code();
    });
  }
  void StopWorker() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

  // Until the query says so; the server's own clock does the waiting.
  void WaitFor(const std::string& condition) {
    for (int i = 0; i < 3000; ++i) {
      if (Ask("SELECT " + condition) == "t") return;
      Must(db(), "SELECT pg_sleep(0.01)");
    }
    FAIL() << "never came true: " << condition << "; events: "
           << Ask("SELECT string_agg(concat_ws(' ', event, detail), ', ') FROM eclusa.job_events");
  }
  void WaitForState(int64_t job, const std::string& state) {
    WaitFor("state = '" + state + "' FROM eclusa.jobs WHERE id = " + std::to_string(job));
  }
  // A job that waits for `people` in its merge, for as long as `holder` has the table.
  int64_t EnqueueBlocked(Connection& holder) {
    const int64_t job = EnqueueLoad(WriteFile("blocked.csv", "id,name\n1,a\nx,b\n"));
    Must(holder, "BEGIN");
    Must(holder, "LOCK TABLE people IN ACCESS EXCLUSIVE MODE");
    return job;
  }
  void WaitUntilBlocked() {
    WaitFor(
        "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
        "current_database() AND application_name LIKE 'eclusa worker %')");
  }

  std::optional<Worker> worker_;
  std::jthread thread_;
};

TEST_F(WorkerTest, LoadsWhatIsQueued) {
  const int64_t good = EnqueueLoad(WriteFile("good.csv", "id,name\n1,a\n2,b\n"));
  const int64_t mixed = EnqueueLoad(WriteFile("mixed.csv", "id,name\n3,c\nx,d\n"));
  StartWorker();
  WaitForState(good, "SUCCEEDED");
  WaitForState(mixed, "SUCCEEDED_WITH_FAILURES");
  EXPECT_EQ(Ask("SELECT string_agg(id::text, ',' ORDER BY id) FROM people"), "1,2,3");
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.running"), "0");
  StopWorker();
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.workers"), "0");
}

TEST_F(WorkerTest, FailsWhatCannotWork) {
  const std::string path = WriteFile("gone.csv", "id,name\n1,a\n");
  const int64_t job = EnqueueLoad(path);
  std::filesystem::remove(path);
  StartWorker();
  WaitForState(job, "FAILED");
  EXPECT_EQ(Ask("SELECT attempt FROM eclusa.jobs"), "1");
}

TEST_F(WorkerTest, GivesBackWhatItCannotEndInTime) {
  Connection holder = Connect();
  const int64_t job = EnqueueBlocked(holder);
  StartWorker();
  WaitUntilBlocked();
  StopWorker();
  EXPECT_EQ(StateOf(job), "QUEUED");
  EXPECT_EQ(Ask("SELECT tries FROM eclusa.queue"), "0");
  EXPECT_EQ(Ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'eclusa_stage'"), "0");
  Must(holder, "COMMIT");
  StartWorker();
  WaitForState(job, "SUCCEEDED_WITH_FAILURES");
  EXPECT_EQ(Ask("SELECT attempt FROM eclusa.jobs"), "2");
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.failures"), "1");
}

TEST_F(WorkerTest, StopsAJobThatWasCancelled) {
  Connection holder = Connect();
  const int64_t job = EnqueueBlocked(holder);
  StartWorker();
  WaitUntilBlocked();
  ASSERT_EQ(RequestCancel(db(), job, "test").value(), CancelAnswer::kRequested);
  WaitForState(job, "CANCELED");
  Must(holder, "COMMIT");
  EXPECT_EQ(Ask("SELECT count(*) FROM people"), "0");
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.running"), "0");
}

TEST_F(WorkerTest, WritesNothingMoreWhenItsLeaseIsLost) {
  Connection holder = Connect();
  const int64_t job = EnqueueBlocked(holder);
  StartWorker();
  WaitUntilBlocked();
  Must(db(), "UPDATE eclusa.workers SET lease_until = clock_timestamp() - interval '1 s'");
  WaitFor("attempt = 2 FROM eclusa.jobs");
  Must(holder, "COMMIT");
  WaitForState(job, "SUCCEEDED_WITH_FAILURES");
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.ledger"), "1");
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.failures"), "1");
  EXPECT_EQ(Ask("SELECT detail ->> 'why' FROM eclusa.job_events WHERE event = 'give_back'"),
            "lease_expired");
}

TEST_F(WorkerTest, TriesAgainWhatWasOutOfReach) {
  Connection holder = Connect();
  const int64_t job = EnqueueBlocked(holder);
  StartWorker();
  WaitUntilBlocked();
  Must(db(),
       "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
       "datname = current_database()");
  WaitFor("attempt = 2 FROM eclusa.jobs");
  Must(holder, "COMMIT");
  WaitForState(job, "SUCCEEDED_WITH_FAILURES");
  EXPECT_EQ(Ask("SELECT detail ->> 'tries' FROM eclusa.job_events WHERE event = 'give_back'"), "1");
}

TEST_F(WorkerTest, RefusesASetupThatCannotWork) {
  EXPECT_EQ(Worker({.conninfo = Conninfo(), .slots = 0}).Run({}).error().code(),
            "config.bad_value");
}

}  // namespace
}  // namespace eclusa
