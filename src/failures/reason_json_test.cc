#include "failures/reason_json.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

const Reason kReason = {.code = "row.columns",
                        .column = "age",
                        .value = "a\"b\\",
                        .rule = "2",
                        .arguments = {{"found", "3"}, {"expected", "2"}}};

TEST(ReasonJson, ReadsBackWhatItWrote) {
  const std::vector<Reason> back = ReasonsFromJson(ReasonsToJson({kReason, kReason}));
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[1].code, kReason.code);
  EXPECT_EQ(back[1].column, kReason.column);
  EXPECT_EQ(back[1].value, kReason.value);
  EXPECT_EQ(back[1].rule, kReason.rule);
  EXPECT_EQ(back[1].arguments, kReason.arguments);
}

TEST(ReasonJson, CarriesTheMessageInEnglish) {
  EXPECT_NE(ReasonsToJson({kReason}).find("the row has 3 columns instead of 2"), std::string::npos);
}

TEST(ReasonJson, HoldsNothingThatTheServerCouldNotStore) {
  Reason bad = kReason;
  bad.value = std::string("a\0b\xFF", 4);
  const std::string json = ReasonsToJson({bad});
  EXPECT_EQ(json.find("\\u0000"), std::string::npos);
  EXPECT_EQ(ReasonsFromJson(json)[0].value,
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
}

TEST(ReasonJson, LeavesOutWhatItDoesNotUnderstand) {
  EXPECT_TRUE(ReasonsFromJson("").empty());
  EXPECT_TRUE(ReasonsFromJson("{}").empty());
  EXPECT_TRUE(ReasonsFromJson("[1, null]").empty());
  EXPECT_EQ(ReasonFromJson("[]").code, "");
}

TEST(DescribeReasons, JoinsThemInTheLanguage) {
  EXPECT_EQ(DescribeReasons({kReason, kReason}, Language::kPortuguese),
            "age: a linha tem 3 colunas em vez de 2 (row.columns) | "
            "age: a linha tem 3 colunas em vez de 2 (row.columns)");
}

}  // namespace
}  // namespace eclusa
