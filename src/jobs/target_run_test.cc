#include "jobs/target_run.h"

#include <gtest/gtest.h>

#include "control/mirror.h"
#include "control/other_database.h"
#include "jobs/jobs_fixture.h"
#include "jobs/rescuer.h"
#include "jobs/target_upkeep.h"

namespace eclusa {
namespace {

class TargetRunTest : public JobsFixture {
 protected:
  void SetUp() override {
    JobsFixture::SetUp();
    Must(there(), "CREATE TABLE people (id int PRIMARY KEY, name text)");
    worker_ = AddWorker();
    config_ = {.conninfo = Conninfo(),
               .worker_id = worker_,
               .session = "eclusa worker " + std::to_string(worker_),
               .open_stored = {},
               .tries_max = 2,
               .retry_after = std::chrono::milliseconds(0),
               .targets = std::make_shared<Targets>(
                   Targets::Parse({"own * * " + other_.conninfo()}).value())};
  }

  Connection& there() { return other_.session(); }
  std::string AskThere(const std::string& sql) { return Ask(there(), sql); }

  int64_t EnqueueThere(const std::string& text, const std::string& database = "own") {
    const int64_t job = EnqueueLoad(WriteFile("people.csv", text));
    Must(db(), R"(UPDATE eclusa.jobs SET options = options || '{"database": ")" + database +
                   R"("}' WHERE id = )" + std::to_string(job));
    return job;
  }
  // The one job that is ready, claimed and run.
  void RunNext() {
    auto claimed = ClaimJob(db(), worker_);
    CHECK(claimed.ok() && *claimed);
    RunningJob running((*claimed)->job.id);
    Connection session = Connect();
    const Status done = RunClaimedJob(session, config_, **claimed, running);
    code_ = done.ok() ? "" : done.error().code();
  }

