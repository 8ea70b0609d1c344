#include "types/array_text.h"

#include <gtest/gtest.h>

#include <string>

namespace eclusa {
namespace {

std::vector<std::string> Split(std::string_view text) {
  ArrayElements elements;
  int32_t count = 0;
  if (SplitArray(text, elements, &count) != Fault::kNone) return {"refused"};
  std::vector<std::string> parts;
  for (int32_t i = 0; i < count; ++i) {
    const auto at = static_cast<size_t>(i);
    parts.push_back(elements.nulls[at] != 0
                        ? "<null>"
                        : std::string(elements.data.begin() + elements.offsets[at],
                                      elements.data.begin() + elements.offsets[at + 1]));
  }
  return parts;
}

using Parts = std::vector<std::string>;

TEST(SplitArray, TakesPlainAndQuotedElements) {
  EXPECT_EQ(Split("{}"), Parts());
  EXPECT_EQ(Split("{1,2,3}"), Parts({"1", "2", "3"}));
  EXPECT_EQ(Split("{a b,\"c,d\",\"e\\\"f\\\\g\",\"\"}"), Parts({"a b", "c,d", "e\"f\\g", ""}));
  EXPECT_EQ(Split("{NULL,null,\"NULL\"}"), Parts({"<null>", "<null>", "NULL"}));
  EXPECT_EQ(Split("{\"{}\"}"), Parts({"{}"}));
}

TEST(SplitArray, RefusesWhatItDoesNotKnow) {
  for (const std::string_view text :
       {"", "{", "}", "1,2", "{1,}", "{,1}", "{{1},{2}}", "[2:3]={1,2}", "{\"a}", "{a\"b\"}",
        "{\"a\"b}", "{ 1}", "{1 }", "{1} ", "{a\\b}", "{\"a\\n\"}", "{1}{2}"}) {
    EXPECT_EQ(Split(text), Parts({"refused"})) << text;
  }
}

TEST(SplitArray, LeavesNothingBehindAfterARefusal) {
  ArrayElements elements;
  int32_t count = 0;
  EXPECT_EQ(SplitArray("{1,2}", elements, &count), Fault::kNone);
  EXPECT_EQ(SplitArray("{3,\"x", elements, &count), Fault::kForm);
  EXPECT_EQ(elements.offsets.size(), 3U);
  EXPECT_EQ(elements.nulls.size(), 2U);
  EXPECT_EQ(std::string(elements.data.begin(), elements.data.end()), "12");
}

}  // namespace
}  // namespace eclusa
