// Needs PostgreSQL: tools/with_postgres.sh starts one.
#include "control/parts.h"

#include <gtest/gtest.h>

#include "control/control_fixture.h"

namespace eclusa {
namespace {

class PartsTest : public ControlFixture {
 protected:
  // A worker whose lease lasts, and the job in its hands.
  int64_t MakeWorker(const std::string& lasts = "1 hour") {
    return std::stoll(
        Ask("INSERT INTO eclusa.workers (name, slots, lease_until) VALUES ('w', 1, "
            "clock_timestamp() + interval '" +
            lasts + "') RETURNING id"));
  }
  Job MakeRunning(int64_t worker) {
    const Job job = MakeJob(db());
    Must(db(), "INSERT INTO eclusa.running (job_id, worker_id, attempt, tenant, tries) VALUES (" +
                   std::to_string(job.id) + ", " + std::to_string(worker) + ", 1, '', 0)");
    return job;
  }
  Job MakeQueued(int64_t worker, int count) {
    const Job job = MakeRunning(worker);
    std::vector<JobPart> parts;
    for (int i = 0; i < count; ++i) {
      parts.push_back({.file = 0, .place_json = R"({"begin": )" + std::to_string(i) + "}"});
    }
    CHECK(QueueParts(db(), job, parts).ok());
    return job;
  }
  std::string States(const Job& job) {
    return Ask("SELECT string_agg(state, ' ' ORDER BY part) FROM eclusa.parts WHERE job_id = " +
               std::to_string(job.id));
  }
};

TEST_F(PartsTest, AreFinishedOnlyByTheAttemptThatOwnsThem) {
  const Job job = MakeJob(db());
  const JobPart first = BeginPart(db(), job, 3, 0).value();
  const JobPart second = BeginPart(db(), job, 3, 0).value();
  EXPECT_EQ(first.attempt, 1);
  EXPECT_EQ(second.attempt, 2);
  EXPECT_EQ(FinishPart(db(), first, {10, 9, 1}).error().code(), "job.part_taken_over");
  EXPECT_TRUE(FinishPart(db(), second, {10, 9, 1}, R"({"present": 1})").ok());
  EXPECT_EQ(FinishPart(db(), second, {10, 9, 1}).error().kind(), ErrorKind::kConflict) << "once";
  const std::vector<PartRecord> parts = ReadParts(db(), job.id).value();
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_TRUE(parts[0].staged);
  EXPECT_EQ(parts[0].counts.rows_staged, 9);
  EXPECT_EQ(parts[0].found_json, R"({"present": 1})");
}

TEST_F(PartsTest, AreNotStagedAnyMoreOnceBegunAgain) {
  const Job job = MakeJob(db());
  ASSERT_TRUE(FinishPart(db(), BeginPart(db(), job, 0, 0).value(), {1, 1, 0}).ok());
  ASSERT_TRUE(BeginPart(db(), job, 0, 0).ok());
  EXPECT_FALSE(ReadParts(db(), job.id)->at(0).staged);
}

TEST_F(PartsTest, AreQueuedByTheAttemptThatOwnsTheJob) {
  Job job = MakeJob(db());
  ++job.attempt;
  EXPECT_EQ(QueueParts(db(), job, {{.place_json = "{}"}}).error().code(), "job.taken_over");
}

TEST_F(PartsTest, AreClaimedOnceEachInTheirOrder) {
  const int64_t worker = MakeWorker();
  const Job job = MakeQueued(worker, 2);
  const JobPart first = ClaimPart(db(), worker, job.id).value().value();
  EXPECT_EQ(first.part, 0);
  EXPECT_EQ(first.attempt, 1);
  EXPECT_EQ(first.place_json, R"({"begin": 0})");
  EXPECT_EQ(ClaimPart(db(), MakeWorker(), {}).value()->part, 1);
  EXPECT_FALSE(ClaimPart(db(), worker, {}).value());
  EXPECT_EQ(States(job), "LOADING LOADING");
}

TEST_F(PartsTest, AreLeftToOthersAsIfTheyHadNotBeenClaimed) {
  const int64_t worker = MakeWorker();
  const Job job = MakeQueued(worker, 1);
  EXPECT_FALSE(ClaimPart(db(), worker, {}, {job.id, job.id + 1}).value());
  const JobPart part = ClaimPart(db(), worker, {}, {job.id + 1}).value().value();
  ASSERT_TRUE(ReturnPart(db(), part).ok());
  EXPECT_EQ(States(job), "QUEUED");
  const JobPart again = ClaimPart(db(), MakeWorker(), {}).value().value();
  EXPECT_EQ(again.attempt, 1);
  EXPECT_NE(again.claim, part.claim);
  ASSERT_TRUE(ReturnPart(db(), part).ok());  // it is not theirs any more
  EXPECT_EQ(States(job), "LOADING");
}

TEST_F(PartsTest, OfTheJobWithTheFewestBeingStagedComeFirst) {
  const int64_t worker = MakeWorker();
  const Job one = MakeQueued(worker, 3);
  const Job other = MakeQueued(worker, 3);
  EXPECT_EQ(ClaimPart(db(), worker, {}).value()->job_id, one.id);
  EXPECT_EQ(ClaimPart(db(), worker, {}).value()->job_id, other.id);
  EXPECT_EQ(ClaimPart(db(), worker, {}).value()->job_id, one.id);
  EXPECT_EQ(ClaimPart(db(), worker, one.id).value()->job_id, one.id);
}

TEST_F(PartsTest, AreNotClaimedWithoutALeaseNorOfAJobThatIsToStop) {
  const int64_t worker = MakeWorker();
  const Job job = MakeQueued(worker, 1);
  EXPECT_FALSE(ClaimPart(db(), MakeWorker("-1 s"), {}).value());
  Must(db(), "INSERT INTO eclusa.cancel_requests (job_id, requested_by) VALUES (" +
                 std::to_string(job.id) + ", 'me')");
  EXPECT_FALSE(ClaimPart(db(), worker, {}).value());
}

TEST_F(PartsTest, OfAWorkerThatIsGoneGoBackAndInTheEndFail) {
  const int64_t worker = MakeWorker();
  const Job job = MakeQueued(worker, 2);
  const JobPart lost = ClaimPart(db(), MakeWorker(), {}).value().value();
  Must(db(),
       "UPDATE eclusa.workers SET lease_until = clock_timestamp() - interval '1 s' "
       "WHERE id <> " +
           std::to_string(worker));
  PartsProgress progress = LookAfterParts(db(), job.id, 2).value();
  EXPECT_EQ(progress.loading, 1) << "told as it was before";
  EXPECT_EQ(States(job), "QUEUED QUEUED");
  EXPECT_EQ(FinishPart(db(), lost, {1, 1, 0}).error().code(), "job.part_taken_over");
  ASSERT_EQ(ClaimPart(db(), worker, {}).value()->attempt, 2);
  Must(db(), "DELETE FROM eclusa.workers");
  ASSERT_TRUE(LookAfterParts(db(), job.id, 2).ok());
  EXPECT_EQ(States(job), "FAILED QUEUED");
  progress = LookAfterParts(db(), job.id, 2).value();
  EXPECT_EQ(progress.failed, 1);
  EXPECT_EQ(progress.queued, 1);
  EXPECT_EQ(progress.error->code(), "job.tries_exhausted");
}

TEST_F(PartsTest, OfAJobThatHasEndedCannotBeFinished) {
  const int64_t worker = MakeWorker();
  const Job job = MakeQueued(worker, 2);
  const JobPart part = ClaimPart(db(), MakeWorker(), {}).value().value();
  ASSERT_TRUE(CancelJob(db(), job).ok());
  EXPECT_EQ(States(job), "QUEUED QUEUED");
  EXPECT_EQ(FinishPart(db(), part, {1, 1, 0}).error().code(), "job.part_taken_over");
  EXPECT_FALSE(ClaimPart(db(), worker, {}).value());
}

TEST_F(PartsTest, CutAnewAreNotThoseOfBefore) {
  const int64_t worker = MakeWorker();
  Job job = MakeQueued(worker, 1);
  const JobPart before = ClaimPart(db(), worker, {}).value().value();
  ASSERT_TRUE(ResetJob(db(), job).ok());
  ASSERT_TRUE(QueueParts(db(), job, {{.file = 0, .place_json = "{}"}}).ok());
  const JobPart now = ClaimPart(db(), worker, {}).value().value();
  ASSERT_EQ(now.attempt, before.attempt);
  EXPECT_EQ(FinishPart(db(), before, {9, 9, 0}).error().code(), "job.part_taken_over");
  ASSERT_TRUE(FailPart(db(), before, Error(ErrorKind::kInvalid, "csv.empty")).ok());
  EXPECT_EQ(States(job), "LOADING");
  EXPECT_TRUE(FinishPart(db(), now, {1, 1, 0}).ok());
}

TEST_F(PartsTest, WaitBeforeTheyAreTriedAgain) {
  const int64_t worker = MakeWorker();
  const Job job = MakeQueued(worker, 1);
  const Error gone(ErrorKind::kUnavailable, "database.lost");
  const JobPart part = ClaimPart(db(), worker, {}).value().value();
  ASSERT_TRUE(GiveBackPart(db(), part, std::chrono::hours(1), &gone).ok());
  EXPECT_FALSE(ClaimPart(db(), worker, {}).value());
  EXPECT_EQ(Ask("SELECT error->>'code' FROM eclusa.parts"), "database.lost");
  Must(db(), "UPDATE eclusa.parts SET ready_at = clock_timestamp()");
  const JobPart again = ClaimPart(db(), worker, {}).value().value();
  ASSERT_TRUE(FailPart(db(), part, gone).ok()) << "another attempt owns it";
  EXPECT_EQ(States(job), "LOADING");
  ASSERT_TRUE(FailPart(db(), again, gone).ok());
  EXPECT_EQ(States(job), "FAILED");
}

TEST_F(PartsTest, AreGoneOnWithByTheNextAttempt) {
  const int64_t worker = MakeWorker();
  Job job = MakeQueued(worker, 4);
  ASSERT_TRUE(FinishPart(db(), ClaimPart(db(), worker, {}).value().value(), {5, 4, 1}).ok());
  ASSERT_TRUE(FailPart(db(), ClaimPart(db(), worker, {}).value().value(),
                       Error(ErrorKind::kUnavailable, "database.lost"))
                  .ok());
  ASSERT_TRUE(ClaimPart(db(), worker, {}).value());
  Must(db(), "INSERT INTO eclusa.warnings VALUES (" + std::to_string(job.id) + ", 0, 'x', 1)");
  ASSERT_TRUE(ResumeParts(db(), job).ok());
  EXPECT_EQ(States(job), "STAGED QUEUED QUEUED QUEUED");
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.warnings"), "0");
  const PartsProgress progress = LookAfterParts(db(), job.id, 5).value();
  EXPECT_EQ(progress.rows_read, 5);
  EXPECT_EQ(progress.rows_failed, 1);
  ++job.attempt;
  EXPECT_EQ(ResumeParts(db(), job).error().code(), "job.taken_over");
}

}  // namespace
}  // namespace eclusa
