#include "control/schema.h"

#include <latch>
#include <thread>

#include "control/control_fixture.h"
#include "model/codes.h"

namespace eclusa {
namespace {

class EnsureSchemaTest : public ControlFixture {
 protected:
  EnsureSchemaTest() { with_schema_ = false; }
  void MakeRole(const std::string& role) {
    Must(db(), "DROP ROLE IF EXISTS " + role);
    Must(db(), "CREATE ROLE " + role + " LOGIN");
  }
};

TEST_F(EnsureSchemaTest, MakesItOnceAndThenFindsIt) {
  EXPECT_EQ(ReadSchemaVersion(db()).value(), 0);
  EXPECT_EQ(EnsureSchema(db()).value(), SchemaVersion());
  EXPECT_EQ(EnsureSchema(db()).value(), 0);
  EXPECT_EQ(ReadSchemaVersion(db()).value(), SchemaVersion());
}

TEST_F(EnsureSchemaTest, NumbersItsMigrationsFromOneWithoutGaps) {
  for (size_t i = 0; i < Migrations().size(); ++i) {
    EXPECT_EQ(Migrations()[i].number, static_cast<int>(i) + 1);
    EXPECT_FALSE(Migrations()[i].sql.empty());
  }
}

TEST_F(EnsureSchemaTest, CommentsEveryTableColumnAndSequence) {
  ASSERT_TRUE(EnsureSchema(db()).ok());
  EXPECT_EQ(Ask("SELECT string_agg(c.relname || coalesce('.' || a.attname, ''), ', ') "
                "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "LEFT JOIN (SELECT attrelid, attname, attnum FROM pg_attribute WHERE attnum > 0 "
                "  AND NOT attisdropped UNION ALL SELECT oid, NULL, 0 FROM pg_class) a "
                "  ON a.attrelid = c.oid "
                "WHERE n.nspname = 'eclusa' AND (c.relkind IN ('r', 'p', 'v') "
                "  OR c.relkind = 'S' AND a.attnum = 0 AND NOT EXISTS ("
                "    SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i')) "
                "AND coalesce(col_description(c.oid, a.attnum), '') = '' "
                "AND NOT (a.attnum = 0 AND obj_description(c.oid, 'pg_class') IS NOT NULL)"),
            "null");
  EXPECT_EQ(Ask("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'eclusa%' "
                "AND obj_description(oid, 'pg_namespace') IS NOT NULL"),
            "2");
}

TEST_F(EnsureSchemaTest, StartedByManyAtOnceIsMadeOnce) {
  constexpr int kProcesses = 4;
  std::latch start(kProcesses);
  std::atomic<int> applied = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> processes;
    for (int i = 0; i < kProcesses; ++i) {
      processes.emplace_back([&] {
        Connection own = Connect();
        start.arrive_and_wait();
        auto done = EnsureSchema(own);
        if (done.ok()) {
          applied += *done;
        } else {
          ++refused;
        }
      });
    }
  }
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(applied, SchemaVersion());
}

TEST_F(EnsureSchemaTest, RefusesADatabaseThatIsNewer) {
  ASSERT_TRUE(EnsureSchema(db()).ok());
  Must(db(), "INSERT INTO eclusa.migrations (number, name) VALUES (99, 'of the future')");
  const auto refused = EnsureSchema(db());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), "schema.newer");
  EXPECT_EQ(refused.error().kind(), ErrorKind::kInvalid);
}

TEST_F(EnsureSchemaTest, LeavesNothingOfAMigrationThatFails) {
  const std::vector<Migration> broken = {
      Migrations()[0], {2, "0002_broken", "CREATE TABLE eclusa.half (a int); SELECT 1 / 0"}};
  ASSERT_FALSE(ApplyMigrations(db(), broken).ok());
  EXPECT_EQ(ReadSchemaVersion(db()).value(), 1);
  EXPECT_EQ(Ask("SELECT to_regclass('eclusa.half')"), "null");
}

