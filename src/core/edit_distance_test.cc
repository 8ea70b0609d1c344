#include "core/edit_distance.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

TEST(EditDistance, CountsWhatIsPutInTakenOutChangedAndSwapped) {
  EXPECT_EQ(EditDistance("", ""), 0U);
  EXPECT_EQ(EditDistance("", "abc"), 3U);
  EXPECT_EQ(EditDistance("supplier", "suppliers"), 1U);
  EXPECT_EQ(EditDistance("supplier", "suplier"), 1U);
  EXPECT_EQ(EditDistance("supplier", "suppliar"), 1U);
  EXPECT_EQ(EditDistance("supplier", "supplire"), 1U);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3U);
}

TEST(EditDistance, LeavesTheCaseOfLettersAside) { EXPECT_EQ(EditDistance("ID", "id"), 0U); }

}  // namespace
}  // namespace eclusa
