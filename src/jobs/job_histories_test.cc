// Histories of jobs, drawn at random: the transitions against the model, without a database.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <tuple>

#include "control/transitions.h"
#include "jobs/job_model_fixture.h"

namespace eclusa {
namespace {

using Move = std::tuple<JobState, std::string, JobState>;

// Jobs that know their state and their attempt, and change through control/transitions.h alone.
class Transitions {
 public:
  void Add() { jobs_.push_back({}); }
  JobState state(int job) const { return jobs_[static_cast<size_t>(job)].state; }
  int attempt(int job) const { return jobs_[static_cast<size_t>(job)].attempt; }
  // What was not refused.
  const std::set<Move>& moves() const { return moves_; }

  void Write(const JobWrite& write) {
    if (write.event == "start") Apply(StartTransition{}, write, 1);
    if (write.event == "begin_merge") Apply(BeginMergeTransition{}, write, 0);
    if (write.event == "restage") Apply(RestageTransition{}, write, 1);
    if (write.event == "give_back") Apply(GiveBackTransition{}, write, 0);
    if (write.event == "finish") Apply(FinishTransition{write.to}, write, 0);
    if (write.event == "fail") Apply(FailTransition{}, write, 0);
    if (write.event == "request_cancel") Apply(RequestCancelTransition{}, write, 0);
    if (write.event == "cancel") Apply(CancelTransition{}, write, 0);
  }

 private:
  struct Job {
    JobState state = JobState::kQueued;
    int attempt = 0;
  };
  template <class Transition>
  void Apply(const Transition& transition, const JobWrite& write, int attempts) {
    Job& job = jobs_[static_cast<size_t>(write.job)];
    if (job.attempt != write.attempt || transition.CanApply(job.state)) return;
    const JobState from = job.state;
    job.state = transition.Apply(from);
    job.attempt += attempts;
    moves_.emplace(from, std::string(Transition::kEvent), job.state);
  }

  std::vector<Job> jobs_;
  std::set<Move> moves_;
};

void RunHistory(const std::vector<JobCommand>& history, std::set<Move>* moves) {
  JobModel model;
  Transitions program;
  for (const JobCommand& command : history) {
    std::vector<JobWrite> writes;
    model.Do(command, &writes);
    if (command.step == JobStep::kEnqueue) program.Add();
    for (const JobWrite& write : writes) program.Write(write);
    for (size_t i = 0; i < model.jobs().size(); ++i) {
      const int job = static_cast<int>(i);
      RC_ASSERT(Name(program.state(job)) == Name(model.jobs()[i].state));
      RC_ASSERT(program.attempt(job) == model.jobs()[i].attempt);
    }
  }
  moves->insert(program.moves().begin(), program.moves().end());
}

TEST(JobHistories, AreThoseOfTheModel) {
  setenv("RC_PARAMS", "max_success=10000", /*overwrite=*/0);
  std::set<Move> moves;
  EXPECT_TRUE(rc::check("transitions and model agree", [&](const std::vector<JobCommand>& history) {
    RunHistory(history, &moves);
  }));
  // Nothing that can happen was left out. A job is CANCELING within one transaction, so that
  // nobody finds it so.
  std::set<Move> published;
  for (const StateTableRow& row : StateTable()) {
    if (row.from == JobState::kCanceling && row.event == "finish") continue;
    published.emplace(row.from, std::string(row.event), row.to);
  }
  EXPECT_EQ(moves, published);
}

}  // namespace
}  // namespace eclusa
