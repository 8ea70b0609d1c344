#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pg/catalog.h"
#include "pg/test_database.h"

namespace eclusa {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CatalogKeys : public testing::Test {
 protected:
  TableDescription Describe(const std::string& name) {
    auto table = DescribeTable(database_.connection(), {"", name});
    if (!table.ok()) {
      ADD_FAILURE() << table.error().code() << " " << database_.connection().last_error().message;
      return {};
    }
    return *std::move(table);
  }

  static const UniqueKey& Key(const TableDescription& table, const std::string& name) {
    for (const UniqueKey& key : table.unique_keys) {
      if (key.name == name) return key;
    }
    ADD_FAILURE() << "no key " << name;
    static const UniqueKey kNone;
    return kNone;
  }

  TestDatabase database_{"catalog_keys"};
};

TEST_F(CatalogKeys, ReadsUniqueKeysThePrimaryFirst) {
  database_.Run(
      "CREATE TABLE t (a int, b text, \"C c\" int, d int,"
      " CONSTRAINT a_first UNIQUE (b) DEFERRABLE,"
      " CONSTRAINT nulls UNIQUE NULLS NOT DISTINCT (\"C c\", a) INCLUDE (d),"
      " CONSTRAINT z_primary PRIMARY KEY (d, a));"
      "CREATE UNIQUE INDEX partial ON t (b) WHERE a > 0;"
      "CREATE UNIQUE INDEX expression ON t (lower(b), \"C c\", (a + 1) DESC);"
      "CREATE INDEX plain ON t (a)");
  const TableDescription table = Describe("t");
  ASSERT_EQ(table.unique_keys.size(), 5U);
  EXPECT_EQ(table.unique_keys[0].name, "z_primary");
  EXPECT_TRUE(table.unique_keys[0].primary);
  EXPECT_THAT(table.unique_keys[0].columns, ElementsAre(3, 0));
  EXPECT_EQ(table.PrimaryKey(), &table.unique_keys[0]);
  EXPECT_TRUE(Key(table, "a_first").deferrable);
  EXPECT_FALSE(Key(table, "a_first").nulls_not_distinct);
  EXPECT_TRUE(Key(table, "nulls").nulls_not_distinct);
  EXPECT_FALSE(Key(table, "nulls").deferrable);
  EXPECT_THAT(Key(table, "nulls").columns, ElementsAre(2, 0));
  EXPECT_THAT(Key(table, "nulls").expressions, ElementsAre("\"C c\"", "a"));
  EXPECT_EQ(Key(table, "partial").predicate, "(a > 0)");
  EXPECT_EQ(Key(table, "a_first").predicate, "");
  EXPECT_TRUE(Key(table, "expression").has_expressions);
  EXPECT_THAT(Key(table, "expression").columns, IsEmpty());
  EXPECT_THAT(Key(table, "expression").expressions,
              ElementsAre("lower(b)", "\"C c\"", "((a + 1))"));
}

TEST_F(CatalogKeys, TakesAColumnUnderAnotherCollationForAnExpression) {
  database_.Run(
      "CREATE TABLE t (a text, b text COLLATE \"C\", c int);"
      "CREATE UNIQUE INDEX own ON t (b, c);"
      "CREATE UNIQUE INDEX other ON t (a COLLATE \"C\", c)");
  const TableDescription table = Describe("t");
  EXPECT_FALSE(Key(table, "own").has_expressions);
  EXPECT_TRUE(Key(table, "other").has_expressions);
  EXPECT_THAT(Key(table, "other").expressions, ElementsAre("a COLLATE pg_catalog.\"C\"", "c"));
  EXPECT_THAT(Key(table, "other").reads, ElementsAre(0, 2));
}

TEST_F(CatalogKeys, TellsWhetherEqualIsWhatTheIndexComparesBy) {
  database_.Run(
      "CREATE TYPE pair AS (a int, b int); CREATE TABLE t (p pair, q text);"
      "CREATE UNIQUE INDEX by_image ON t (p record_image_ops);"
      "CREATE UNIQUE INDEX by_pattern ON t (q text_pattern_ops)");
  const TableDescription table = Describe("t");
  EXPECT_FALSE(Key(table, "by_image").by_equality);
  EXPECT_TRUE(Key(table, "by_pattern").by_equality);
}

TEST_F(CatalogKeys, LeavesInvalidIndexesOut) {
  database_.Run("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)");
  EXPECT_FALSE(
      database_.connection().Execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)").ok());
  EXPECT_EQ(database_.Text("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"), "1");
  EXPECT_THAT(Describe("t").unique_keys, IsEmpty());
}

TEST_F(CatalogKeys, ReadsForeignKeysOfBothEnds) {
  database_.Run(
      "CREATE TABLE parent (gone int, a int, b int, PRIMARY KEY (a, b));"
      "ALTER TABLE parent DROP COLUMN gone;"
      "CREATE TABLE child (x int, pa int, pb int, CONSTRAINT c_fk FOREIGN KEY (pb, pa)"
      " REFERENCES parent (b, a) MATCH FULL ON DELETE CASCADE ON UPDATE SET NULL"
      " DEFERRABLE INITIALLY DEFERRED)");
  const TableDescription child = Describe("child");
  ASSERT_EQ(child.references.size(), 1U);
  const ForeignKey& out = child.references[0];
  EXPECT_EQ(out.name, "c_fk");
  EXPECT_EQ(out.other, (TableName{"catalog_keys", "parent"}));
  EXPECT_THAT(out.columns, ElementsAre(2, 1));
  EXPECT_THAT(out.other_columns, ElementsAre("b", "a"));
  EXPECT_TRUE(out.match_full);
  EXPECT_TRUE(out.deferrable);
  EXPECT_TRUE(out.readable);
  EXPECT_FALSE(out.self);
  EXPECT_EQ(out.on_delete, ReferenceAction::kCascade);
  EXPECT_EQ(out.on_update, ReferenceAction::kSetNull);
  const TableDescription parent = Describe("parent");
  EXPECT_THAT(parent.references, IsEmpty());
  ASSERT_EQ(parent.referenced_by.size(), 1U);
  EXPECT_EQ(parent.referenced_by[0].other, (TableName{"catalog_keys", "child"}));
  EXPECT_THAT(parent.referenced_by[0].columns, ElementsAre(1, 0));
  EXPECT_THAT(parent.referenced_by[0].other_columns, ElementsAre("pb", "pa"));
}

TEST_F(CatalogKeys, ASelfReferenceStandsAtBothEnds) {
  database_.Run("CREATE TABLE tree (id int PRIMARY KEY, boss int CONSTRAINT up REFERENCES tree)");
  const TableDescription table = Describe("tree");
  ASSERT_EQ(table.references.size(), 1U);
  ASSERT_EQ(table.referenced_by.size(), 1U);
  EXPECT_TRUE(table.references[0].self && table.referenced_by[0].self);
  EXPECT_THAT(table.references[0].columns, ElementsAre(1));
  EXPECT_THAT(table.referenced_by[0].columns, ElementsAre(0));
  EXPECT_EQ(table.references[0].on_delete, ReferenceAction::kNoAction);
}

TEST_F(CatalogKeys, PartitionsBringNoCopiesOfAForeignKey) {
  database_.Run(
      "CREATE TABLE p (k int PRIMARY KEY) PARTITION BY RANGE (k);"
      "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);"
      "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);"
      "CREATE TABLE q (k int, r int REFERENCES p) PARTITION BY RANGE (k);"
      "CREATE TABLE q1 PARTITION OF q FOR VALUES FROM (0) TO (10);"
      "CREATE TABLE to_leaf (k int CONSTRAINT leaf_cascade REFERENCES p1 ON DELETE CASCADE);"
      "CREATE TABLE to_leaf_too (k int CONSTRAINT leaf_only REFERENCES p1)");
  EXPECT_EQ(Describe("q").references.size(), 1U);
  EXPECT_EQ(Describe("q1").references.size(), 1U);
  const TableDescription p = Describe("p");
  ASSERT_EQ(p.referenced_by.size(), 2U);
  EXPECT_EQ(p.referenced_by[0].name, "leaf_cascade");
  EXPECT_EQ(p.referenced_by[1].other.name, "q");
  EXPECT_EQ(Describe("p2").referenced_by.size(), 1U);
  EXPECT_EQ(Describe("p1").referenced_by.size(), 3U);
}

TEST_F(CatalogKeys, TellsWhetherTheOtherTableMayBeRead) {
  database_.Run(
      "CREATE TABLE a (k int PRIMARY KEY); CREATE TABLE b (k int REFERENCES a);"
      "DROP ROLE IF EXISTS keys_reader; CREATE ROLE keys_reader;"
      "GRANT USAGE ON SCHEMA catalog_keys TO keys_reader; GRANT ALL ON b TO keys_reader;"
      "SET ROLE keys_reader");
  const TableDescription b = Describe("b");
  ASSERT_EQ(b.references.size(), 1U);
  EXPECT_FALSE(b.references[0].readable);
  database_.Run("RESET ROLE; GRANT SELECT ON a TO keys_reader; SET ROLE keys_reader");
  EXPECT_TRUE(Describe("b").references[0].readable);
  database_.Run("RESET ROLE; DROP OWNED BY keys_reader; DROP ROLE keys_reader");
}

}  // namespace
}  // namespace eclusa
