#include "app/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "control/job.h"
#include "control/schema.h"
#include "control/stage_tables.h"

namespace eclusa {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Connection Open(const std::string& database) {
  const char* conninfo = std::getenv("ECLUSA_TEST_DB");
  EXPECT_NE(conninfo, nullptr);
  auto connection = Connection::Open(std::string(conninfo) + " dbname=" + database, {});
  EXPECT_TRUE(connection.ok());
  return *std::move(connection);
}

// A database of its own, because the control schema is one per database.
class DoctorOnServer : public testing::Test {
 protected:
  DoctorOnServer() : connection_(Open("postgres")) {
    Run("DROP DATABASE IF EXISTS doctor_test");
    Run("CREATE DATABASE doctor_test");
    connection_ = Open("doctor_test");
  }

  void Run(const std::string& sql) {
    EXPECT_TRUE(connection_.Execute(sql).ok()) << connection_.last_error().message << "\n" << sql;
  }

  Diagnosis Examine(const std::optional<TableName>& target = std::nullopt) {
    auto diagnosis = Diagnose(connection_, target);
    if (!diagnosis.ok()) ADD_FAILURE() << connection_.last_error().message;
    return *std::move(diagnosis);
  }

  // "problem doctor.standby"
  static std::vector<std::string> Codes(const Diagnosis& diagnosis) {
    constexpr const char* kNames[] = {"problem ", "warning ", "advice "};
    std::vector<std::string> codes;
    for (const Finding& finding : diagnosis.findings) {
      codes.push_back(kNames[static_cast<int>(finding.severity)] + finding.message.code());
    }
    return codes;
  }

  static std::string HintOf(const Diagnosis& diagnosis, const std::string& code) {
    for (const Finding& finding : diagnosis.findings) {
      if (finding.message.code() == code) return Hint(finding.message, Language::kEnglish);
    }
    return "no finding " + code;
  }

