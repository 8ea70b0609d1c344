#include <gtest/gtest.h>

#include <string>

#include "pg/catalog.h"
#include "pg/test_database.h"

namespace eclusa {
namespace {

class FingerprintOnServer : public testing::Test {
 protected:
  FingerprintOnServer() {
    database_.Run(
        "CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN d AS int CHECK (VALUE > 0);"
        "CREATE TABLE other (k int PRIMARY KEY);"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TABLE t (k int, m mood, n numeric(6,2), e d, r int) PARTITION BY RANGE (k);"
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10)");
    oid_ = static_cast<uint32_t>(std::stoul(database_.Text("SELECT 't'::regclass::oid")));
  }

  std::string Now() {
    auto fingerprint = Fingerprint(database_.connection(), oid_);
    if (!fingerprint.ok()) return fingerprint.error().code();
    return *fingerprint;
  }

  TestDatabase database_{"fingerprint"};
  uint32_t oid_ = 0;
};

TEST_F(FingerprintOnServer, ChangesWithEverythingThatStatementsAreBuiltFrom) {
  const char* changes[] = {
      "ALTER TABLE t ADD COLUMN x int",
      "ALTER TABLE t ALTER COLUMN x SET NOT NULL",
      "ALTER TABLE t ALTER COLUMN x SET DEFAULT 5",
      "ALTER TABLE t ALTER COLUMN n TYPE numeric(8,2)",
      "ALTER TABLE t RENAME COLUMN x TO y",
      "ALTER TABLE t DROP COLUMN y",
      "ALTER TYPE mood ADD VALUE 'b'",
      "ALTER DOMAIN d ADD CONSTRAINT small CHECK (VALUE < 100)",
      "ALTER DOMAIN d DROP CONSTRAINT small",
      "ALTER TABLE t ADD PRIMARY KEY (k)",
      "CREATE UNIQUE INDEX u ON t (k, r) WHERE r > 0",
      "DROP INDEX u",
      "ALTER TABLE t ADD CONSTRAINT c CHECK (r > 0)",
      "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (r) REFERENCES other",
      "CREATE TABLE child (k int REFERENCES t)",
      "CREATE TRIGGER g BEFORE INSERT ON t1 FOR EACH ROW EXECUTE FUNCTION f()",
      "ALTER TABLE t1 DISABLE TRIGGER g",
      "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20)",
      "ALTER TABLE t DETACH PARTITION t2",
      "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
      "ALTER TABLE t RENAME TO t_new",
  };
  std::string before = Now();
  EXPECT_EQ(before, Now());
  for (const char* change : changes) {
    database_.Run(change);
    const std::string after = Now();
    EXPECT_NE(before, after) << change;
    before = after;
  }
}

TEST_F(FingerprintOnServer, StaysWhereOnlyRowsStatisticsAndOtherTablesChange) {
  const std::string before = Now();
  database_.Run(
      "INSERT INTO t (k, m, n, e) VALUES (1, 'a', 1, 1); ANALYZE t; CREATE TABLE more (a int);"
      "CREATE INDEX not_unique ON t (r); COMMENT ON TABLE t IS 'x'");
  EXPECT_EQ(before, Now());
}

TEST_F(FingerprintOnServer, IsTheDescriptionsOwn) {
  auto table = DescribeTable(database_.connection(), {"", "t"});
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->fingerprint, Now());
}

TEST_F(FingerprintOnServer, OfADroppedTableIsAConflict) {
  database_.Run("DROP TABLE t");
  EXPECT_EQ(Now(), "table.changed");
}

}  // namespace
}  // namespace eclusa
