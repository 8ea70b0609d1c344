#include "types/json_text.h"

#include <gtest/gtest.h>

#include <string>

namespace eclusa {
namespace {

TEST(CheckJson, TakesRfc8259) {
  for (const std::string text :
       {"1", "-0.5e-3", "\"a\"", "true", "null", "{}", "[]", " [ 1 , { \"a\" : [ ] } ] ",
        "{\"a\":1,\"a\":2}", "[[],[[]],{}]", "\"\\u00e9\\n\\\"\\/\"", "0", "1E400",
        "\"\\ud83d\\ude00\"", "{\"\":{\"x\":[{}]}}"}) {
    EXPECT_EQ(CheckJson(text, JsonKind::kJson), Fault::kNone) << text;
    EXPECT_EQ(CheckJson(text, JsonKind::kJsonb), Fault::kNone) << text;
  }
}

TEST(CheckJson, RefusesEverythingElse) {
  for (const std::string text : {"",           " ",
                                 "{",          "[",
                                 "]",          "[1,]",
                                 "[,1]",       "{\"a\"}",
                                 "{\"a\":}",   "{a:1}",
                                 "{\"a\":1,}", "'a'",
                                 "01",         "1.",
                                 ".5",         "+1",
                                 "1e",         "tru",
                                 "nulls",      "\"\n\"",
                                 "\"\\x\"",    "\"\\u12g4\"",
                                 "\"",         "1 2",
                                 "[1 2]",      "{\"a\":1 \"b\":2}",
                                 "NaN",        "[}",
                                 "{]",         "\"\\",
                                 "\"\\u00\"",  "-",
                                 "// 1"}) {
    EXPECT_EQ(CheckJson(text, JsonKind::kJson), Fault::kForm) << text;
    EXPECT_EQ(CheckJson(text, JsonKind::kJsonb), Fault::kForm) << text;
  }
}

TEST(CheckJson, IsStricterForJsonb) {
  EXPECT_EQ(CheckJson("\"\\u0000\"", JsonKind::kJson), Fault::kNone);
  EXPECT_EQ(CheckJson("\"\\u0000\"", JsonKind::kJsonb), Fault::kNul);
  for (const std::string text :
       {"\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\ud800x\""}) {
    EXPECT_EQ(CheckJson(text, JsonKind::kJson), Fault::kNone) << text;
    EXPECT_EQ(CheckJson(text, JsonKind::kJsonb), Fault::kForm) << text;
  }
  EXPECT_EQ(CheckJson("1e131072", JsonKind::kJson), Fault::kNone);
  EXPECT_EQ(CheckJson("1e131072", JsonKind::kJsonb), Fault::kOverflow);
  EXPECT_EQ(CheckJson("[1e-20000]", JsonKind::kJsonb), Fault::kOverflow);
}

TEST(CheckJson, LimitsDepth) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + "1" + std::string(depth, ']');
  };
  EXPECT_EQ(CheckJson(nested(kJsonDepthMax), JsonKind::kJson), Fault::kNone);
  EXPECT_EQ(CheckJson(nested(kJsonDepthMax + 1), JsonKind::kJson), Fault::kOverflow);
  EXPECT_EQ(CheckJson(std::string(1000000, '['), JsonKind::kJson), Fault::kOverflow);
}

}  // namespace
}  // namespace eclusa
