#include "jobs/rescuer.h"

#include <gtest/gtest.h>

#include "jobs/jobs_fixture.h"
#include "jobs/lease.h"

namespace eclusa {
namespace {

class RescuerTest : public JobsFixture {
 protected:
  void EndLease(int64_t worker) {
    Must(db(),
         "UPDATE eclusa.workers SET lease_until = clock_timestamp() - interval '1 s' WHERE id = " +
             std::to_string(worker));
  }
  RescueCounts Rescue(int tries_max = 5) {
    auto done =
        RescueJobs(db(), {.tries_max = tries_max, .retry_after = {}, .retry_after_max = {}});
    CHECK(done.ok());
    return *done;
  }
};

TEST_F(RescuerTest, LeavesAWorkerAloneWhoseLeaseLasts) {
  const int64_t job = EnqueueAny();
  Claim(AddWorker());
  EXPECT_EQ(Rescue().workers, 0);
  EXPECT_EQ(StateOf(job), "LOADING");
}

TEST_F(RescuerTest, GivesTheJobsOfALostWorkerToOthers) {
  const int64_t job = EnqueueAny();
  const int64_t worker = AddWorker();
  Claim(worker);
  EndLease(worker);
  const RescueCounts counts = Rescue();
  EXPECT_EQ(counts.workers, 1);
  EXPECT_EQ(counts.requeued, 1);
  EXPECT_EQ(EventsOf(job), "enqueue start give_back");
  EXPECT_EQ(Claim(AddWorker()), job);
}

TEST_F(RescuerTest, FailsAJobThatWasTriedTooOften) {
  const int64_t job = EnqueueAny();
  for (int i = 0; i < 2; ++i) {
    const int64_t worker = AddWorker();
    ASSERT_EQ(Claim(worker), job);
    EndLease(worker);
    Rescue(/*tries_max=*/2);
  }
  EXPECT_EQ(StateOf(job), "FAILED");
  EXPECT_EQ(Ask("SELECT error ->> 'code' FROM eclusa.jobs"), "job.tries_exhausted");
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.running"), "0");
}

TEST_F(RescuerTest, CancelsWhereThatHadBeenAskedFor) {
  const int64_t job = EnqueueAny();
  const int64_t worker = AddWorker();
  Claim(worker);
  ASSERT_TRUE(RequestCancel(db(), job, "test").ok());
  EndLease(worker);
  EXPECT_EQ(Rescue().cancelled, 1);
  EXPECT_EQ(StateOf(job), "CANCELED");
}

TEST_F(RescuerTest, ForgetsRequestsToStopWhatHasEnded) {
  const int64_t ended = EnqueueAny();
  const int64_t running = EnqueueAny();
  const int64_t worker = AddWorker();
  ASSERT_EQ(Claim(worker), ended);
  ASSERT_EQ(Claim(worker), running);
  ASSERT_TRUE(RequestCancel(db(), ended, "test").ok());
  ASSERT_TRUE(RequestCancel(db(), running, "test").ok());
  ASSERT_TRUE(CancelJob(db(), {ended, 1}).ok());
  Rescue();
  EXPECT_EQ(Ask("SELECT string_agg(job_id::text, ' ') FROM eclusa.cancel_requests"),
            std::to_string(running));
}

TEST_F(RescuerTest, EndsTheSessionsOfAWorkerThatStandsStill) {
  const int64_t job = EnqueueAny();
  const int64_t worker = AddWorker();
  Claim(worker);
  auto still = Connection::Open(Conninfo(), {}, Lease::SessionName(worker));
  ASSERT_TRUE(still.ok());
  Must(*still, "BEGIN");
  Must(*still, "SELECT FROM eclusa.jobs WHERE id = " + std::to_string(job) + " FOR UPDATE");
  EndLease(worker);
  // Its session is told to end; as long as it holds the row, the job waits for the next turn.
  int turns = 0;
  while (StateOf(job) != "QUEUED" && turns++ < 1000) Rescue();
  EXPECT_EQ(StateOf(job), "QUEUED");
  EXPECT_FALSE(still->Execute("SELECT 1").ok());
}

TEST_F(RescuerTest, LeavesAJobWhoseRowSomebodyElseHolds) {
  const int64_t job = EnqueueAny();
  const int64_t worker = AddWorker();
  Claim(worker);
  EndLease(worker);
  Connection other = Connect();
  Must(other, "BEGIN");
  Must(other, "SELECT FROM eclusa.jobs WHERE id = " + std::to_string(job) + " FOR UPDATE");
  EXPECT_EQ(Rescue().left, 1);
  Must(other, "COMMIT");
  EXPECT_EQ(Rescue().requeued, 1);
}

}  // namespace
}  // namespace eclusa
