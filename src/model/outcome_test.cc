#include "model/outcome.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

TEST(Outcome, HasTheNameThatReportsShow) {
  EXPECT_EQ(Name(Outcome::kInserted), "inserted");
  EXPECT_EQ(Name(Outcome::kSuperseded), "superseded");
  EXPECT_EQ(Name(Outcome::kSkipped), "skipped");
}

TEST(OutcomeCounts, BalanceWhenEachRowReadHasOneOutcome) {
  OutcomeCounts counts{.read = 45,
                       .inserted = 1,
                       .updated = 2,
                       .unchanged = 3,
                       .deleted = 4,
                       .superseded = 5,
                       .duplicate = 6,
                       .waiting = 7,
                       .failed = 8,
                       .skipped = 9};
  EXPECT_TRUE(counts.Balances());
  ++counts.failed;
  EXPECT_FALSE(counts.Balances());
}

TEST(OutcomeCounts, LeaveOutRowsThatNobodyRead) {
  const OutcomeCounts counts{.read = 1, .inserted = 1, .removed = 10, .cascaded = 20};
  EXPECT_TRUE(counts.Balances());
}

}  // namespace
}  // namespace eclusa
