#include "model/load_options.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

TEST(Mode, IsReadAsItIsWritten) {
  for (const Mode mode :
       {Mode::kUpsert, Mode::kInsert, Mode::kAppend, Mode::kDelete, Mode::kMixed, Mode::kReplace}) {
    EXPECT_EQ(ParseMode(Name(mode)), mode);
  }
  EXPECT_EQ(Name(Mode::kMixed), "mixed");
  EXPECT_EQ(ParseMode("merge"), std::nullopt);
}

TEST(Duplicates, AreReadAsTheyAreWritten) {
  for (const Duplicates duplicates :
       {Duplicates::kLast, Duplicates::kFirst, Duplicates::kHighestVersion, Duplicates::kReject}) {
    EXPECT_EQ(ParseDuplicates(Name(duplicates)), duplicates);
  }
  EXPECT_EQ(Name(Duplicates::kHighestVersion), "highest_version");
  EXPECT_EQ(ParseDuplicates(""), std::nullopt);
}

TEST(Tolerance, IsANumberOfRowsOrAShare) {
  EXPECT_EQ(ParseTolerance("10")->rows, 10);
  EXPECT_EQ(ParseTolerance("10")->percent, std::nullopt);
  EXPECT_EQ(ParseTolerance("2.5%")->percent, 2.5);
  EXPECT_EQ(ParseTolerance("0%")->percent, 0);
  EXPECT_EQ(ParseTolerance("100%")->percent, 100);
}

TEST(Tolerance, RefusesOtherTexts) {
  for (const std::string_view text :
       {"", "%", "-1", "101%", "-0.1%", "nan%", "1.5", "ten", "5 %"}) {
    EXPECT_FALSE(ParseTolerance(text).has_value()) << text;
  }
}

TEST(FilterTerm, HasColumnOperatorAndValue) {
  const FilterTerm term = ParseFilterTerm(" tenant = 47 ").value();
  EXPECT_EQ(term.column, "tenant");
  EXPECT_EQ(term.op, "=");
  EXPECT_EQ(term.value, "47");
}

TEST(FilterTerm, TakesTheLongestOperator) {
  EXPECT_EQ(ParseFilterTerm("day>=2024-01-01")->op, ">=");
  EXPECT_EQ(ParseFilterTerm("day<=2024-01-01")->value, "2024-01-01");
  EXPECT_EQ(ParseFilterTerm("state<>open")->op, "<>");
  EXPECT_EQ(ParseFilterTerm("n>1")->op, ">");
}

TEST(FilterTerm, KeepsOperatorsInTheValue) {
  EXPECT_EQ(ParseFilterTerm("code = a=b")->value, "a=b");
  EXPECT_EQ(ParseFilterTerm("code =")->value, "");
}

TEST(JsonPointer, IsReadByItsTokens) {
  using Tokens = std::vector<std::string>;
  EXPECT_EQ(ParseJsonPointer(""), Tokens{});
  EXPECT_EQ(ParseJsonPointer("/"), Tokens{""});
  EXPECT_EQ(ParseJsonPointer("/result"), Tokens{"result"});
  EXPECT_EQ(ParseJsonPointer("/a~1b/x~0/0"), (Tokens{"a/b", "x~", "0"}));
  for (const std::string_view text : {"result", "#/result", "/a~", "/a~2", "/a~/b"}) {
    EXPECT_FALSE(ParseJsonPointer(text).has_value()) << text;
  }
}

TEST(FilterTerm, RefusesOtherTexts) {
  for (const std::string_view text : {"", "tenant", "= 47", "tenant 47"}) {
    EXPECT_FALSE(ParseFilterTerm(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace eclusa
