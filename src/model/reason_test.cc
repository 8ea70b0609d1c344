#include "model/reason.h"

#include <gtest/gtest.h>

#include <string>

namespace eclusa {
namespace {

std::string Repeat(std::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

TEST(ClipValue, LeavesShortValuesAlone) {
  EXPECT_EQ(ClipValue(""), "");
  EXPECT_EQ(ClipValue(Repeat("a", 100)), Repeat("a", 100));
}

TEST(ClipValue, CutsAfterTheHundredthCharacter) {
  EXPECT_EQ(ClipValue(Repeat("a", 101)), Repeat("a", 100));
}

TEST(ClipValue, CountsCharactersNotBytes) {
  EXPECT_EQ(ClipValue(Repeat("ção", 33) + "ç"), Repeat("ção", 33) + "ç");
  EXPECT_EQ(ClipValue(Repeat("ç", 101)), Repeat("ç", 100));
  EXPECT_EQ(ClipValue(Repeat("🚢", 150)), Repeat("🚢", 100));
}

}  // namespace
}  // namespace eclusa
