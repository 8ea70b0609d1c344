#include "check/rules.h"

#include "check/check_fixture.h"

namespace eclusa {
namespace {

class Rules : public CheckFixture {
 protected:
  // Reasons of one column under one rule.
  std::string Apply(const std::string& type, const Rule& rule, const Texts& values) {
    table_.columns.clear();
    contract_.properties.clear();
    Add("a", type).rules = {rule};
    ClearFile();
    File("a", values);
    Check();
    return Reasons();
  }
};

TEST_F(Rules, CountCharacters) {
  EXPECT_EQ(Apply("text", MakeRule(Rule::Kind::kMinLength, "3"), {"ação", "éé", "abc"}),
            "1:value.too_short(a)");
  EXPECT_EQ(Apply("text", MakeRule(Rule::Kind::kMaxLength, "4"), {"ação", "ações", "abc"}),
            "1:value.too_long(a)");
}

TEST_F(Rules, MatchPatternsAgainstTheWholeValue) {
  EXPECT_EQ(
      Apply("text", MakeRule(Rule::Kind::kPattern, "[a-z]+\\d?"), {"abc", "abc1", "abc12", "1"}),
      "2:value.pattern(a) 3:value.pattern(a)");
  Add("b", "text").rules = {MakeRule(Rule::Kind::kPattern, "(?=x)")};
  File("b", Texts{"x", "x", "x", "x"});
  EXPECT_EQ(CreateCode(), "rule.pattern");
}

TEST_F(Rules, CompareNumbersBySize) {
  EXPECT_EQ(Apply("integer", MakeRule(Rule::Kind::kMinimum, "1.5"), {"1", "2"}),
            "0:value.too_small(a)");
  EXPECT_EQ(Apply("integer", MakeRule(Rule::Kind::kExclusiveMaximum, "-1.5"), {"-2", "-1"}),
            "1:value.too_large(a)");
  EXPECT_EQ(Apply("smallint", MakeRule(Rule::Kind::kMaximum, "100000"), {"32767"}), "");
  EXPECT_EQ(
      Apply("numeric(10,2)", MakeRule(Rule::Kind::kExclusiveMinimum, "0"), {"0.00", "0.01", "-1"}),
      "0:value.too_small(a) 2:value.too_small(a)");
  EXPECT_EQ(Apply("double precision", MakeRule(Rule::Kind::kMaximum, "1"), {"1", "1.0001", "NaN"}),
            "1:value.too_large(a) 2:value.too_large(a)");
  EXPECT_EQ(
      Apply("date", MakeRule(Rule::Kind::kMinimum, "2024-01-01"), {"2023-12-31", "2024-01-01"}),
      "0:value.too_small(a)");
}

TEST_F(Rules, FindMultiples) {
  EXPECT_EQ(Apply("integer", MakeRule(Rule::Kind::kMultipleOf, "5"), {"10", "12", "0"}),
            "1:value.not_multiple(a)");
  EXPECT_EQ(Apply("numeric", MakeRule(Rule::Kind::kMultipleOf, "0.05"), {"1.15", "1.16"}),
            "1:value.not_multiple(a)");
  EXPECT_EQ(Apply("double precision", MakeRule(Rule::Kind::kMultipleOf, "0.1"), {"0.3", "0.35"}),
            "1:value.not_multiple(a)");
}

TEST_F(Rules, LookIntoLists) {
  Rule list;
  list.kind = Rule::Kind::kInList;
  list.list = {"SP", "RJ"};
  EXPECT_EQ(Apply("text", list, {"SP", "sp", "MG"}),
            "1:value.not_in_list(a) 2:value.not_in_list(a)");
  EXPECT_EQ(ReasonOf(1).rule, "SP, RJ");
  list.list = {"1", "2.50"};
  EXPECT_EQ(Apply("numeric", list, {"1.0", "2.5", "3"}), "2:value.not_in_list(a)");
  list.kind = Rule::Kind::kNotInList;
  list.list = {"0"};
  EXPECT_EQ(Apply("bigint", list, {"0", "1"}), "0:value.forbidden(a)");
}

TEST_F(Rules, KnowEmailAddresses) {
  EXPECT_EQ(Apply("text", MakeFormat(DocumentFormat::kEmail),
                  {"a.b+c@d.com.br", "a@b", "a b@c.d", "@c.d", "a@c.d.", "a@@c.d"}),
            "1:value.email(a) 2:value.email(a) 3:value.email(a) 4:value.email(a) 5:value.email(a)");
}

TEST_F(Rules, ReportEveryBreachOfAValue) {
  Add("a", "text").rules = {MakeRule(Rule::Kind::kMinLength, "3"),
                            MakeRule(Rule::Kind::kPattern, "[a-z]*")};
  File("a", Texts{"1"});
  Check();
  EXPECT_EQ(Reasons(), "0:value.too_short(a) 0:value.pattern(a)");
}

TEST_F(Rules, EmptyOrFlagInsteadOfRejecting) {
  Rule rule = MakeRule(Rule::Kind::kMaximum, "10");
  rule.on_violation = OnViolation::kNull;
  EXPECT_EQ(Apply("integer", rule, {"11", "10"}), "");
  EXPECT_TRUE(Values("a").IsNull(0));
  EXPECT_EQ(Warnings("a.maximum"), 1);
  contract_.properties[0].required = true;
  Check();
  EXPECT_EQ(Reasons(), "0:value.required(a)");
  EXPECT_EQ(Warnings("a.maximum"), 0);
}

TEST_F(Rules, AreRefusedWhereTheyMeanNothing) {
  Add("a", "integer").rules = {MakeRule(Rule::Kind::kPattern, "x")};
  File("a", Texts{"1"});
  EXPECT_EQ(CreateCode(), "rule.unsuitable");
  contract_.properties[0].rules = {MakeRule(Rule::Kind::kMinimum, "abc")};
  EXPECT_EQ(CreateCode(), "rule.limit");
  contract_.properties[0].rules = {MakeFormat(DocumentFormat::kCpf)};
  EXPECT_EQ(CreateCode(), "rule.unsuitable");
  contract_.properties[0].rules = {MakeRule(Rule::Kind::kMultipleOf, "0")};
  EXPECT_EQ(CreateCode(), "rule.limit");
}

}  // namespace
}  // namespace eclusa