TEST_F(EnsureSchemaTest, UpgradesStepByStep) {
  ASSERT_TRUE(EnsureSchema(db()).ok());
  std::vector<Migration> longer = Migrations();
  longer.push_back({SchemaVersion() + 1, "next", "CREATE TABLE eclusa.next (a int)"});
  EXPECT_EQ(ApplyMigrations(db(), longer).value(), 1);
  EXPECT_EQ(Ask("SELECT to_regclass('eclusa.next')"), "eclusa.next");
}

TEST_F(EnsureSchemaTest, ShowsTheStatementWhereTheRoleMayNotCreate) {
  MakeRole("\"Mere Loader\"");
  Connection loader = As("'Mere Loader'");
  const auto refused = EnsureSchema(loader);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), "schema.may_not_create");
  const std::string hint = Hint(refused.error(), Language::kEnglish);
  ASSERT_NE(hint.find("CREATE SCHEMA eclusa AUTHORIZATION \"Mere Loader\""), std::string::npos)
      << hint;
  // The statement that it shows is all that is needed.
  for (const auto& [name, value] : refused.error().arguments()) {
    if (name == "statement") Must(db(), value);
  }
  EXPECT_EQ(EnsureSchema(loader).value(), SchemaVersion());
}

TEST_F(EnsureSchemaTest, RefusesAnUpgradeByARoleThatDoesNotOwnIt) {
  MakeRole("stranger");
  ASSERT_TRUE(EnsureSchema(db()).ok());
  Connection stranger = As("stranger");
  EXPECT_EQ(EnsureSchema(stranger).error().code(), "schema.no_access");
  ASSERT_TRUE(GrantLoading(db(), "stranger").ok());
  EXPECT_EQ(EnsureSchema(stranger).value(), 0);
  std::vector<Migration> longer = Migrations();
  longer.push_back({SchemaVersion() + 1, "next", "CREATE TABLE eclusa.next (a int)"});
  EXPECT_EQ(ApplyMigrations(stranger, longer).error().code(), "schema.may_not_upgrade");
}

TEST_F(EnsureSchemaTest, GrantsWhatALoadNeedsAndNoMore) {
  MakeRole("loader");
  ASSERT_TRUE(EnsureSchema(db()).ok());
  ASSERT_TRUE(GrantLoading(db(), "loader").ok());
  Connection loader = As("loader");
  const Job job = MakeJob(loader);
  ASSERT_TRUE(BeginMerge(loader, job).ok());
  Must(loader, "CREATE UNLOGGED TABLE eclusa_stage.s_" + std::to_string(job.id) + " (a int)");
  Transaction transaction = Transaction::Begin(loader).value();
  ASSERT_TRUE(LockForMerge(loader, job).ok());
  ASSERT_TRUE(FinishJob(loader, job, {}).ok());
  ASSERT_TRUE(std::move(transaction).Commit().ok());
  EXPECT_FALSE(loader.Execute("UPDATE eclusa.ledger SET read = 1, inserted = 1").ok());
  EXPECT_FALSE(loader.Execute("DELETE FROM eclusa.migrations").ok());
  // Or it could give itself a token, and take back what tells of it.
  for (const std::string table : {"tokens", "contracts", "uploads", "idempotency_keys", "audit"}) {
    EXPECT_FALSE(loader.Execute("SELECT FROM eclusa." + table).ok()) << table;
    EXPECT_FALSE(loader.Execute("DELETE FROM eclusa." + table).ok()) << table;
  }
}

TEST_F(EnsureSchemaTest, NamesARoleThatIsNotThere) {
  ASSERT_TRUE(EnsureSchema(db()).ok());
  EXPECT_EQ(GrantLoading(db(), "nobody_at_all").error().code(), "schema.no_role");
}

}  // namespace
}  // namespace eclusa
