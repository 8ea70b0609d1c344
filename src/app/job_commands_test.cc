#include <boost/json.hpp>
#include <sstream>

#include "app/cmd_failures.h"
#include "app/cmd_jobs.h"
#include "app/cmd_status.h"
#include "app/cmd_waive.h"
#include "failures/failures_fixture.h"
#include "model/report.h"

namespace eclusa {
namespace {

class JobCommandsTest : public FailuresFixture {
 protected:
  void Finish(const Job& job, const OutcomeCounts& counts) {
    LoadReport report;
    report.job_id = job.id;
    report.unknown_columns = {"remarks"};
    report.advice = {"SELECT setval('s', 9)"};
    report.duration_ms = 2000;
    report.phases_ms = {{"stage", 1500}};
    ASSERT_TRUE(BeginMerge(db(), job).ok());
    Transaction transaction = Transaction::Begin(db()).value();
    const JobState state =
        counts.failed > 0 ? JobState::kSucceededWithFailures : JobState::kSucceeded;
    ASSERT_TRUE(FinishJob(db(), job, {state, counts, ToJson(report)}).ok());
    ASSERT_TRUE(std::move(transaction).Commit().ok());
  }
  template <class Options, class Body>
  std::string Say(Body body, const Options& options) {
    std::stringstream out;
    const auto code = body(db(), options, context_, out);
    return code.ok() ? out.str() : "error " + code.error().code();
  }
  std::string Status(const Job& job, bool json = false) {
    return Say(RunStatus, StatusOptions{std::to_string(job.id), json, false});
  }
  static bool Has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  CommandContext context_;
};

TEST_F(JobCommandsTest, StatusPrintsTheReportAgain) {
  const Job job = MakeJob(db());
  Store(job, TextBatch({"name"}, {{"a"}}), {0});
  Finish(job, {.read = 3, .inserted = 2, .failed = 1});
  const std::string text = Status(job);
  for (const char* part : {"public.people", "loaded, with failures", "inserted", "row.columns",
                           "remarks", "setval", "open failures: 1", "eclusa failures"}) {
    EXPECT_TRUE(Has(text, part)) << part << " in\n" << text;
  }
}

TEST_F(JobCommandsTest, StatusSaysWhyThereIsNoReport) {
  const Job failed = MakeJob(db());
  ASSERT_TRUE(
      FailJob(db(), failed, Error(ErrorKind::kUnavailable, "job.died", {{"job", "1"}})).ok());
  context_.language = Language::kPortuguese;
  const std::string text = Status(failed);
  EXPECT_TRUE(Has(text, "FAILED")) << text;
  EXPECT_TRUE(Has(text, "o processo que executava o job 1")) << text;
  EXPECT_TRUE(Has(text, "próximo passo: Rode a mesma carga")) << text;
}

TEST_F(JobCommandsTest, StatusTellsAJobThatRunsFromOneThatDied) {
  const Job job = MakeJob(db());
  EXPECT_TRUE(Has(Status(job), "it is running"));
  ASSERT_TRUE(ReleaseJob(db(), job).ok());
  EXPECT_TRUE(Has(Status(job), "its process is gone"));
}

TEST_F(JobCommandsTest, StatusIsOneObjectForMachines) {
  const Job job = MakeJob(db());
  boost::json::object status = boost::json::parse(Status(job, true)).as_object();
  EXPECT_TRUE(status["outcomes"].is_null()) << "not known yet is null, never zero";
  EXPECT_TRUE(status["alive"].as_bool());
  Finish(job, {.read = 2, .unchanged = 2});
  status = boost::json::parse(Status(job, true)).as_object();
  EXPECT_EQ(status["state"], "SUCCEEDED");
  EXPECT_EQ(status["outcomes"].at("unchanged"), 2);
  EXPECT_EQ(status["phases"].at("stage"), 1500);
  EXPECT_EQ(status["open_failures"], 0);
}

TEST_F(JobCommandsTest, NameAJobThatIsNotThere) {
  EXPECT_EQ(Status({.id = 77}), "error job.not_found");
  EXPECT_EQ(Say(RunStatus, StatusOptions{"x", false, false}), "error job.bad_number");
  EXPECT_EQ(Say(RunFailures, FailuresOptions{.job = "77"}), "error job.not_found");
}

TEST_F(JobCommandsTest, JobsAreATable) {
  EXPECT_TRUE(Has(Say(RunJobs, JobsOptions{}), "no jobs yet"));
  const Job done = MakeJob(db());
  Finish(done, {.read = 12345, .inserted = 12345});
  const Job dead = MakeJob(db(), /*dry_run=*/true);
  ASSERT_TRUE(ReleaseJob(db(), dead).ok());
  const std::string text = Say(RunJobs, JobsOptions{});
  EXPECT_TRUE(Has(text, "12,345")) << text;
  EXPECT_TRUE(Has(text, "LOADING (dry run) (process gone)")) << text;
  EXPECT_LT(text.find("LOADING"), text.find("SUCCEEDED")) << "the newest first";
  const auto jobs =
      boost::json::parse(Say(RunJobs, JobsOptions{.limit = 1, .json = true})).as_array();
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].at("job_id"), dead.id);
  EXPECT_TRUE(jobs[0].at("read").is_null());
}

TEST_F(JobCommandsTest, WaiveSaysWhatIsStillOpen) {
  const Job job = MakeJob(db());
  AddFailure(job, 0, 1);
  AddFailure(job, 0, 2);
  EXPECT_EQ(Say(RunWaive, WaiveOptions{.job = std::to_string(job.id), .row = 2, .reason = "old"}),
            "1 failures waived\nopen failures of job " + std::to_string(job.id) + ": 1\n");
  EXPECT_EQ(Say(RunWaive, WaiveOptions{.job = std::to_string(job.id), .row = 1}),
            "error failures.reason_needed");
}

}  // namespace
}  // namespace eclusa
