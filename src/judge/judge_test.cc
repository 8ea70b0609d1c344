#include "judge/judge_fixture.h"

namespace eclusa {
namespace {

class JudgeTest : public JudgeFixture {};

TEST_F(JudgeTest, SaysNothingOfSoundRows) {
  Target("CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE, price numeric CHECK (price > 0))");
  Stage("id, code, price", "(1, 'a', 1), (2, 'b', 2), (3, NULL, NULL), (4, NULL, 4)");
  EXPECT_EQ(Verdicts(), "");
  EXPECT_TRUE(counts_.clean());
}

TEST_F(JudgeTest, KeepsAllRulesThatARowBreaks) {
  Target(
      "CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1);"
      "CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p, price int CONSTRAINT above CHECK "
      "(price > 0), CONSTRAINT even CHECK (price % 2 = 0))");
  Stage("id, p, price", "(1, 1, 2), (2, 9, -1), (3, NULL, NULL)");
  EXPECT_EQ(Verdicts(),
            "2:check.violated(above) 2:check.violated(even) 2:reference.missing(t_p_fkey -> "
            "judge_test.p)");
}

TEST_F(JudgeTest, EvaluatesAnExpressionThatRaisesRowByRow) {
  Target("CREATE TABLE t (id int PRIMARY KEY, d int CONSTRAINT half CHECK (10 / d > 1))");
  Stage("id, d", "(1, 2), (2, 0), (3, 10), (4, NULL)");
  EXPECT_EQ(Verdicts(), "2:database.rejected(half) 3:check.violated(half)");
  EXPECT_EQ(counts_.expressions_raised, 1);
}

TEST_F(JudgeTest, ChecksDomainsOverTheirBaseValue) {
  Target(
      "CREATE DOMAIN percent AS int CONSTRAINT fits CHECK (VALUE BETWEEN 0 AND 100);"
      "CREATE TABLE t (id int PRIMARY KEY, share percent)");
  Stage("id, share", "(1, 100), (2, 101), (3, NULL)");
  EXPECT_EQ(Verdicts(), "2:check.violated(fits)");
}

TEST_F(JudgeTest, AsksForAValueWhereANewRowWouldHaveNone) {
  Target(
      "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL, n int);"
      "INSERT INTO t VALUES (1, 'a', 1)");
  Stage("id, n", "(1, 5), (2, 6)");
  EXPECT_EQ(Verdicts(), "2:value.required(not null)");
}

TEST_F(JudgeTest, EvaluatesChecksOverColumnsThatTheFileLacks) {
  Target(
      "CREATE TABLE t (id int PRIMARY KEY, low int, high int, CONSTRAINT ordered CHECK (low <= "
      "high)); INSERT INTO t VALUES (1, 1, 5), (2, 1, 9)");
  Stage("id, low", "(1, 6), (2, 6), (3, 6)");
  EXPECT_EQ(Verdicts(), "1:check.violated(ordered)");
}

TEST_F(JudgeTest, FindsRowsThatNoPartitionTakes) {
  Target(
      "CREATE TABLE t (id int, y int, PRIMARY KEY (id, y)) PARTITION BY RANGE (y);"
      "CREATE TABLE t24 PARTITION OF t FOR VALUES FROM (2024) TO (2025);"
      "CREATE TABLE t25 PARTITION OF t FOR VALUES FROM (2025) TO (2026)");
  Stage("id, y", "(1, 2024), (2, 2026), (3, 2025)");
  EXPECT_EQ(Verdicts(), "2:check.partition(judge_test.t)");
}

TEST_F(JudgeTest, TakesTheLastRowOfAKey) {
  Target("CREATE TABLE t (id int PRIMARY KEY, n int)");
  Stage("id, n", "(1, 1), (1, 2), (2, 1), (1, 3)");
  EXPECT_EQ(Verdicts(), "1:duplicate(4) 2:duplicate(4)");
}

TEST_F(JudgeTest, TakesTheFirstRowOfAKey) {
  Target("CREATE TABLE t (id int PRIMARY KEY, n int)");
  plan_.duplicates = Duplicates::kFirst;
  Stage("id, n", "(1, 1), (1, 2), (2, 1)");
  EXPECT_EQ(Verdicts(), "2:duplicate(1)");
}

TEST_F(JudgeTest, RejectsAllRowsOfAKey) {
  Target("CREATE TABLE t (id int PRIMARY KEY, n int)");
  plan_.duplicates = Duplicates::kReject;
  Stage("id, n", "(1, 1), (1, 2), (2, 1)");
  EXPECT_EQ(Verdicts(), "1:unique.in_file(2) 2:unique.in_file(1)");
}

TEST_F(JudgeTest, TakesTheHighestVersionAndLeavesOlderOnesOut) {
  Target("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 5), (2, 5), (3, 5)");
  plan_.duplicates = Duplicates::kHighestVersion;
  Stage("id, v", "(1, 4), (1, 6), (1, 5), (2, 4), (3, 5)");
  plan_.version = 1;
  EXPECT_EQ(Verdicts(), "1:duplicate(2) 3:duplicate(2) 4:superseded");
}

TEST_F(JudgeTest, LetsTheNextRowOfAKeyMoveUpWhereTheWinnerFails) {
  Target(
      "CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE); INSERT INTO t VALUES (9, 'taken')");
  Stage("id, code", "(1, 'a'), (1, 'taken')");
  EXPECT_EQ(Verdicts(), "2:unique.in_target(t_code_key)");
  EXPECT_EQ(counts_.rounds, 2);
}

TEST_F(JudgeTest, FailsAllRowsOfOneUniqueValue) {
  Target("CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE)");
  Stage("id, code", "(1, 'a'), (2, 'b'), (3, 'a'), (4, 'a')");
  EXPECT_EQ(Verdicts(), "1:unique.in_file(3) 3:unique.in_file(1) 4:unique.in_file(3)");
}

TEST_F(JudgeTest, LetsAValueMoveFromADeletedRow) {
  Target("CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE); INSERT INTO t VALUES (1, 'a')");
  plan_.mode = Mode::kMixed;
  Stage("id, code", "('D', 1, NULL), ('U', 2, 'a')");
  EXPECT_EQ(Verdicts(), "");
}

TEST_F(JudgeTest, RefusesAValueThatAnotherRowGivesUpUnlessTheConstraintWaits) {
  Target(
      "CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE, late text UNIQUE DEFERRABLE);"
      "INSERT INTO t VALUES (1, 'a', 'x'), (2, 'b', 'y')");
  Stage("id, code, late", "(1, 'c', 'y'), (2, 'a', 'x')");
  // Row 2 fails, so that it does not give up 'y' either, and row 1 cannot have it.
  EXPECT_EQ(Verdicts(), "1:unique.in_target(t_late_key) 2:unique.swap(1)");
}

TEST_F(JudgeTest, JudgesAgainWhereTheRowThatGaveAValueUpFails) {
  Target(
      "CREATE TABLE t (id int PRIMARY KEY, late text UNIQUE DEFERRABLE, n int UNIQUE);"
      "INSERT INTO t VALUES (1, 'x', 1), (2, 'y', 2)");
  Stage("id, late, n", "(1, 'z', 2), (3, 'x', 3)");
  // Row 1 may not have n = 2; so it does not give up 'x', which row 2 then cannot have.
  EXPECT_EQ(Verdicts(), "1:unique.in_target(t_n_key) 2:unique.in_target(t_late_key)");
}

TEST_F(JudgeTest, TreatsNullsAsTheIndexDoes) {
  Target(
      "CREATE TABLE t (id int PRIMARY KEY, a int, b int UNIQUE NULLS NOT DISTINCT, UNIQUE (a));"
      "INSERT INTO t VALUES (9, NULL, NULL)");
  Stage("id, a, b", "(1, NULL, 1), (2, NULL, NULL), (3, 3, NULL)");
  EXPECT_EQ(Verdicts(),
            "2:unique.in_file(3) 2:unique.in_target(t_b_key) 3:unique.in_file(2) "
            "3:unique.in_target(t_b_key)");
}

TEST_F(JudgeTest, JudgesPartialAndExpressionIndexes) {
  Target(
      "CREATE TABLE t (id int PRIMARY KEY, code text, active boolean);"
      "CREATE UNIQUE INDEX t_live ON t (lower(code)) WHERE active;"
      "INSERT INTO t VALUES (8, 'OLD', true), (9, 'gone', false)");
  Stage("id, code, active",
        "(1, 'A', true), (2, 'a', true), (3, 'a', false), (4, 'old', true), "
        "(5, 'gone', true)");
  EXPECT_EQ(Verdicts(), "1:unique.in_file(2) 2:unique.in_file(1) 4:unique.in_target(t_live)");
}

TEST_F(JudgeTest, FollowsAChainOfReferencesThatFail) {
  Target("CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t, n int CHECK (n > 0))");
  Stage("id, up, n", "(4, 3, 1), (3, 2, 1), (2, 1, 1), (1, 9, 1), (5, 5, 1), (6, NULL, 1)");
  EXPECT_EQ(Verdicts().substr(0, 20), "1:reference.missing(");
  EXPECT_EQ(counts_.failed, 4);
  EXPECT_EQ(counts_.rounds, 4);
}

TEST_F(JudgeTest, LetsTheDeleteLoseAgainstAReference) {
  Target(
      "CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t);"
      "CREATE TABLE c (t int REFERENCES t);"
      "INSERT INTO t VALUES (1, NULL), (2, 1), (3, NULL), (4, NULL), (5, NULL);"
      "INSERT INTO c VALUES (3)");
  plan_.mode = Mode::kMixed;
  Stage("id, up", "('D', 1, NULL), ('D', 2, NULL), ('D', 3, NULL), ('D', 4, NULL), ('U', 5, 4)");
  // 1 goes because 2 goes too; 3 is referred to by c; 4 by the row that now says so.
  EXPECT_EQ(Verdicts(),
            "3:reference.in_use(c_t_fkey <- judge_test.c) 4:reference.in_use(t_up_fkey <- "
            "judge_test.t)");
}

TEST_F(JudgeTest, KeepsAParentWhoseChildCannotGo) {
  Target(
      "CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t);"
      "CREATE TABLE c (t int REFERENCES t);"
      "INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2); INSERT INTO c VALUES (3)");
  plan_.mode = Mode::kDelete;
  Stage("id", "(1), (2), (3)");
  EXPECT_EQ(counts_.rounds, 0);
  EXPECT_EQ(Verdicts(),
            "1:reference.in_use(t_up_fkey <- judge_test.t) 2:reference.in_use(t_up_fkey <- "
            "judge_test.t) 3:reference.in_use(c_t_fkey <- judge_test.c)");
  EXPECT_EQ(counts_.rounds, 3);
}

TEST_F(JudgeTest, InsertsNewKeysOnly) {
  Target("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1)");
  plan_.mode = Mode::kInsert;
  plan_.duplicates = Duplicates::kFirst;
  Stage("id, n", "(1, 2), (2, 2), (2, 3), (1, 4)");
  EXPECT_EQ(Verdicts(), "1:unique.in_target(t_pkey) 3:duplicate(2) 4:unique.in_target(t_pkey)");
}

TEST_F(JudgeTest, AppendsAgainstEveryUniqueKey) {
  Target("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1)");
  plan_.mode = Mode::kAppend;
  Stage("id, n", "(1, 2), (2, 2), (2, 3), (3, 3)");
  EXPECT_EQ(Verdicts(), "1:unique.in_target(t_pkey) 2:unique.in_file(3) 3:unique.in_file(2)");
}

TEST_F(JudgeTest, FoldsTheOperationsOfAKeyInOrder) {
  Target("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (2, 1)");
  plan_.mode = Mode::kMixed;
  plan_.strict_operations = true;
  Stage("id, n",
        "('I', 1, 2), ('D', 1, NULL), ('I', 1, 3), ('U', 9, 1), ('I', 9, 1), ('U', 9, 2), "
        "('U', 2, 5)");
  EXPECT_EQ(Verdicts(),
            "1:unique.in_target(strictOperations) 2:duplicate(3) 4:key.not_found(strictOperations) "
            "5:duplicate(6)");
}

}  // namespace
}  // namespace eclusa
