#include "jobs/retention.h"

#include <gtest/gtest.h>

#include "jobs/jobs_fixture.h"

namespace eclusa {
namespace {

class RetentionTest : public JobsFixture {
 protected:
  // A job that ended so many days ago, with one failure.
  int64_t EndedJob(int days) {
    const Job job = MakeJob(db());
    AddFile(job, 0);
    AddFailure(job, 0, 1);
    Must(db(),
         "UPDATE eclusa.jobs SET state = 'SUCCEEDED_WITH_FAILURES', open_failures = 1, "
         "finished_at = clock_timestamp() - " +
             std::to_string(days) + " * interval '1 day' WHERE id = " + std::to_string(job.id));
    return job.id;
  }
};

TEST_F(RetentionTest, RemovesFailuresFirstAndJobsLater) {
  const int64_t young = EndedJob(29);
  const int64_t older = EndedJob(31);
  const int64_t oldest = EndedJob(400);
  auto counts = ApplyRetention(db(), {});
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->failures_removed, 2);
  EXPECT_EQ(counts->jobs_removed, 1);
  EXPECT_EQ(Ask("SELECT string_agg(job_id::text, ',') FROM eclusa.failures"),
            std::to_string(young));
  EXPECT_EQ(StateOf(older), "SUCCEEDED_WITH_FAILURES");
  EXPECT_EQ(StateOf(oldest), "none");
  EXPECT_EQ(Ask("SELECT open_failures FROM eclusa.jobs WHERE failures_removed_at IS NOT NULL"),
            "0");
}

TEST_F(RetentionTest, LeavesRunningJobsAlone) {
  const Job job = MakeJob(db());
  AddFile(job, 0);
  AddFailure(job, 0, 1);
  EXPECT_EQ(ApplyRetention(db(), {})->failures_removed, 0);
}

TEST_F(RetentionTest, TakesNoMoreThanABatchATurn) {
  for (int i = 0; i < 5; ++i) EndedJob(31);
  RetentionConfig config;
  config.batch = 2;
  EXPECT_EQ(ApplyRetention(db(), config)->failures_removed, 2);
  EXPECT_EQ(ApplyRetention(db(), config)->failures_removed, 2);
  EXPECT_EQ(ApplyRetention(db(), config)->failures_removed, 1);
}

TEST_F(RetentionTest, RefusesJobsThatGoBeforeTheirFailures) {
  RetentionConfig config;
  config.keep_jobs = std::chrono::days(1);
  EXPECT_EQ(ApplyRetention(db(), config).error().code(), "config.bad_value");
}

}  // namespace
}  // namespace eclusa
