#include "control/mirror.h"

#include "control/control_fixture.h"
#include "control/end_job.h"
#include "control/other_database.h"

namespace eclusa {
namespace {

class MirrorTest : public ControlFixture {
 protected:
  Connection& there() { return other_.session(); }
  std::string AskThere(const std::string& sql) { return Ask(there(), sql); }

  Mirror Make(const Job& job) {
    auto made = MakeMirror(db(), there(), job);
    CHECK(made.ok());
    return *made;
  }
  // The next claim of the job.
  Job NextAttempt(const Job& job) {
    const Job next{job.id, job.attempt + 1};
    Must(db(), "UPDATE eclusa.jobs SET attempt = " + std::to_string(next.attempt) +
                   " WHERE id = " + std::to_string(job.id));
    return next;
  }
  // The mirror's merge: `read` rows, of which those failed that have failures there.
  void Finish(const Mirror& mirror, int64_t read, JobState state = JobState::kSucceeded) {
    ASSERT_TRUE(BeginMerge(there(), mirror.job).ok());
    auto transaction = Transaction::Begin(there());
    ASSERT_TRUE(transaction.ok());
    const int64_t failed = std::stoll(AskThere(
        "SELECT count(*) FROM eclusa.failures WHERE job_id = " + std::to_string(mirror.job.id)));
    const Status done =
        FinishJob(there(), mirror.job,
                  {.state = state,
                   .counts = {.read = read, .inserted = read - failed, .failed = failed},
                   .report_json = R"({"job_id": 999, "note": "a\\b\tc"})"});
    ASSERT_TRUE(done.ok()) << there().last_error().message;
    ASSERT_TRUE(std::move(*transaction).Commit().ok());
  }
  void AddFailureThere(const Mirror& mirror, int row) {
    Must(there(),
         "INSERT INTO eclusa.failures (job_id, file, row, reasons, codes, first_code, batch, raw) "
         "VALUES (" +
             std::to_string(mirror.job.id) + ", 0, " + std::to_string(row) +
             R"(, '[{"code": "type.integer", "value": "tab\there, back\\slash"}]', )"
             R"('{type.integer}', 'type.integer', 7, '\x005c09ff'))");
  }
  JobState Close(const Job& job, const Mirror& mirror) {
    auto closed = CloseFromMirror(db(), job, there(), mirror.job.id);
    CHECK(closed.ok());
    return *closed;
  }

