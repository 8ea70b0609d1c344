#include "control/files.h"

#include "control/control_fixture.h"

namespace eclusa {
namespace {

class FilesTest : public ControlFixture {};

TEST_F(FilesTest, AreReadBackAsTheyWereRecorded) {
  const Job job = MakeJob(db());
  AddFile(job, 1, 'b');
  AddFile(job, 0, 'a');
  AddFile(job, 0, 'c');  // recorded again
  const std::vector<FileRecord> files = ReadFiles(db(), job.id).value();
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].sha256, std::string(64, 'c'));
  EXPECT_EQ(files[1].path, "in/1.csv");
  EXPECT_EQ(files[1].mtime_us, 1'700'000'000'123'456) << "to the microsecond";
}

TEST_F(FilesTest, TakeANameThatIsNoUtf8) {
  const Job job = MakeJob(db());
  EXPECT_TRUE(RecordFile(db(), job,
                         {.ordinal = 0,
                          .path = "relat\xF3rio.csv",
                          .format = "csv",
                          .compression = "none",
                          .sha256 = ""})
                  .ok());
}

TEST_F(FilesTest, KeepTheLawOfConservation) {
  const Job job = MakeJob(db());
  AddFile(job, 0);
  EXPECT_TRUE(RecordFileCounts(db(), job, 0, {.read = 5, .applied = 3, .failed = 2}).ok());
  EXPECT_FALSE(RecordFileCounts(db(), job, 0, {.read = 5, .applied = 3, .failed = 1}).ok());
  EXPECT_EQ(db().last_error().constraint, "files_counts_balance");
}

class WarningsTest : public ControlFixture {};

TEST_F(WarningsTest, AddUp) {
  const Job job = MakeJob(db());
  ASSERT_TRUE(RecordWarnings(db(), job, {{0, "cpf.format", 2}, {0, "name.trim", 0}}).ok());
  ASSERT_TRUE(RecordWarnings(db(), job, {{0, "cpf.format", 3}}).ok());
  EXPECT_EQ(Ask("SELECT string_agg(counter || '=' || count, ' ') FROM eclusa.warnings"),
            "cpf.format=5");
}

}  // namespace
}  // namespace eclusa
