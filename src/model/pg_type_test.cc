#include "model/pg_type.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

struct Spelling {
  std::string_view text;
  TypeKind kind;
  std::string_view name;        // as format_type of PostgreSQL prints it
  std::string_view stage_name;  // the same without limits
};

constexpr Spelling kSpellings[] = {
    {"boolean", TypeKind::kBoolean, "boolean", "boolean"},
    {"INT", TypeKind::kInt4, "integer", "integer"},
    {"int2", TypeKind::kInt2, "smallint", "smallint"},
    {"BigInt", TypeKind::kInt8, "bigint", "bigint"},
    {"double   precision", TypeKind::kFloat8, "double precision", "double precision"},
    {"float(24)", TypeKind::kFloat4, "real", "real"},
    {"float(25)", TypeKind::kFloat8, "double precision", "double precision"},
    {"numeric", TypeKind::kNumeric, "numeric", "numeric"},
    {"numeric(14,2)", TypeKind::kNumeric, "numeric(14,2)", "numeric"},
    {"DECIMAL ( 5 )", TypeKind::kNumeric, "numeric(5,0)", "numeric"},
    {"numeric(3,-2)", TypeKind::kNumeric, "numeric(3,-2)", "numeric"},
    {"varchar(150)", TypeKind::kVarchar, "character varying(150)", "character varying"},
    {"character varying", TypeKind::kVarchar, "character varying", "character varying"},
    {"char", TypeKind::kBpchar, "character(1)", "bpchar"},
    {"character(2)", TypeKind::kBpchar, "character(2)", "bpchar"},
    {"bpchar", TypeKind::kBpchar, "bpchar", "bpchar"},
    {"time(0)", TypeKind::kTime, "time(0) without time zone", "time without time zone"},
    {"timestamp", TypeKind::kTimestamp, "timestamp without time zone",
     "timestamp without time zone"},
    {"timestamp(3) with time zone", TypeKind::kTimestamptz, "timestamp(3) with time zone",
     "timestamp with time zone"},
    {"timestamptz", TypeKind::kTimestamptz, "timestamp with time zone", "timestamp with time zone"},
    {"interval(2)", TypeKind::kInterval, "interval(2)", "interval"},
    {" uuid ", TypeKind::kUuid, "uuid", "uuid"},
    {"integer[]", TypeKind::kArray, "integer[]", "integer[]"},
    {"numeric(14,2)[]", TypeKind::kArray, "numeric(14,2)[]", "numeric[]"},
};

TEST(ParseTypeName, KnowsPostgresSpellings) {
  for (const auto& [text, kind, name, stage_name] : kSpellings) {
    const std::optional<PgType> type = ParseTypeName(text);
    ASSERT_TRUE(type.has_value()) << text;
    EXPECT_EQ(type->kind, kind) << text;
    EXPECT_EQ(type->name, name) << text;
    EXPECT_EQ(type->stage_name, stage_name) << text;
  }
}

TEST(ParseTypeName, ReadsItsOwnNamesAgain) {
  for (const Spelling& spelling : kSpellings) {
    EXPECT_EQ(ParseTypeName(spelling.name)->name, spelling.name);
    EXPECT_EQ(ParseTypeName(spelling.stage_name)->stage_name, spelling.stage_name);
  }
}

TEST(ParseTypeName, KeepsLimits) {
  EXPECT_EQ(ParseTypeName("varchar(150)")->length_max, 150);
  EXPECT_EQ(ParseTypeName("varchar")->length_max, -1);
  EXPECT_EQ(ParseTypeName("numeric(14,2)")->precision, 14);
  EXPECT_EQ(ParseTypeName("numeric(14,2)")->scale, 2);
  EXPECT_EQ(ParseTypeName("numeric")->precision, -1);
  EXPECT_EQ(ParseTypeName("timestamp(3)")->fraction_max, 3);
  EXPECT_EQ(ParseTypeName("timestamp")->fraction_max, 6);
}

TEST(ParseTypeName, DescribesTheElementsOfAnArray) {
  const PgType type = ParseTypeName("varchar(10)[]").value();
  ASSERT_NE(type.element, nullptr);
  EXPECT_EQ(type.element->kind, TypeKind::kVarchar);
  EXPECT_EQ(type.element->length_max, 10);
  EXPECT_EQ(type.element_oid, 1043U);
}

TEST(ParseTypeName, RefusesWhatItDoesNotKnow) {
  for (const std::string_view text : {"",
                                      "  ",
                                      "money",
                                      "integer(4)",
                                      "varchar(0)",
                                      "varchar(10",
                                      "varchar(1,2)",
                                      "varchar(x)",
                                      "numeric(0)",
                                      "numeric(1001)",
                                      "numeric(10,2,3)",
                                      "timestamp(7)",
                                      "timetz",
                                      "float(0)",
                                      "float(54)",
                                      "uuid(1)",
                                      "xml",
                                      "date(3)",
                                      "varchar()",
                                      "integer; drop table x"}) {
    EXPECT_FALSE(ParseTypeName(text).has_value()) << text;
  }
}

TEST(TypeKind, HasAWidthOrIsVarying) {
  EXPECT_EQ(FixedWidth(TypeKind::kBoolean), 1);
  EXPECT_EQ(FixedWidth(TypeKind::kInt2), 2);
  EXPECT_EQ(FixedWidth(TypeKind::kDate), 4);
  EXPECT_EQ(FixedWidth(TypeKind::kTimestamptz), 8);
  EXPECT_EQ(FixedWidth(TypeKind::kInterval), 16);
  EXPECT_EQ(FixedWidth(TypeKind::kNumeric), 0);
  EXPECT_EQ(FixedWidth(TypeKind::kText), 0);
}

TEST(TypeKind, IsTextOrNot) {
  EXPECT_TRUE(IsTextKind(TypeKind::kEnum));
  EXPECT_TRUE(IsTextKind(TypeKind::kJsonb));
  EXPECT_FALSE(IsTextKind(TypeKind::kBytea));
  EXPECT_FALSE(IsTextKind(TypeKind::kUuid));
}

}  // namespace
}  // namespace eclusa
