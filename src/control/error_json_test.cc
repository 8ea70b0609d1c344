#include "control/error_json.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

TEST(ErrorJson, ReadsBackWhatItWrote) {
  const Error error =
      Error(ErrorKind::kConflict, "job.taken_over", {{"job", "7"}, {"why", "\"x\"\n"}})
          .With("staging f.csv")
          .WithSqlState("40001");
  const std::optional<Error> back = ErrorFromJson(ErrorToJson(error));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->kind(), ErrorKind::kConflict);
  EXPECT_EQ(back->code(), "job.taken_over");
  EXPECT_EQ(back->arguments(), error.arguments());
  EXPECT_EQ(back->context(), error.context());
  EXPECT_EQ(back->sql_state(), "40001");
}

TEST(ErrorJson, RefusesWhatIsNoError) {
  EXPECT_FALSE(ErrorFromJson("").has_value());
  EXPECT_FALSE(ErrorFromJson("[]").has_value());
  EXPECT_FALSE(ErrorFromJson("{\"kind\": \"invalid\"}").has_value());
}

TEST(FitText, KeepsEveryWellFormedText) {
  const std::string text = "a\x7F é ção \xF0\x9F\x98\x80 \xEF\xBF\xBD";
  EXPECT_EQ(FitText(text), text);
}

TEST(FitText, ReplacesNulAndBrokenBytesOneByOne) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(FitText(std::string("a\0b", 3)), "a" + replacement + "b");
  EXPECT_EQ(FitText("a\xE7"
                    "b"),
            "a" + replacement + "b");
  EXPECT_EQ(FitText("\xC0\x80"), replacement + replacement) << "overlong";
  EXPECT_EQ(FitText("\xED\xA0\x80"), replacement + replacement + replacement) << "surrogate";
  EXPECT_EQ(FitText("\xF4\x90\x80\x80").size(), 4 * replacement.size()) << "above U+10FFFF";
  EXPECT_EQ(FitText("\xE2\x82"), replacement + replacement) << "cut off";
}

TEST(FitJson, ReplacesTheEscapeOfNulAndNothingElse) {
  EXPECT_EQ(FitJson(R"({"a": "x\u0000y"})"), R"({"a": "x\uFFFDy"})");
  EXPECT_EQ(FitJson(R"({"a": "x\\u0000y"})"), R"({"a": "x\\u0000y"})") << "an escaped backslash";
  EXPECT_EQ(FitJson(R"(["\n\u0000\\\u0000"])"), R"(["\n\uFFFD\\\uFFFD"])");
}

}  // namespace
}  // namespace eclusa
