#include "control/transitions.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <tuple>

namespace eclusa {
namespace {

using Row = std::tuple<JobState, std::string, JobState>;

std::vector<JobState> AllStates() {
  std::vector<JobState> states;
  for (size_t i = 0; i < kJobStateNames.size(); ++i) states.push_back(static_cast<JobState>(i));
  return states;
}

// What the structs allow, found by trying every one of them in every state.
template <class Transition>
void Try(const Transition& transition, std::set<Row>* rows) {
  for (const JobState from : AllStates()) {
    if (transition.CanApply(from)) continue;
    rows->emplace(from, std::string(Transition::kEvent), transition.Apply(from));
  }
}

TEST(Transitions, AllowExactlyWhatTheTableSays) {
  std::set<Row> allowed;
  Try(StartTransition{}, &allowed);
  Try(BeginMergeTransition{}, &allowed);
  Try(RestageTransition{}, &allowed);
  for (const JobState to : AllStates()) Try(FinishTransition{to}, &allowed);
  Try(FailTransition{}, &allowed);
  Try(GiveBackTransition{}, &allowed);
  Try(RequestCancelTransition{}, &allowed);
  Try(CancelTransition{}, &allowed);

  std::set<Row> published;
  for (const StateTableRow& row : StateTable()) {
    published.emplace(row.from, std::string(row.event), row.to);
  }
  EXPECT_EQ(allowed, published);
  EXPECT_EQ(published.size(), StateTable().size());
}

TEST(Transitions, LeaveNoFinalState) {
  for (const StateTableRow& row : StateTable()) {
    EXPECT_FALSE(IsFinal(row.from)) << Name(row.from);
  }
}

TEST(Transitions, ReachEveryFinalStateFromTheQueue) {
  std::set<JobState> reached = {JobState::kQueued};
  for (size_t before = 0; before != reached.size();) {
    before = reached.size();
    for (const StateTableRow& row : StateTable()) {
      if (reached.contains(row.from)) reached.insert(row.to);
    }
  }
  EXPECT_EQ(reached.size(), kJobStateNames.size());
}

TEST(Transitions, RefuseWithStateAndEvent) {
  const auto refused = BeginMergeTransition{}.CanApply(JobState::kFailed);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->code(), "job.wrong_state");
  const ErrorArguments expected = {{"state", "FAILED"}, {"event", "begin_merge"}};
  EXPECT_EQ(refused->arguments(), expected);
}

TEST(Transitions, AreThePublishedDocument) {
  const char* source = std::getenv("ECLUSA_SOURCE");
  ASSERT_NE(source, nullptr);
  std::ifstream file(std::string(source) + "/docs/states.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), StatesDocument());
}

TEST(JobStateNames, ReadBack) {
  for (const JobState state : AllStates()) EXPECT_EQ(ParseJobState(Name(state)), state);
  EXPECT_EQ(ParseJobState("PARKED"), std::nullopt);
}

}  // namespace
}  // namespace eclusa
