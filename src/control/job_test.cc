#include "control/job.h"

#include "control/control_fixture.h"
#include "control/parts.h"
#include "control/read_jobs.h"

namespace eclusa {
namespace {

class JobTest : public ControlFixture {
 protected:
  // The states of the job's events, in order: "LOADING MERGING".
  std::string History(const Job& job) {
    return Ask(
        "SELECT string_agg(to_state, ' ' ORDER BY id) FROM eclusa.job_events WHERE job_id = " +
        std::to_string(job.id));
  }
  Status Finish(const Job& job, JobState state, const OutcomeCounts& counts) {
    Transaction transaction = TRY(Transaction::Begin(db()));
    TRY(LockForMerge(db(), job));
    TRY(FinishJob(db(), job, {state, counts, R"({"rate": 1})"}));
    return std::move(transaction).Commit();
  }
};

TEST_F(JobTest, IsCreatedLoadingAndAlive) {
  const Job job = MakeJob(db());
  EXPECT_EQ(job.attempt, 1);
  const JobRecord record = ReadJob(db(), job.id).value();
  EXPECT_EQ(record.state, "LOADING");
  EXPECT_TRUE(record.alive);
  EXPECT_EQ(record.target.Display(), "public.people");
  EXPECT_EQ(record.contract_text, "name: people");
  EXPECT_FALSE(record.counts.has_value()) << "not known yet is null, never zero";
  EXPECT_EQ(History(job), "LOADING");
}

TEST_F(JobTest, IsNoLongerAliveWhenReleasedOrItsSessionEnds) {
  const Job released = MakeJob(db());
  ASSERT_TRUE(ReleaseJob(db(), released).ok());
  EXPECT_FALSE(ReadJob(db(), released.id)->alive);
  Connection other = Connect();
  const Job orphan = MakeJob(other);
  EXPECT_TRUE(ReadJob(db(), orphan.id)->alive);
  // Waits until the session is gone.
  EXPECT_EQ(Ask("SELECT pg_terminate_backend(" + std::to_string(other.backend_pid()) + ", 10000)"),
            "t");
  EXPECT_FALSE(ReadJob(db(), orphan.id)->alive);
}

TEST_F(JobTest, FinishesWithCountsReportAndLedger) {
  const Job job = MakeJob(db());
  AddFile(job, 0, 'a');
  AddFile(job, 1, 'b');
  ASSERT_TRUE(BeginMerge(db(), job).ok());
  ASSERT_TRUE(Finish(job, JobState::kSucceeded, {.read = 3, .inserted = 2, .unchanged = 1}).ok());
  const JobRecord record = ReadJob(db(), job.id).value();
  EXPECT_EQ(record.state, "SUCCEEDED");
  EXPECT_EQ(record.counts->inserted, 2);
  EXPECT_EQ(*record.report_json, R"({"rate": 1})");
  EXPECT_TRUE(record.finished_at.has_value());
  EXPECT_EQ(History(job), "LOADING MERGING SUCCEEDED");
  EXPECT_EQ(Ask("SELECT array_to_string(file_sha256s, ',') FROM eclusa.ledger WHERE read = 3"),
            std::string(64, 'a') + "," + std::string(64, 'b'));
}

TEST_F(JobTest, KeepsADryRunOutOfTheLedger) {
  const Job job = MakeJob(db(), /*dry_run=*/true);
  ASSERT_TRUE(BeginMerge(db(), job).ok());
  ASSERT_TRUE(Finish(job, JobState::kSucceeded, {.read = 1, .inserted = 1}).ok());
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.ledger"), "0");
}

TEST_F(JobTest, KeepsARejectedLoadOutOfTheLedgerAndItsFailuresOpen) {
  const Job job = MakeJob(db());
  AddFailure(job, 0, 2);
  ASSERT_TRUE(BeginMerge(db(), job).ok());
  ASSERT_TRUE(Finish(job, JobState::kRejected, {.read = 3, .failed = 1, .skipped = 2}).ok());
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.ledger"), "0");
  EXPECT_EQ(ReadJob(db(), job.id)->open_failures, 1);
}

TEST_F(JobTest, RefusesCountsThatDoNotBalance) {
  const Job job = MakeJob(db());
  ASSERT_TRUE(BeginMerge(db(), job).ok());
  const Status refused = Finish(job, JobState::kSucceeded, {.read = 3, .inserted = 2});
  EXPECT_EQ(refused.error().code(), "job.unbalanced");
  EXPECT_EQ(ReadJob(db(), job.id)->state, "MERGING");
}

TEST_F(JobTest, RefusesFailedRowsWithoutStoredFailures) {
  const Job job = MakeJob(db());
  ASSERT_TRUE(BeginMerge(db(), job).ok());
  const Status refused = Finish(job, JobState::kSucceededWithFailures, {.read = 1, .failed = 1});
  EXPECT_EQ(refused.error().code(), "job.unbalanced");
}

TEST_F(JobTest, LeavesTheLedgersConservationToTheServerToo) {
  EXPECT_FALSE(
      db().Execute("INSERT INTO eclusa.ledger (job_id, attempt, target_schema, "
                   "target_table, mode, contract_digest, file_sha256s, read, inserted, "
                   "updated, unchanged, deleted, superseded, duplicate, waiting, failed, "
                   "skipped, removed, cascaded) VALUES (1, 1, 's', 't', 'upsert', '', '{}', "
                   "2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)")
          .ok());
  EXPECT_EQ(db().last_error().constraint, "ledger_balances");
  EXPECT_EQ(Ask("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'eclusa' "
                "AND table_name = 'ledger' AND is_nullable = 'YES'"),
            "0");
}

TEST_F(JobTest, IsNotMergedByAnAttemptThatLostIt) {
  Job job = MakeJob(db());
  ASSERT_TRUE(BeginMerge(db(), job).ok());
  const Job late = job;
  ASSERT_TRUE(RestageJob(db(), job).ok());
  EXPECT_EQ(job.attempt, 2);
  ASSERT_TRUE(BeginMerge(db(), job).ok());
  EXPECT_EQ(Finish(late, JobState::kSucceeded, {}).error().code(), "job.taken_over");
  ASSERT_TRUE(Finish(job, JobState::kSucceeded, {}).ok());
  EXPECT_EQ(Finish(job, JobState::kSucceeded, {}).error().kind(), ErrorKind::kConflict)
      << "committed once";
  EXPECT_EQ(History(job), "LOADING MERGING LOADING MERGING SUCCEEDED");
}

TEST_F(JobTest, SkipsStepsOnlyByTheirTransitions) {
  const Job job = MakeJob(db());
  ASSERT_TRUE(BeginMerge(db(), job).ok());
  EXPECT_EQ(BeginMerge(db(), job).error().code(), "job.wrong_state");
}

TEST_F(JobTest, FailsWithItsErrorAndAllRowsSkippedOrFailed) {
  const Job job = MakeJob(db());
  AddFile(job, 0);
  ASSERT_TRUE(RecordFileRows(db(), job, 0, 10).ok());
  AddFailure(job, 0, 4);
  const Error error(ErrorKind::kUnavailable, "database.lost", {{"detail", std::string("a\0b", 3)}});
  EXPECT_EQ(FailJob(db(), job, error).value(), JobState::kFailed);
  const JobRecord record = ReadJob(db(), job.id).value();
  EXPECT_EQ(record.counts->read, 10);
  EXPECT_EQ(record.counts->failed, 1);
  EXPECT_EQ(record.counts->skipped, 9);
  EXPECT_EQ(record.open_failures, 1);
  EXPECT_EQ(RecordedError(record)->code(), "database.lost");
  EXPECT_EQ(Ask("SELECT skipped FROM eclusa.files"), "9");
}

TEST_F(JobTest, CountsTheRowsOfStagedPartsWhereTheFilesEndWasNotReached) {
  const Job job = MakeJob(db());
  AddFile(job, 0);
  const JobPart part = BeginPart(db(), job, 0, 0).value();
  ASSERT_TRUE(FinishPart(db(), part, {7, 7, 0}).ok());
  ASSERT_TRUE(BeginPart(db(), job, 1, 0).ok());
  ASSERT_TRUE(FailJob(db(), job, Error(ErrorKind::kUnavailable, "database.lost")).ok());
  EXPECT_EQ(ReadJob(db(), job.id)->counts->skipped, 7);
}

TEST_F(JobTest, IsCanceledThroughCanceling) {
  const Job job = MakeJob(db());
  EXPECT_EQ(CancelJob(db(), job).value(), JobState::kCanceled);
  EXPECT_EQ(History(job), "LOADING CANCELING CANCELED");
}

TEST_F(JobTest, KeepsTheEndItHas) {
  const Job job = MakeJob(db());
  ASSERT_TRUE(BeginMerge(db(), job).ok());
  ASSERT_TRUE(Finish(job, JobState::kSucceeded, {}).ok());
  EXPECT_EQ(FailJob(db(), job, Error(ErrorKind::kCommitUnknown, "database.commit_unknown")).value(),
            JobState::kSucceeded);
  EXPECT_EQ(CancelJob(db(), job).value(), JobState::kSucceeded);
  EXPECT_FALSE(ReadJob(db(), job.id)->error_json.has_value());
}

TEST_F(JobTest, RecordsPhasesWithTheirDurations) {
  const Job job = MakeJob(db());
  ASSERT_TRUE(
      RecordPhase(db(), job, "stage", std::chrono::milliseconds(1500), R"({"rows": 5})").ok());
  EXPECT_EQ(Ask("SELECT phase || ' ' || duration || ' ' || detail FROM eclusa.job_events "
                "WHERE event = 'phase'"),
            "stage 00:00:01.5 {\"rows\": 5}");
}

TEST_F(JobTest, IsListedNewestFirst) {
  const Job first = MakeJob(db());
  const Job second = MakeJob(db());
  const Job third = MakeJob(db());
  const std::vector<JobRecord> jobs = ReadLastJobs(db(), 2).value();
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs[0].id, third.id);
  EXPECT_EQ(jobs[1].id, second.id);
  EXPECT_LT(first.id, second.id);
}

TEST_F(JobTest, IsNotFoundWhereThereIsNone) {
  EXPECT_EQ(ReadJob(db(), 12345).error().code(), "job.not_found");
  EXPECT_EQ(ReadJobState(db(), 12345).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(ParseJobNumber("42").value(), 42);
  for (const char* text : {"", "x", "-1", "0", "1x", "99999999999999999999"}) {
    EXPECT_EQ(ParseJobNumber(text).error().code(), "job.bad_number") << text;
  }
}

}  // namespace
}  // namespace eclusa
