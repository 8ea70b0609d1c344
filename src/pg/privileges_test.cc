#include "pg/privileges.h"

#include <gtest/gtest.h>

#include <string>

#include "pg/catalog.h"
#include "pg/test_database.h"

namespace eclusa {
namespace {

class PrivilegesOnServer : public testing::Test {
 protected:
  PrivilegesOnServer() {
    database_.Run(
        "CREATE TABLE \"T x\" (a int PRIMARY KEY); DROP ROLE IF EXISTS \"Load er\";"
        "CREATE ROLE \"Load er\"; GRANT SELECT, INSERT ON \"T x\" TO \"Load er\"");
  }
  ~PrivilegesOnServer() override {
    database_.Run("RESET ROLE; DROP OWNED BY \"Load er\"; DROP ROLE \"Load er\"");
  }

  Result<TableDescription> Describe() {
    return DescribeTable(database_.connection(), {"privileges", "T x"});
  }

  TestDatabase database_{"privileges"};
};

TEST_F(PrivilegesOnServer, NamesTheMissingGrant) {
  database_.Run("GRANT USAGE ON SCHEMA privileges TO \"Load er\"; SET ROLE \"Load er\"");
  auto table = Describe();
  ASSERT_TRUE(table.ok());
  EXPECT_TRUE(RequirePrivileges(database_.connection(), *table, {.insert = true}).ok());
  const Status status = RequirePrivileges(database_.connection(), *table,
                                          {.insert = true, .update = true, .remove = true});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), "table.no_privilege");
  EXPECT_EQ(status.error().arguments().back().second,
            "GRANT UPDATE, DELETE ON \"privileges\".\"T x\" TO \"Load er\";");
  // The statement is true: run as it stands it is enough.
  database_.Run("RESET ROLE; " + status.error().arguments().back().second +
                " SET ROLE \"Load er\"");
  table = Describe();
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(MissingGrant(*table, {true, true, true, true}, "Load er"), "");
}

TEST_F(PrivilegesOnServer, NamesTheMissingGrantOnTheSchema) {
  database_.Run("SET ROLE \"Load er\"");
  auto table = Describe();
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().code(), "table.schema_usage");
  EXPECT_EQ(table.error().arguments().back().second,
            "GRANT USAGE ON SCHEMA \"privileges\" TO \"Load er\";");
}

TEST_F(PrivilegesOnServer, AnOwnerMissesNothing) {
  auto table = Describe();
  ASSERT_TRUE(table.ok());
  EXPECT_TRUE(RequirePrivileges(database_.connection(), *table, {true, true, true, true}).ok());
}

}  // namespace
}  // namespace eclusa
