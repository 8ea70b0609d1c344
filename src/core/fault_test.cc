#include "core/fault.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

namespace eclusa {
namespace {

const FaultPoint kCalm("test.calm");
const FaultPoint kDeadly("test.deadly");
const FaultPoint kHeld("test.held");

class FaultPointTest : public ::testing::Test {
 protected:
  void SetUp() override {
    gate_ =
        std::filesystem::temp_directory_path() / ("eclusa_fault_test_" + std::to_string(getpid()));
    ASSERT_EQ(mkfifo(gate_.c_str(), 0600), 0);
    ASSERT_EQ(mkfifo(reached().c_str(), 0600), 0);
  }
  void TearDown() override {
    std::filesystem::remove(gate_);
    std::filesystem::remove(reached());
  }
  std::filesystem::path reached() const { return gate_.string() + ".reached"; }

  std::filesystem::path gate_;
};

TEST(FaultPoint, IsListedByNameInOrder) {
  const std::vector<std::string> names = FaultPoints();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::count(names.begin(), names.end(), "test.calm"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "test.deadly"), 1);
}

TEST(FaultPoint, DoesNothingUnlessArmed) { kCalm.Reach(); }

TEST(FaultPoint, RefusesUnknownPointsAndActions) {
  EXPECT_FALSE(ArmFault("test.nowhere", "kill"));
  EXPECT_FALSE(ArmFault("test.calm", "explode"));
}

TEST(FaultPointDeathTest, KillsTheProcess) {
  EXPECT_EXIT(
      {
        ArmFault("test.deadly", "kill");
        kDeadly.Reach();
      },
      ::testing::KilledBySignal(SIGKILL), "");
}

TEST_F(FaultPointTest, HoldsUntilItsGateIsOpenedOnce) {
  ASSERT_TRUE(ArmFault("test.held", "hold " + gate_.string()));
  std::atomic<bool> passed = false;
  std::thread worker([&] {
    kHeld.Reach();
    passed = true;
    kHeld.Reach();
  });
  std::string name;
  std::ifstream pipe(reached());
  std::getline(pipe, name);
  EXPECT_EQ(name, "test.held");
  EXPECT_FALSE(passed);
  std::ofstream(gate_) << "go\n";
  worker.join();
  EXPECT_TRUE(passed);
}

}  // namespace
}  // namespace eclusa
