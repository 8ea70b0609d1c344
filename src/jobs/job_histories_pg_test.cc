// The histories of job_histories_test.cc, fewer, on PostgreSQL.
#include <gtest/gtest.h>

#include <cstdlib>

#include "jobs/job_model_fixture.h"
#include "jobs/jobs_fixture.h"
#include "jobs/rescuer.h"

namespace eclusa {
namespace {

class JobHistoriesOnPostgres : public JobsFixture {
 protected:
  void Empty() {
    Must(db(), "DELETE FROM eclusa.jobs");
    Must(db(), "DELETE FROM eclusa.ledger");
    Must(db(), "DELETE FROM eclusa.workers");
    Must(db(), "DELETE FROM eclusa.cancel_requests");
    jobs_.clear();
    workers_.clear();
  }

  // The same as the model's Do, by the program.
  std::string Do(const JobCommand& command, const JobModel& before) {
    switch (command.step) {
      case JobStep::kEnqueue:
        return DoEnqueue(command);
      case JobStep::kNewWorker:
        workers_.push_back(AddWorker());
        return "";
      case JobStep::kTimePasses:
        Must(db(), "UPDATE eclusa.queue SET ready_at = clock_timestamp()");
        return "";
      case JobStep::kRescue:
        return DoRescue();
      case JobStep::kClaim:
      case JobStep::kLeaseEnds: {
        const std::optional<int> worker = before.WorkerOf(command);
        if (!worker) return "";
        const int64_t id = workers_[static_cast<size_t>(*worker)];
        if (command.step == JobStep::kClaim) return DoClaim(id);
        Must(db(),
             "UPDATE eclusa.workers SET lease_until = clock_timestamp() - interval '1 s' "
             "WHERE id = " +
                 std::to_string(id));
        return "";
      }
      default: {
        const std::optional<int> job = before.JobOf(command);
        if (!job) return "";
        const int tries = before.jobs()[static_cast<size_t>(*job)].tries;
        return OfAttempt(command, {jobs_[static_cast<size_t>(*job)], before.AttemptOf(command)},
                         tries);
      }
    }
  }

  std::vector<std::string> Describe() {
    const auto found = db().Execute(
        "SELECT j.state || ' ' || j.attempt || coalesce(' waits after ' || q.tries, ''), "
        "r.worker_id FROM eclusa.jobs j LEFT JOIN eclusa.queue q ON q.job_id = j.id "
        "LEFT JOIN eclusa.running r ON r.job_id = j.id ORDER BY j.id");
    CHECK(found.ok());
    std::vector<std::string> jobs;
    for (int row = 0; row < found->rows(); ++row) {
      jobs.emplace_back(found->Text(row, 0));
      if (found->IsNull(row, 1)) continue;
      const auto worker = std::ranges::find(workers_, found->Int(row, 1));
      jobs.back() += " with " + std::to_string(worker - workers_.begin());
    }
    return jobs;
  }

  std::string LedgerOfOthers() {
    return Ask(
        "SELECT count(*) FROM eclusa.jobs j FULL JOIN eclusa.ledger l ON l.job_id = j.id "
        "WHERE (j.state IN ('SUCCEEDED', 'SUCCEEDED_WITH_FAILURES')) IS DISTINCT FROM "
        "(l.job_id IS NOT NULL)");
  }

 private:
  static std::string Told(const Status& status) {
    return status.ok() ? "done" : std::string(status.error().code());
  }
  static std::string Told(const Result<JobState>& state) {
    return state.ok() ? std::string(Name(*state)) : std::string(state.error().code());
  }

  std::string DoEnqueue(const JobCommand& command) {
    JobRequest request;
    request.target = {"public", "people"};
    const auto made = Enqueue(db(), {.job = request,
                                     .tenant = "t" + std::to_string(command.variant % 3),
                                     .priority = static_cast<int16_t>(command.variant / 3 % 2)});
    CHECK(made.ok());
    jobs_.push_back(made->id);
    return "";
  }

  std::string DoClaim(int64_t worker) {
    const int64_t id = Claim(worker);
    if (id == 0) return "nothing";
    return "claimed " + std::to_string(std::ranges::find(jobs_, id) - jobs_.begin());
  }

  std::string DoRescue() {
    const auto counts = RescueJobs(db(), {.tries_max = JobModel::kTriesMax,
                                          .retry_after = std::chrono::hours(1),
                                          .retry_after_max = std::chrono::hours(1)});
    CHECK(counts.ok());
    return std::to_string(counts->workers) + " gone, " + std::to_string(counts->requeued) +
           " back, " + std::to_string(counts->failed) + " failed, " +
           std::to_string(counts->cancelled) + " cancelled";
  }

  std::string OfAttempt(const JobCommand& command, Job job, int tries) {
    switch (command.step) {
      case JobStep::kBeginMerge:
        return Told(BeginMerge(db(), job));
      case JobStep::kRestage:
        return Told(RestageJob(db(), job));
      case JobStep::kFinish:
        return Told(DoFinish(job, EndStateOf(command.variant)));
      case JobStep::kGiveBack:
        return Told(RequeueJob(
            db(), job,
            {.tries = tries + 1, .delay = std::chrono::hours(command.variant % 2), .why = "test"}));
      case JobStep::kReset:
        return Told(ResetJob(db(), job));
      case JobStep::kFail:
        return Told(FailJob(db(), job, Error(ErrorKind::kInternal, "test.failed")));
      case JobStep::kCancel:
        return Told(CancelJob(db(), job));
      default:
        return ToldOf(RequestCancel(db(), job.id, "test"));
    }
  }

  Status DoFinish(const Job& job, JobState to) {
    Transaction transaction = TRY(Transaction::Begin(db()));
    TRY(LockForMerge(db(), job));
    TRY(FinishJob(db(), job, {.state = to}));
    return std::move(transaction).Commit();
  }

  static std::string ToldOf(const Result<CancelAnswer>& answer) {
    if (!answer.ok()) return std::string(answer.error().code());
    static constexpr const char* kAnswers[] = {"canceled", "requested", "ended"};
    return kAnswers[static_cast<size_t>(*answer)];
  }

  std::vector<int64_t> jobs_;
  std::vector<int64_t> workers_;
};

TEST_F(JobHistoriesOnPostgres, AreThoseOfTheModel) {
  setenv("RC_PARAMS", "max_success=200 max_size=200", /*overwrite=*/0);
  EXPECT_TRUE(rc::check("program and model agree", [&](const std::vector<JobCommand>& history) {
    Empty();
    JobModel model;
    for (const JobCommand& command : history) {
      const std::string answer = Do(command, model);
      std::vector<JobWrite> writes;
      const std::string expected = model.Do(command, &writes);
      RC_LOG() << command << ": " << answer << "\n";
      RC_ASSERT(answer == expected);
      std::vector<std::string> jobs;
      for (size_t i = 0; i < model.jobs().size(); ++i) {
        jobs.push_back(model.Describe(static_cast<int>(i)));
      }
      RC_ASSERT(Describe() == jobs);
    }
    RC_ASSERT(LedgerOfOthers() == "0");
  }));
}

}  // namespace
}  // namespace eclusa
