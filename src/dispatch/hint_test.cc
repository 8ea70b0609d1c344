#include "dispatch/hint.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

TEST(Hint, IsReadAsItWasWritten) {
  for (const ReadyHint& hint : {ReadyHint{.job_id = 17}, ReadyHint{.job_id = 17, .part = 0},
                                ReadyHint{.job_id = INT64_MAX, .part = INT32_MAX}}) {
    EXPECT_EQ(ParseHint(TextOf(hint)), hint);
  }
  EXPECT_EQ(TextOf({.job_id = 17, .part = 3}), "17/3");
}

TEST(Hint, IsNothingElse) {
  for (const char* text : {"", "x", "-1", "+1", "1 ", " 1", "1/", "/1", "1/2/3", "1/-2", "1.5",
                           "9223372036854775808", "1/2147483648", "{\"job\": 1}"}) {
    EXPECT_FALSE(ParseHint(text).has_value()) << text;
  }
  EXPECT_FALSE(ParseHint(std::string("1\0", 2)).has_value());
}

}  // namespace
}  // namespace eclusa
