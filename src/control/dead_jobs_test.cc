#include "control/dead_jobs.h"

#include <atomic>
#include <thread>

#include "control/control_fixture.h"
#include "control/read_jobs.h"
#include "control/stage_tables.h"

namespace eclusa {
namespace {

class DeadJobsTest : public ControlFixture {
 protected:
  void MakeTables(const Job& job) {
    Must(db(), "CREATE UNLOGGED TABLE " + StageTable(job.id) + " (a int)");
    Must(db(), "CREATE UNLOGGED TABLE " + VerdictTable(job.id) + " (a int)");
  }
  std::string Tables() {
    return Ask(
        "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class "
        "WHERE relnamespace = 'eclusa_stage'::regnamespace AND relkind = 'r'");
  }
  // A job whose session is gone: not alive.
  Job MakeDead() {
    const Job job = MakeJob(db());
    EXPECT_TRUE(ReleaseJob(db(), job).ok());
    return job;
  }
};

TEST_F(DeadJobsTest, AreFailedWithReasonAndTheirTablesDropped) {
  const Job job = MakeDead();
  AddFile(job, 0);
  ASSERT_TRUE(RecordFileRows(db(), job, 0, 5).ok());
  MakeTables(job);
  const DeadJobsClosed closed = CloseDeadJobs(db()).value();
  EXPECT_EQ(closed.failed, 1);
  EXPECT_EQ(closed.tables_dropped, 2);
  const JobRecord record = ReadJob(db(), job.id).value();
  EXPECT_EQ(record.state, "FAILED");
  EXPECT_EQ(RecordedError(record)->code(), "job.died");
  EXPECT_EQ(record.counts->skipped, 5);
  EXPECT_EQ(Tables(), "null");
  EXPECT_EQ(CloseDeadJobs(db())->failed, 0);
}

TEST_F(DeadJobsTest, LeaveTheLivingAlone) {
  const Job own = MakeJob(db());
  Connection other = Connect();
  const Job others = MakeJob(other);
  MakeTables(own);
  MakeTables(others);
  const DeadJobsClosed closed = CloseDeadJobs(db()).value();
  EXPECT_EQ(closed.failed + closed.tables_dropped, 0);
  EXPECT_EQ(ReadJob(db(), own.id)->state, "LOADING") << "its own session's lock counts too";
  EXPECT_EQ(ReadJob(db(), others.id)->state, "LOADING");
}

TEST_F(DeadJobsTest, AreCanceledWhereThatHadBeenAskedFor) {
  const Job job = MakeDead();
  Must(db(), "UPDATE eclusa.jobs SET state = 'CANCELING'");
  EXPECT_EQ(CloseDeadJobs(db())->cancelled, 1);
  EXPECT_EQ(ReadJob(db(), job.id)->state, "CANCELED");
}

TEST_F(DeadJobsTest, AreClosedOnceByManyAtOnce) {
  for (int i = 0; i < 5; ++i) MakeTables(MakeDead());
  std::atomic<int> failed = 0;
  std::atomic<int> errors = 0;
  {
    std::vector<std::jthread> starts;
    for (int i = 0; i < 3; ++i) {
      starts.emplace_back([&] {
        Connection own = Connect();
        auto closed = CloseDeadJobs(own);
        if (closed.ok()) {
          failed += closed->failed;
        } else {
          ++errors;
        }
      });
    }
  }
  EXPECT_EQ(errors, 0);
  EXPECT_EQ(failed, 5);
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.job_events WHERE to_state = 'FAILED'"), "5");
  ASSERT_TRUE(CloseDeadJobs(db()).ok());
  EXPECT_EQ(Tables(), "null");
}

TEST_F(DeadJobsTest, ComeWithTablesWhoseJobIsUnknownButNotWithOtherPeoplesTables) {
  Must(db(), "CREATE TABLE eclusa_stage.s_99999 (a int)");
  Must(db(), "CREATE TABLE eclusa_stage.s_99999_child (a int)");
  Must(db(), "CREATE TABLE eclusa_stage.notes (a int)");
  EXPECT_EQ(CloseDeadJobs(db())->tables_dropped, 2);
  EXPECT_EQ(Tables(), "notes");
}

TEST_F(DeadJobsTest, LeaveATableThatSomebodyReadsToTheNextRun) {
  MakeTables(MakeDead());
  Connection reader = Connect();
  Must(reader, "BEGIN; SELECT * FROM " + StageTable(1));
  const DeadJobsClosed closed = CloseDeadJobs(db()).value();
  EXPECT_EQ(closed.failed, 1);
  EXPECT_EQ(closed.tables_dropped, 1);
  EXPECT_EQ(closed.tables_left, 1);
}

TEST_F(DeadJobsTest, HaveTheirLeftoversDroppedByName) {
  const Job job = MakeJob(db());
  const Job other = MakeJob(db());
  MakeTables(job);
  MakeTables(other);
  ASSERT_TRUE(DropLeftovers(db(), job.id).ok());
  EXPECT_EQ(Tables(), "s_" + std::to_string(other.id) + " v_" + std::to_string(other.id));
}

}  // namespace
}  // namespace eclusa
