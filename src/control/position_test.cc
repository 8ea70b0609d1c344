#include "control/position.h"

#include <thread>

#include "control/control_fixture.h"

namespace eclusa {
namespace {

class PositionTest : public ControlFixture {};

TEST_F(PositionTest, MovesFromTheExpectedPlaceOnly) {
  EXPECT_EQ(CompareAndSetPosition(db(), "erp", "1", "2").error().code(), "position.unknown");
  ASSERT_TRUE(CompareAndSetPosition(db(), "erp", "", "1").ok());
  EXPECT_EQ(CompareAndSetPosition(db(), "erp", "", "1").error().code(), "position.exists");
  ASSERT_TRUE(CompareAndSetPosition(db(), "erp", "1", "2").ok());
  const Status refused = CompareAndSetPosition(db(), "erp", "1", "3");
  EXPECT_EQ(refused.error().code(), "position.moved");
  EXPECT_EQ(refused.error().kind(), ErrorKind::kInvalid) << "never retried";
  EXPECT_EQ(ReadPosition(db(), "erp").value(), "2");
}

TEST_F(PositionTest, IsMovedByOneOfTwoThatRace) {
  ASSERT_TRUE(CompareAndSetPosition(db(), "erp", "", "1").ok());
  std::atomic<int> moved = 0;
  {
    std::vector<std::jthread> loads;
    for (int i = 0; i < 4; ++i) {
      loads.emplace_back([&, i] {
        Connection own = Connect();
        Transaction transaction = Transaction::Begin(own).value();
        if (!CompareAndSetPosition(own, "erp", "1", "2-" + std::to_string(i)).ok()) return;
        if (std::move(transaction).Commit().ok()) ++moved;
      });
    }
  }
  EXPECT_EQ(moved, 1);
}

class AppendedBeforeTest : public ControlFixture {
 protected:
  Job Append(char digest, JobState state, bool dry_run = false, Mode mode = Mode::kAppend) {
    const Job job = MakeJob(db(), dry_run, mode);
    AddFile(job, 0, digest);
    EXPECT_TRUE(BeginMerge(db(), job).ok());
    Transaction transaction = Transaction::Begin(db()).value();
    EXPECT_TRUE(FinishJob(db(), job, {.state = state}).ok());
    EXPECT_TRUE(std::move(transaction).Commit().ok());
    return job;
  }
  std::optional<EarlierAppend> Before(char digest, const std::string& table = "people") {
    return AppendedBefore(db(), {"public", table}, {std::string(64, 'f'), std::string(64, digest)})
        .value();
  }
};

TEST_F(AppendedBeforeTest, NamesTheFirstLoadThatCommittedTheFileToThisTarget) {
  const Job first = Append('a', JobState::kSucceeded);
  Append('a', JobState::kSucceeded);
  ASSERT_TRUE(Before('a').has_value());
  EXPECT_EQ(Before('a')->job_id, first.id);
  EXPECT_EQ(Before('a')->sha256, std::string(64, 'a'));
  EXPECT_FALSE(Before('b').has_value());
  EXPECT_FALSE(Before('a', "others").has_value());
}

TEST_F(AppendedBeforeTest, DoesNotCountWhatChangedNothing) {
  Append('a', JobState::kRejected);
  Append('a', JobState::kSucceeded, /*dry_run=*/true);
  Append('a', JobState::kSucceeded, /*dry_run=*/false, Mode::kUpsert);
  EXPECT_FALSE(Before('a').has_value());
}

}  // namespace
}  // namespace eclusa
