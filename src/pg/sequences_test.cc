#include <gtest/gtest.h>

#include <string>

#include "pg/catalog.h"
#include "pg/test_database.h"

namespace eclusa {
namespace {

class SequencesOnServer : public testing::Test {
 protected:
  TableDescription Describe(const std::string& name) {
    auto table = DescribeTable(database_.connection(), {"", name});
    EXPECT_TRUE(table.ok());
    return *std::move(table);
  }

  TestDatabase database_{"Seq uences"};
};

TEST_F(SequencesOnServer, FindsSerialIdentityAndDefaultedOnes) {
  database_.Run(
      "CREATE SEQUENCE \"my seq\" START 100 INCREMENT 5;"
      "CREATE TABLE t (a serial, b int GENERATED ALWAYS AS IDENTITY,"
      " c bigint DEFAULT nextval('\"my seq\"'), d int); INSERT INTO t (d) VALUES (1)");
  auto sequences = SequencesOf(database_.connection(), Describe("t").oid);
  ASSERT_TRUE(sequences.ok());
  ASSERT_EQ(sequences->size(), 3U);
  EXPECT_EQ((*sequences)[0].sequence, "\"Seq uences\".t_a_seq");
  EXPECT_EQ((*sequences)[0].last_value, 1);
  EXPECT_EQ((*sequences)[1].column, "b");
  EXPECT_EQ((*sequences)[2].sequence, "\"Seq uences\".\"my seq\"");
  EXPECT_EQ((*sequences)[2].last_value, 100);
  EXPECT_EQ((*sequences)[2].increment, 5);
}

TEST_F(SequencesOnServer, TellsWhichAreBehindAndWhatPutsThemRight) {
  database_.Run(
      "CREATE TABLE t (a serial PRIMARY KEY, b serial); INSERT INTO t VALUES (1, 9), (7, 9)");
  const TableDescription table = Describe("t");
  auto behind = SequencesBehind(database_.connection(), table);
  ASSERT_TRUE(behind.ok());
  ASSERT_EQ(behind->size(), 1U);  // b leads no key: its maximum would cost a scan
  EXPECT_EQ((*behind)[0].sequence.column, "a");
  EXPECT_FALSE((*behind)[0].sequence.last_value.has_value());
  EXPECT_EQ((*behind)[0].max_value, 7);
  database_.Run((*behind)[0].statement);
  EXPECT_EQ(database_.Text("INSERT INTO t DEFAULT VALUES RETURNING a"), "8");
  behind = SequencesBehind(database_.connection(), table);
  ASSERT_TRUE(behind.ok());
  EXPECT_TRUE(behind->empty());
}

TEST_F(SequencesOnServer, SaysNothingOfAnEmptyTable) {
  database_.Run("CREATE TABLE t (a serial PRIMARY KEY)");
  auto behind = SequencesBehind(database_.connection(), Describe("t"));
  ASSERT_TRUE(behind.ok());
  EXPECT_TRUE(behind->empty());
}

}  // namespace
}  // namespace eclusa
