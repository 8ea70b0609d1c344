#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pg/catalog.h"
#include "pg/test_database.h"

namespace eclusa {
namespace {

using testing::ElementsAre;

class CatalogTypesOnServer : public testing::Test {
 protected:
  PgType TypeOf(const std::string& type) {
    database_.Run("DROP TABLE IF EXISTS t; CREATE TABLE t (c " + type + ")");
    auto table = DescribeTable(database_.connection(), {"", "t"});
    if (!table.ok() || table->columns.size() != 1) {
      ADD_FAILURE() << type << database_.connection().last_error().message;
      return {};
    }
    return table->columns[0].type;
  }

  TestDatabase database_{"catalog_types"};
};

struct TypeCase {
  const char* type;
  TypeKind kind;
  const char* name;
  const char* stage_name;
  int32_t length_max = -1;
  int32_t precision = -1;
  int32_t scale = 0;
  int32_t fraction_max = 6;
};

constexpr TypeCase kCases[] = {
    {"boolean", TypeKind::kBoolean, "boolean", "boolean"},
    {"smallint", TypeKind::kInt2, "smallint", "smallint"},
    {"integer", TypeKind::kInt4, "integer", "integer"},
    {"bigint", TypeKind::kInt8, "bigint", "bigint"},
    {"real", TypeKind::kFloat4, "real", "real"},
    {"double precision", TypeKind::kFloat8, "double precision", "double precision"},
    {"numeric", TypeKind::kNumeric, "numeric", "numeric"},
    {"numeric(14,2)", TypeKind::kNumeric, "numeric(14,2)", "numeric", -1, 14, 2},
    {"numeric(5,-3)", TypeKind::kNumeric, "numeric(5,-3)", "numeric", -1, 5, -3},
    {"numeric(1000,1000)", TypeKind::kNumeric, "numeric(1000,1000)", "numeric", -1, 1000, 1000},
    {"text", TypeKind::kText, "text", "text"},
    {"varchar", TypeKind::kVarchar, "character varying", "character varying"},
    {"varchar(150)", TypeKind::kVarchar, "character varying(150)", "character varying", 150},
    {"char(8)", TypeKind::kBpchar, "character(8)", "bpchar", 8},
    {"char", TypeKind::kBpchar, "character(1)", "bpchar", 1},
    {"bpchar", TypeKind::kBpchar, "bpchar", "bpchar"},
    {"bytea", TypeKind::kBytea, "bytea", "bytea"},
    {"date", TypeKind::kDate, "date", "date"},
    {"time(3)", TypeKind::kTime, "time(3) without time zone", "time without time zone", -1, -1, 0,
     3},
    {"timestamp", TypeKind::kTimestamp, "timestamp without time zone",
     "timestamp without time zone"},
    {"timestamptz(0)", TypeKind::kTimestamptz, "timestamp(0) with time zone",
     "timestamp with time zone", -1, -1, 0, 0},
    {"interval", TypeKind::kInterval, "interval", "interval"},
    {"interval(2)", TypeKind::kInterval, "interval(2)", "interval", -1, -1, 0, 2},
    {"interval day to hour", TypeKind::kUnsupported, "interval day to hour", "interval"},
    {"uuid", TypeKind::kUuid, "uuid", "uuid"},
    {"json", TypeKind::kJson, "json", "json"},
    {"jsonb", TypeKind::kJsonb, "jsonb", "jsonb"},
    {"inet", TypeKind::kInet, "inet", "inet"},
    {"cidr", TypeKind::kCidr, "cidr", "cidr"},
    {"money", TypeKind::kUnsupported, "money", "money"},
    {"timetz", TypeKind::kUnsupported, "time with time zone", "time with time zone"},
    {"int2vector", TypeKind::kUnsupported, "int2vector", "int2vector"},
    {"bit(3)", TypeKind::kUnsupported, "bit(3)", "\"bit\""},
    {"\"char\"", TypeKind::kUnsupported, "\"char\"", "\"char\""},
    {"point[]", TypeKind::kUnsupported, "point[]", "point[]"},
};

TEST_F(CatalogTypesOnServer, ReadsKindsAndLimits) {
  for (const TypeCase& expected : kCases) {
    const PgType type = TypeOf(expected.type);
    EXPECT_EQ(type.kind, expected.kind) << expected.type;
    EXPECT_EQ(type.name, expected.name);
    EXPECT_EQ(type.stage_name, expected.stage_name);
    EXPECT_EQ(type.length_max, expected.length_max) << expected.type;
    EXPECT_EQ(type.precision, expected.precision) << expected.type;
    EXPECT_EQ(type.scale, expected.scale) << expected.type;
    EXPECT_EQ(type.fraction_max, expected.fraction_max) << expected.type;
    EXPECT_FALSE(type.domain.has_value()) << expected.type;
  }
}

TEST_F(CatalogTypesOnServer, ReadsEnumsInTheirOrder) {
  database_.Run(
      "CREATE SCHEMA IF NOT EXISTS \"other types\";"
      "DROP TYPE IF EXISTS \"other types\".\"Mood\";"
      "CREATE TYPE \"other types\".\"Mood\" AS ENUM ('z', 'a b', 'c,\"d\"');"
      "ALTER TYPE \"other types\".\"Mood\" ADD VALUE 'first' BEFORE 'z'");
  const PgType type = TypeOf("\"other types\".\"Mood\"");
  EXPECT_EQ(type.kind, TypeKind::kEnum);
  EXPECT_THAT(type.enum_labels, ElementsAre("first", "z", "a b", "c,\"d\""));
  EXPECT_EQ(type.name, "\"other types\".\"Mood\"");
  EXPECT_EQ(type.stage_name, "\"other types\".\"Mood\"");
  database_.Run("DROP SCHEMA \"other types\" CASCADE");
}

TEST_F(CatalogTypesOnServer, ReadsDomainsOverDomainsDownToTheirBase) {
  database_.Run(
      "CREATE DOMAIN \"Base d\" AS varchar(20) NOT NULL CONSTRAINT not_empty CHECK (VALUE <> '');"
      "CREATE DOMAIN upper_d AS \"Base d\" CONSTRAINT is_upper CHECK (VALUE = upper(VALUE))"
      " CONSTRAINT not_me CHECK (VALUE <> current_user)");
  const PgType type = TypeOf("upper_d");
  EXPECT_EQ(type.kind, TypeKind::kVarchar);
  EXPECT_EQ(type.length_max, 20);
  EXPECT_EQ(type.name, "character varying(20)");
  EXPECT_EQ(type.stage_name, "character varying");
  ASSERT_TRUE(type.domain.has_value());
  EXPECT_EQ(type.domain->name, "catalog_types.upper_d");
  EXPECT_TRUE(type.domain->not_null);
  ASSERT_EQ(type.domain->checks.size(), 3U);
  EXPECT_EQ(type.domain->checks[0].name, "is_upper");
  EXPECT_EQ(type.domain->checks[0].expression, "((VALUE)::text = upper((VALUE)::text))");
  EXPECT_TRUE(type.domain->checks[0].immutable);
  EXPECT_FALSE(type.domain->checks[1].immutable);
  EXPECT_EQ(type.domain->checks[2].name, "not_empty");
}

TEST_F(CatalogTypesOnServer, ADomainsDefaultIsADefault) {
  database_.Run("CREATE DOMAIN seven AS int DEFAULT 7; CREATE TABLE d (c seven)");
  auto table = DescribeTable(database_.connection(), {"", "d"});
  ASSERT_TRUE(table.ok());
  EXPECT_TRUE(table->columns[0].has_default);
}

TEST_F(CatalogTypesOnServer, ReadsArraysWithTheirElement) {
  PgType type = TypeOf("numeric(6,2)[]");
  EXPECT_EQ(type.kind, TypeKind::kArray);
  EXPECT_EQ(type.name, "numeric(6,2)[]");
  EXPECT_EQ(type.stage_name, "numeric[]");
  EXPECT_EQ(type.element_oid, 1700U);
  ASSERT_NE(type.element, nullptr);
  EXPECT_EQ(type.element->precision, 6);
  EXPECT_EQ(TypeOf("char(3)[][]").stage_name, "bpchar[]");

  database_.Run("CREATE DOMAIN code AS varchar(3) CHECK (VALUE <> 'x')");
  type = TypeOf("code[]");
  EXPECT_EQ(type.stage_name, "character varying[]");
  EXPECT_EQ(type.element_oid, 1043U);
  EXPECT_EQ(type.element->length_max, 3);
  ASSERT_TRUE(type.element->domain.has_value());
  // The merge's assignment checks the elements' domain.
  database_.Run("CREATE TABLE stage (c character varying[]); INSERT INTO stage VALUES ('{ab,c}')");
  database_.Run("INSERT INTO t SELECT c::catalog_types.code[] FROM stage");
  EXPECT_FALSE(database_.connection().Execute("INSERT INTO t SELECT ARRAY['x']::varchar[]").ok());
}

TEST_F(CatalogTypesOnServer, KnowsCitextAndCollations) {
  database_.Run(
      "CREATE EXTENSION IF NOT EXISTS citext SCHEMA public;"
      "CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', "
      "deterministic = false); CREATE TABLE l (a public.citext, b text COLLATE any_case)");
  auto table = DescribeTable(database_.connection(), {"", "l"});
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->columns[0].type.kind, TypeKind::kCitext);
  EXPECT_TRUE(table->columns[0].deterministic_collation);
  EXPECT_FALSE(table->columns[1].deterministic_collation);
}

}  // namespace
}  // namespace eclusa