  OtherDatabase other_;
  JobRunConfig config_;
  int64_t worker_ = 0;
  std::string code_;  // of the last run
};

TEST_F(TargetRunTest, LoadsThereAndTellsHere) {
  const int64_t job = EnqueueThere("id,name\n1,a\nx,b\n");
  RunNext();
  EXPECT_EQ(code_, "");
  EXPECT_EQ(StateOf(job), "SUCCEEDED_WITH_FAILURES");
  EXPECT_EQ(AskThere("SELECT string_agg(id || name, ',') FROM people"), "1a");
  EXPECT_EQ(Ask("SELECT count(*) FROM people"), "0");
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.ledger"), "0");
  EXPECT_EQ(AskThere("SELECT count(*) FROM eclusa.ledger"), "1");
  EXPECT_EQ(Ask("SELECT row FROM eclusa.failures"), "2");
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.running"), "0");
  EXPECT_EQ(EventsOf(job), "enqueue start begin_merge finish");
}

TEST_F(TargetRunTest, MergesNothingWhereItHasEndedThere) {
  const int64_t job = EnqueueThere("id,name\n1,a\n");
  auto claimed = ClaimJob(db(), worker_);
  ASSERT_TRUE(claimed.ok() && *claimed);
  auto mirror = MakeMirror(db(), there(), (*claimed)->job);
  ASSERT_TRUE(mirror.ok());
  ASSERT_TRUE(FailJob(there(), mirror->job, Error(ErrorKind::kInvalid, "file.not_found")).ok());
  ASSERT_TRUE(RequeueJob(db(), (*claimed)->job, {.why = "test"}).ok());
  RunNext();
  EXPECT_EQ(StateOf(job), "FAILED");
  EXPECT_EQ(AskThere("SELECT count(*) FROM people"), "0");
}

TEST_F(TargetRunTest, EndsThereFirstWhereTheLoadCannotWork) {
  const int64_t job = EnqueueThere("id,name\n1,a\n");
  Must(db(), R"(UPDATE eclusa.jobs SET options = jsonb_set(options, '{files}', '["/none.csv"]'))");
  RunNext();
  EXPECT_EQ(StateOf(job), "FAILED");
  EXPECT_EQ(AskThere("SELECT state FROM eclusa.jobs"), "FAILED");
  EXPECT_EQ(Ask("SELECT error FROM eclusa.jobs"), AskThere("SELECT error FROM eclusa.jobs"));
}

TEST_F(TargetRunTest, FailsAFirstAttemptWhoseDatabaseItDoesNotKnow) {
  const int64_t job = EnqueueThere("id,name\n1,a\n", "gone");
  RunNext();
  EXPECT_EQ(code_, "job.unknown_target");
  EXPECT_EQ(StateOf(job), "FAILED");
  EXPECT_EQ(Ask("SELECT count(*) FROM people"), "0");
}

TEST_F(TargetRunTest, LeavesALaterAttemptToAWorkerThatKnowsItsDatabase) {
  const int64_t job = EnqueueThere("id,name\n1,a\n", "gone");
  Must(db(), "UPDATE eclusa.jobs SET attempt = 1");
  RunNext();
  EXPECT_EQ(StateOf(job), "QUEUED");
}

TEST_F(TargetRunTest, WaitsForADatabaseThatIsAway) {
  const int64_t job = EnqueueThere("id,name\n1,a\n");
  other_.Allow(false);
  for (int i = 0; i < 3; ++i) RunNext();  // more than it may be tried
  EXPECT_EQ(code_, "database.unreachable");
  EXPECT_EQ(StateOf(job), "QUEUED");
  EXPECT_EQ(Ask("SELECT tries FROM eclusa.queue"), "0");
  other_.Reopen();
  RunNext();
  EXPECT_EQ(StateOf(job), "SUCCEEDED");
}

TEST_F(TargetRunTest, CancelsWhatWaitsForItsDatabaseOnceItIsBack) {
  const int64_t job = EnqueueThere("id,name\n1,a\n");
  other_.Allow(false);
  // One that nobody has begun there is cancelled at once; this one may be there.
  Must(db(), "UPDATE eclusa.jobs SET attempt = 1");
  RunNext();
  Must(db(), "UPDATE eclusa.queue SET ready_at = ready_at + interval '1 hour'");
  EXPECT_EQ(RequestCancel(db(), job, "test").value(), CancelAnswer::kRequested);
  RunNext();
  EXPECT_EQ(StateOf(job), "QUEUED");
  other_.Reopen();
  RunNext();
  EXPECT_EQ(StateOf(job), "CANCELED");
  EXPECT_EQ(AskThere("SELECT state FROM eclusa.jobs"), "CANCELED");
  EXPECT_EQ(AskThere("SELECT count(*) FROM people"), "0");
}

TEST_F(TargetRunTest, CancelsAtOnceWhatWasNeverBegun) {
  const int64_t job = EnqueueThere("id,name\n1,a\n");
  EXPECT_EQ(RequestCancel(db(), job, "test").value(), CancelAnswer::kCanceled);
  EXPECT_EQ(StateOf(job), "CANCELED");
}

TEST_F(TargetRunTest, EndsWhatWasTriedTooOften) {
  const int64_t job = EnqueueThere("id,name\n1,a\n");
  Must(db(), "UPDATE eclusa.queue SET tries = 2");
  RunNext();
  EXPECT_EQ(StateOf(job), "FAILED");
  EXPECT_EQ(AskThere("SELECT error ->> 'code' FROM eclusa.jobs"), "job.tries_exhausted");
}

TEST_F(TargetRunTest, IsNotEndedByTheRescuer) {
  const int64_t job = EnqueueThere("id,name\n1,a\n");
  auto claimed = ClaimJob(db(), worker_);
  ASSERT_TRUE(claimed.ok() && *claimed);
  ASSERT_EQ(RequestCancel(db(), job, "test").value(), CancelAnswer::kRequested);
  Must(db(), "UPDATE eclusa.workers SET lease_until = clock_timestamp() - interval '1 s'");
  auto counts = RescueJobs(db(), {.tries_max = 1});
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->requeued, 1);
  EXPECT_EQ(StateOf(job), "QUEUED");
}

TEST_F(TargetRunTest, ForgetsThereWhatIsOldThere) {
  EnqueueThere("id,name\nx,a\n");
  RunNext();
  EXPECT_EQ(AskThere("SELECT count(*) FROM eclusa.failures"), "1");
  Must(there(), "UPDATE eclusa.jobs SET finished_at = finished_at - interval '400 days'");
  const Service upkeep = TargetUpkeep(config_.targets, {});
  ASSERT_TRUE(upkeep.run_once(db()).ok());
  EXPECT_EQ(AskThere("SELECT count(*) FROM eclusa.failures"), "0");
  EXPECT_EQ(AskThere("SELECT count(*) FROM eclusa.jobs"), "0");
  EXPECT_EQ(AskThere("SELECT count(*) FROM eclusa.ledger"), "1");
}

}  // namespace
}  // namespace eclusa
