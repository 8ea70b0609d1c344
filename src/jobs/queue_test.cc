#include "jobs/queue.h"

#include <gtest/gtest.h>

#include "jobs/jobs_fixture.h"

namespace eclusa {
namespace {

class QueueTest : public JobsFixture {};

TEST_F(QueueTest, GivesTheOldestFirst) {
  const int64_t first = EnqueueAny();
  const int64_t second = EnqueueAny();
  const int64_t worker = AddWorker();
  EXPECT_EQ(Claim(worker), first);
  EXPECT_EQ(Claim(worker), second);
  EXPECT_EQ(Claim(worker), 0);
  EXPECT_EQ(StateOf(first), "LOADING");
  EXPECT_EQ(EventsOf(first), "enqueue start");
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.queue"), "0");
}

TEST_F(QueueTest, GivesTheHigherPriorityFirst) {
  EnqueueAny("", 0);
  const int64_t urgent = EnqueueAny("", 5);
  EXPECT_EQ(Claim(AddWorker()), urgent);
}

TEST_F(QueueTest, TakesTurnsBetweenTenants) {
  const int64_t worker = AddWorker();
  EnqueueAny("big", 9);
  EnqueueAny("big", 9);
  EnqueueAny("big", 9);
  const int64_t small = EnqueueAny("small", 0);
  Claim(worker);
  EXPECT_EQ(Claim(worker), small);
}

TEST_F(QueueTest, TakesTurnsBetweenTenantsWhereOneJobRunsAtATime) {
  const int64_t worker = AddWorker();
  EnqueueAny("big", 9);
  EnqueueAny("big", 9);
  const int64_t third = EnqueueAny("big", 9);
  const auto claim_and_end = [&] {
    const int64_t job = Claim(worker);
    Must(db(), "DELETE FROM eclusa.running");
    return job;
  };
  claim_and_end();
  const int64_t small = EnqueueAny("small", 0);
  const int64_t other = EnqueueAny("small", 0);
  EXPECT_EQ(claim_and_end(), small);
  claim_and_end();
  EXPECT_EQ(claim_and_end(), other);
  EXPECT_EQ(claim_and_end(), third);
}

TEST_F(QueueTest, GivesEachJobOnce) {
  for (int i = 0; i < 20; ++i) EnqueueAny("t" + std::to_string(i % 3));
  Connection other = Connect();
  const int64_t worker = AddWorker();
  // Two sessions whose claims are not committed yet: neither waits, neither takes the same.
  Must(db(), "BEGIN");
  Must(other, "BEGIN");
  std::set<int64_t> taken;
  for (int i = 0; i < 10; ++i) {
    for (Connection* session : {&db(), &other}) {
      auto claimed = ClaimJob(*session, worker);
      ASSERT_TRUE(claimed.ok() && *claimed);
      taken.insert((*claimed)->job.id);
    }
  }
  EXPECT_EQ(taken.size(), 20U);
  Must(db(), "COMMIT");
  Must(other, "COMMIT");
}

TEST_F(QueueTest, GivesNothingToAWorkerWhoseLeaseIsOver) {
  EnqueueAny();
  EXPECT_EQ(Claim(AddWorker(-1)), 0);
  EXPECT_NE(Claim(AddWorker()), 0);
}

TEST_F(QueueTest, KeepsARequeuedJobUntilItsTimeHasCome) {
  const int64_t job = EnqueueAny();
  const int64_t worker = AddWorker();
  auto claimed = ClaimJob(db(), worker);
  ASSERT_TRUE(claimed.ok() && *claimed);
  ASSERT_TRUE(
      RequeueJob(db(), (*claimed)->job, {.tries = 1, .delay = std::chrono::hours(1), .why = "test"})
          .ok());
  EXPECT_EQ(StateOf(job), "QUEUED");
  EXPECT_EQ(Claim(worker), 0);
  Must(db(), "UPDATE eclusa.queue SET ready_at = clock_timestamp()");
  claimed = ClaimJob(db(), worker);
  ASSERT_TRUE(claimed.ok() && *claimed);
  EXPECT_EQ((*claimed)->job.attempt, 2);
  EXPECT_EQ((*claimed)->tries, 1);
  // The first attempt owns it no more.
  EXPECT_EQ(RequeueJob(db(), {job, 1}, {.why = "test"}).error().code(), "job.taken_over");
}

TEST_F(QueueTest, CancelsAJobThatWaitsAtOnce) {
  const int64_t job = EnqueueAny();
  EXPECT_EQ(RequestCancel(db(), job, "test").value(), CancelAnswer::kCanceled);
  EXPECT_EQ(StateOf(job), "CANCELED");
  EXPECT_EQ(EventsOf(job), "enqueue request_cancel cancel");
  EXPECT_EQ(Claim(AddWorker()), 0);
  EXPECT_EQ(RequestCancel(db(), job, "test").value(), CancelAnswer::kEnded);
}

TEST_F(QueueTest, AsksTheWorkerOfARunningJob) {
  const int64_t job = EnqueueAny();
  Claim(AddWorker());
  EXPECT_EQ(RequestCancel(db(), job, "ana").value(), CancelAnswer::kRequested);
  EXPECT_EQ(RequestCancel(db(), job, "rui").value(), CancelAnswer::kRequested);
  EXPECT_EQ(Ask("SELECT requested_by FROM eclusa.cancel_requests"), "ana");
  EXPECT_EQ(StateOf(job), "LOADING");
}

TEST_F(QueueTest, DoesNotWaitForTheRowOfAJobToCancelIt) {
  const int64_t job = EnqueueAny();
  Claim(AddWorker());
  Connection worker = Connect();
  Must(worker, "BEGIN");
  Must(worker, "SELECT FROM eclusa.jobs WHERE id = " + std::to_string(job) + " FOR UPDATE");
  Must(db(), "SET lock_timeout = '2s'");
  EXPECT_EQ(RequestCancel(db(), job, "test").value(), CancelAnswer::kRequested);
}

TEST_F(QueueTest, LeavesALoadAtATerminalToItsOwner) {
  const Job job = MakeJob(db());
  EXPECT_EQ(RequestCancel(db(), job.id, "test").error().code(), "job.in_foreground");
  EXPECT_EQ(RequestCancel(db(), 999, "test").error().code(), "job.not_found");
}

TEST_F(QueueTest, NamesJobsByTime) {
  const int64_t first = EnqueueAny();
  const int64_t second = EnqueueAny();
  // The first 48 bits: milliseconds.
  const auto time_of = [](int64_t job) {
    return "(SELECT left(uid::text, 13) FROM eclusa.jobs WHERE id = " + std::to_string(job) + ")";
  };
  EXPECT_EQ(Ask("SELECT " + time_of(first) + " <= " + time_of(second)), "t");
  EXPECT_EQ(Ask("SELECT uid::text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]' FROM "
                "eclusa.jobs LIMIT 1"),
            "t");
}

}  // namespace
}  // namespace eclusa