  Connection connection_;
};

// The tests' server runs without fsync and with little memory.
TEST_F(DoctorOnServer, NamesDangerousAndSlowSettings) {
  const std::vector<std::string> codes = Codes(Examine());
  EXPECT_THAT(codes, Contains("warning doctor.fsync_off"));
  EXPECT_THAT(codes, Contains("warning doctor.full_page_writes_off"));
  EXPECT_THAT(codes, Contains("advice doctor.work_mem"));
  EXPECT_THAT(codes, Contains("advice doctor.shared_buffers"));
  EXPECT_THAT(codes, Contains("advice doctor.checkpoint_timeout"));
  EXPECT_THAT(codes, Not(Contains("advice doctor.max_wal_size")));
  EXPECT_THAT(codes, Not(Contains("warning doctor.autovacuum_off")));
  Run("SET work_mem = '64MB'");
  EXPECT_THAT(Codes(Examine()), Not(Contains("advice doctor.work_mem")));
  Run("SET track_counts = off");
  EXPECT_THAT(Codes(Examine()), Contains("advice doctor.track_counts_off"));
}

TEST_F(DoctorOnServer, ChangesNothing) {
  Examine();
  auto version = ReadSchemaVersion(connection_);
  ASSERT_TRUE(version.ok());
  EXPECT_EQ(*version, 0);
}

TEST_F(DoctorOnServer, SeesAReadOnlySession) {
  EXPECT_FALSE(Examine().HasProblems());
  Run("SET default_transaction_read_only = on");
  const Diagnosis diagnosis = Examine();
  EXPECT_TRUE(diagnosis.HasProblems());
  EXPECT_EQ(diagnosis.findings[0].message.code(), "doctor.read_only");
}

TEST_F(DoctorOnServer, NamesTheRightsThatARoleLacksAndGrantGivesThem) {
  Run("DROP ROLE IF EXISTS doctor_loader; CREATE ROLE doctor_loader");
  Run("SET ROLE doctor_loader");
  EXPECT_THAT(Codes(Examine()), Contains("problem schema.may_not_create"));
  Run("RESET ROLE");
  ASSERT_TRUE(EnsureSchema(connection_).ok());
  Run("SET ROLE doctor_loader");
  EXPECT_THAT(Codes(Examine()), Contains("problem schema.no_access"));
  Run("RESET ROLE; GRANT USAGE ON SCHEMA eclusa TO doctor_loader;"
      "GRANT SELECT ON ALL TABLES IN SCHEMA eclusa TO doctor_loader; SET ROLE doctor_loader");
  EXPECT_THAT(HintOf(Examine(), "doctor.no_rights"), HasSubstr("eclusa db grant doctor_loader"));
  Run("RESET ROLE");
  ASSERT_TRUE(GrantLoading(connection_, "doctor_loader").ok());
  Run("SET ROLE doctor_loader");
  EXPECT_FALSE(Examine().HasProblems());
  Run("RESET ROLE; DROP OWNED BY doctor_loader; DROP ROLE doctor_loader");
}

TEST_F(DoctorOnServer, FindsStageTablesOfNoRunningJob) {
  ASSERT_TRUE(EnsureSchema(connection_).ok());
  Connection worker = Open("doctor_test");
  JobRequest request;
  request.target = {"public", "t"};
  const auto job = CreateJob(worker, request);
  ASSERT_TRUE(job.ok());
  Run("CREATE UNLOGGED TABLE " + StageTable(job->id) + " (a int)");
  Run("CREATE UNLOGGED TABLE " + StageTable(job->id + 1) + " (a int)");
  Diagnosis diagnosis = Examine();
  EXPECT_THAT(Codes(diagnosis), Not(Contains("warning doctor.dead_job")));
  EXPECT_THAT(HintOf(diagnosis, "doctor.leftover_stage"), HasSubstr(StageTable(job->id + 1)));
  // Its session lets the job go without an end: the job is dead.
  ASSERT_TRUE(ReleaseJob(worker, *job).ok());
  EXPECT_THAT(Codes(Examine()), Contains("warning doctor.dead_job"));
}

TEST_F(DoctorOnServer, KnowsAnOlderAndANewerControlSchema) {
  ASSERT_TRUE(EnsureSchema(connection_).ok());
  Run("INSERT INTO eclusa.migrations (number, name) VALUES (1000, 'from the future')");
  EXPECT_THAT(Codes(Examine()), Contains("problem schema.newer"));
}

TEST_F(DoctorOnServer, LooksAtATarget) {
  Run("CREATE TABLE t (a serial PRIMARY KEY); INSERT INTO t VALUES (5)");
  EXPECT_EQ(HintOf(Examine(TableName{"", "t"}), "doctor.sequence_behind"),
            "Run: SELECT setval('public.t_a_seq', 5);");
  EXPECT_THAT(Codes(Examine(TableName{"", "nothing_there"})), Contains("problem table.not_found"));
  Run("DROP ROLE IF EXISTS doctor_reader; CREATE ROLE doctor_reader; GRANT SELECT ON t TO "
      "doctor_reader;"
      "GRANT CREATE ON DATABASE doctor_test TO doctor_reader; SET ROLE doctor_reader");
  EXPECT_EQ(HintOf(Examine(TableName{"public", "t"}), "table.no_privilege"),
            "Ask the table's owner to run: GRANT INSERT, UPDATE, DELETE ON \"public\".\"t\" TO "
            "\"doctor_reader\";");
  Run("RESET ROLE; DROP OWNED BY doctor_reader; DROP ROLE doctor_reader");
}

TEST_F(DoctorOnServer, ShowsEachFindingWithItsRemedyInBothLanguages) {
  const Diagnosis diagnosis = Examine();
  EXPECT_THAT(DiagnosisText(diagnosis, Language::kEnglish),
              HasSubstr("warning  fsync is off: a power failure can destroy the whole database "
                        "[doctor.fsync_off]\n         -> Run: ALTER SYSTEM SET fsync = on;"));
  EXPECT_THAT(DiagnosisText(diagnosis, Language::kPortuguese),
              HasSubstr("atenção  fsync está desligado"));
  const auto json = boost::json::parse(DiagnosisJson(diagnosis, Language::kEnglish)).as_object();
  EXPECT_EQ(json.at("problems").as_int64(), 0);
  EXPECT_EQ(json.at("findings").as_array().size(), diagnosis.findings.size());
  EXPECT_TRUE(json.at("server").as_object().contains("version"));
}

TEST(Doctor, JudgesTheRoomOnADisk) {
  constexpr uint64_t kGiB = uint64_t{1} << 30;
  EXPECT_FALSE(JudgeDisk("/pg", 5 * kGiB).has_value());
  ASSERT_TRUE(JudgeDisk("/pg", 2 * kGiB).has_value());
  EXPECT_EQ(JudgeDisk("/pg", 2 * kGiB)->severity, Severity::kWarning);
  EXPECT_EQ(JudgeDisk("/pg", 1000)->severity, Severity::kProblem);
}

TEST(Doctor, SaysThatAllIsWell) {
  const Diagnosis well{Error(ErrorKind::kInvalid, code::doctor_server), {}};
  EXPECT_THAT(DiagnosisText(well, Language::kEnglish), HasSubstr("nothing to put right"));
  EXPECT_FALSE(well.HasProblems());
}

}  // namespace
}  // namespace eclusa
