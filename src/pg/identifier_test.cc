#include "pg/identifier.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

TEST(Identifier, QuotesEveryName) {
  EXPECT_EQ(QuoteIdentifier("select"), R"("select")");
  EXPECT_EQ(QuoteIdentifier(R"(a"b)"), R"("a""b")");
  EXPECT_EQ(QuoteQualified({"My Schema", "T x"}), R"("My Schema"."T x")");
  EXPECT_EQ(QuoteQualified({"", "t"}), R"("t")");
}

TEST(Identifier, QuotesLiteralsUnderBothStringModes) {
  EXPECT_EQ(QuoteLiteral("it's"), "'it''s'");
  EXPECT_EQ(QuoteLiteral(R"(a\'b)"), R"(E'a\\''b')");
  EXPECT_EQ(QuoteLiteral(""), "''");
}

struct NameCase {
  const char* text;
  TableName expected;
};

class ParseTableNameAccepts : public testing::TestWithParam<NameCase> {};

TEST_P(ParseTableNameAccepts, ReadsAsSqlDoes) {
  auto name = ParseTableName(GetParam().text);
  ASSERT_TRUE(name.ok()) << GetParam().text;
  EXPECT_EQ(*name, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Names, ParseTableNameAccepts,
    testing::Values(NameCase{"t", {"", "t"}}, NameCase{"a.b", {"a", "b"}},
                    NameCase{"Vendas.Notas", {"vendas", "notas"}},
                    NameCase{R"("My Schema"."T x")", {"My Schema", "T x"}},
                    NameCase{R"(ns."a.b")", {"ns", "a.b"}}, NameCase{R"("a""b")", {"", "a\"b"}},
                    NameCase{R"("""")", {"", "\""}}, NameCase{" a . b ", {"a", "b"}},
                    NameCase{"_x$1", {"", "_x$1"}}, NameCase{"ação.Índice", {"ação", "Índice"}}));

class ParseTableNameRefuses : public testing::TestWithParam<std::string> {};

TEST_P(ParseTableNameRefuses, WhatIsNoName) {
  auto name = ParseTableName(GetParam());
  ASSERT_FALSE(name.ok()) << GetParam();
  EXPECT_EQ(name.error().code(), "table.name");
  EXPECT_EQ(name.error().kind(), ErrorKind::kInvalid);
}

INSTANTIATE_TEST_SUITE_P(Texts, ParseTableNameRefuses,
                         testing::Values("", " ", ".", "a.", ".a", "a.b.c", "a b", "1a", "\"a",
                                         "\"\"", "a\"b\"", "a;drop table b", "a-b", "a..b",
                                         std::string(64, 'x'), std::string("\"a\0b\"", 5)));

TEST(ParseTableName, TakesTheLongestName) {
  EXPECT_TRUE(ParseTableName(std::string(63, 'x')).ok());
}

}  // namespace
}  // namespace eclusa
