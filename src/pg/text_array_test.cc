#include "pg/text_array.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eclusa {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TextArray, ReadsWhatTheServerPrints) {
  EXPECT_THAT(ParseTextArray("{}"), IsEmpty());
  EXPECT_THAT(ParseTextArray(""), IsEmpty());
  EXPECT_THAT(ParseTextArray("{1,2}"), ElementsAre("1", "2"));
  EXPECT_THAT(ParseTextArray(R"({"a b","","x\"y\\z","{,}"})"),
              ElementsAre("a b", "", R"(x"y\z)", "{,}"));
  EXPECT_THAT(ParseTextArray(R"({NULL,"NULL"})"), ElementsAre("", "NULL"));
}

}  // namespace
}  // namespace eclusa