  OtherDatabase other_;
};

TEST_F(MirrorTest, HasTheNameOfItsJob) {
  Must(there(), "ALTER SEQUENCE eclusa.jobs_id_seq RESTART 70");
  const Job job = MakeJob(db());
  const Mirror mirror = Make(job);
  EXPECT_EQ(mirror.job.id, 70);
  EXPECT_EQ(Make(job).job.id, 70);  // of the same attempt
  EXPECT_EQ(AskThere("SELECT uid FROM eclusa.jobs"), Ask("SELECT uid FROM eclusa.jobs"));
  EXPECT_EQ(AskThere("SELECT queued FROM eclusa.jobs"), "t");
  EXPECT_EQ(FindMirror(db(), there(), job.id).value(), 70);
}

TEST_F(MirrorTest, ShutsOutEarlierAttempts) {
  const Job first = MakeJob(db());
  const Mirror of_first = Make(first);
  const Job second = NextAttempt(first);
  EXPECT_EQ(Make(second).job.id, of_first.job.id);
  EXPECT_EQ(BeginMerge(there(), of_first.job).error().code(), "job.taken_over");
  EXPECT_EQ(MakeMirror(db(), there(), first).error().code(), "job.taken_over");
  // As it would be for one that had looked at its job before the second was claimed.
  Must(db(), "UPDATE eclusa.jobs SET attempt = 1");
  EXPECT_EQ(MakeMirror(db(), there(), first).error().code(), "job.taken_over");
}

TEST_F(MirrorTest, EndsTheSessionsOfEarlierAttempts) {
  const Job first = MakeJob(db());
  Make(first);
  Connection still = other_.Open(MirrorSessionName(db(), first).value());
  Must(still, "BEGIN");
  Must(still, "SELECT FROM eclusa.jobs FOR UPDATE");
  Must(there(), "SET lock_timeout = '2s'");
  Make(NextAttempt(first));
  EXPECT_FALSE(still.Execute("COMMIT").ok());
}

TEST_F(MirrorTest, GivesTheJobItsEnd) {
  const Job job = MakeJob(db());
  const Mirror mirror = Make(job);
  AddFailureThere(mirror, 3);
  Must(there(),
       "INSERT INTO eclusa.failure_batches (job_id, batch, row_count, rows) SELECT id, 7, 0, "
       "'\\x5c6e' FROM eclusa.jobs");
  ASSERT_TRUE(RecordPhase(there(), mirror.job, "stage", std::chrono::seconds(2)).ok());
  Finish(mirror, 10, JobState::kSucceededWithFailures);
  EXPECT_EQ(Close(job, mirror), JobState::kSucceededWithFailures);
  EXPECT_EQ(
      Ask("SELECT concat_ws(' ', state, read, inserted, failed, open_failures) FROM eclusa.jobs"),
      "SUCCEEDED_WITH_FAILURES 10 9 1 1");
  const std::string failures =
      "SELECT string_agg(concat_ws('|', file, row, reasons, codes, raw, state), '') FROM "
      "eclusa.failures";
  EXPECT_EQ(Ask(failures), AskThere(failures));
  EXPECT_EQ(Ask("SELECT rows FROM eclusa.failure_batches"), "\\x5c6e");
  EXPECT_EQ(Ask("SELECT phase || duration FROM eclusa.job_events WHERE phase IS NOT NULL"),
            "stage00:00:02");
  EXPECT_EQ(Ask("SELECT report ->> 'note' FROM eclusa.jobs"), "a\\b\tc");
  EXPECT_EQ(Ask("SELECT report ->> 'job_id' FROM eclusa.jobs"), std::to_string(job.id));
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.ledger"), "0");
  EXPECT_EQ(AskThere("SELECT count(*) FROM eclusa.ledger"), "1");
}

TEST_F(MirrorTest, ClosesAJobOnce) {
  const Job job = MakeJob(db());
  const Mirror mirror = Make(job);
  AddFailureThere(mirror, 1);
  Finish(mirror, 1, JobState::kRejected);
  Close(job, mirror);
  Must(db(), "UPDATE eclusa.failures SET state = 'waived', waived_reason = 'x', closed_at = now()");
  EXPECT_EQ(Close(job, mirror), JobState::kRejected);
  EXPECT_EQ(Ask("SELECT string_agg(state, '') FROM eclusa.failures"), "waived");
}

TEST_F(MirrorTest, IsFoundByTheNextAttemptWithItsEnd) {
  const Job first = MakeJob(db());
  const Mirror mirror = Make(first);
  Finish(mirror, 5);
  const Job second = NextAttempt(first);
  const Mirror found = Make(second);
  EXPECT_TRUE(found.ended);
  EXPECT_EQ(CloseFromMirror(db(), first, there(), mirror.job.id).error().code(), "job.taken_over");
  EXPECT_EQ(Close(second, found), JobState::kSucceeded);
  EXPECT_EQ(Ask("SELECT attempt FROM eclusa.jobs"), "2");
}

TEST_F(MirrorTest, TellsHowItFailed) {
  const Job job = MakeJob(db());
  const Mirror mirror = Make(job);
  ASSERT_TRUE(FailJob(there(), mirror.job, Error(ErrorKind::kInvalid, "file.not_found")).ok());
  EXPECT_EQ(Close(job, mirror), JobState::kFailed);
  EXPECT_EQ(Ask("SELECT error ->> 'code' FROM eclusa.jobs"), "file.not_found");
  const Job other = MakeJob(db());
  const Mirror cancelled = Make(other);
  ASSERT_TRUE(CancelJob(there(), cancelled.job).ok());
  EXPECT_EQ(Close(other, cancelled), JobState::kCanceled);
}

TEST_F(MirrorTest, DoesNotCloseWhatHasNotEnded) {
  const Job job = MakeJob(db());
  const Mirror mirror = Make(job);
  EXPECT_FALSE(CloseFromMirror(db(), job, there(), mirror.job.id).ok());
  EXPECT_EQ(Ask("SELECT state FROM eclusa.jobs"), "LOADING");
}

TEST_F(MirrorTest, ClosesTheFailuresAboveItButThoseThatWereWaived) {
  const Job first = MakeJob(db());
  const Mirror of_first = Make(first);
  for (const int row : {1, 2, 3}) AddFailureThere(of_first, row);
  Finish(of_first, 3, JobState::kSucceededWithFailures);
  Close(first, of_first);
  Must(db(),
       "UPDATE eclusa.failures SET state = 'waived', waived_reason = 'x', closed_at = now() WHERE "
       "row "
       "= 2; UPDATE eclusa.jobs SET open_failures = 2");
  const Job child = MakeJob(db());
  Must(db(), "UPDATE eclusa.jobs SET parent_id = " + std::to_string(first.id) +
                 " WHERE id = " + std::to_string(child.id));
  const Mirror of_child = Make(child);
  EXPECT_EQ(of_child.parent_id, of_first.job.id);
  // As the merge of the child there would.
  Must(there(), "UPDATE eclusa.failures SET state = 'closed', closed_at = now(), closed_by = " +
                    std::to_string(of_child.job.id) + " WHERE row < 3");
  Finish(of_child, 2);
  Close(child, of_child);
  EXPECT_EQ(Ask("SELECT string_agg(row || ' ' || state, ', ' ORDER BY row) FROM eclusa.failures"),
            "1 closed, 2 waived, 3 open");
  EXPECT_EQ(Ask("SELECT closed_by FROM eclusa.failures WHERE row = 1"), std::to_string(child.id));
  EXPECT_EQ(Ask("SELECT open_failures FROM eclusa.jobs WHERE id = " + std::to_string(first.id)),
            "1");
}

TEST_F(MirrorTest, RefusesTheDatabaseOfTheJobs) {
  Connection same = Connect();
  EXPECT_EQ(MakeMirror(db(), same, MakeJob(db())).error().code(), "config.bad_value");
}

TEST_F(MirrorTest, RefusesAChildWithoutItsParent) {
  const Job parent = MakeJob(db());
  const Job child = MakeJob(db());
  Must(db(), "UPDATE eclusa.jobs SET parent_id = " + std::to_string(parent.id) +
                 " WHERE id = " + std::to_string(child.id));
  EXPECT_EQ(MakeMirror(db(), there(), child).error().code(), "job.not_found");
  EXPECT_EQ(AskThere("SELECT count(*) FROM eclusa.jobs"), "0");
}

}  // namespace
}  // namespace eclusa
