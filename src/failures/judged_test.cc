#include <filesystem>
#include <fstream>

#include "failures/failures_fixture.h"
#include "io/file_identity.h"

namespace eclusa {
namespace {

class StoreJudgedTest : public FailuresFixture {
 protected:
  void SetUp() override {
    FailuresFixture::SetUp();
    path_ =
        std::filesystem::temp_directory_path() / ("judged_" + std::to_string(getpid()) + ".csv");
    std::ofstream(path_) << "name\n";
    job_ = MakeJob(db());
    RecordPath(0);
    RecordPath(1);
  }
  void TearDown() override {
    std::filesystem::remove(path_);
    FailuresFixture::TearDown();
  }
  void RecordPath(int32_t ordinal) {
    const FileIdentity identity = StatFile(path_).value();
    ASSERT_TRUE(RecordFile(db(), job_,
                           {.ordinal = ordinal,
                            .path = path_,
                            .format = "csv",
                            .compression = "none",
                            .size = identity.size,
                            .mtime_us = identity.modified_ns / 1000,
                            .sha256 = DigestFile(path_).value()})
                    .ok());
  }
  // Three batches of three rows: rows 1 to 9, named f<file>r<row>.
  SourceOpener Opener() {
    return [this](int32_t file) -> Result<std::unique_ptr<Source>> {
      std::vector<Batch> batches;
      for (int b = 0; b < 3; ++b) {
        TextRows rows;
        for (int i = 1; i <= 3; ++i) {
          rows.push_back({"f" + std::to_string(file) + "r" + std::to_string(3 * b + i)});
        }
        batches.push_back(TextBatch({"name"}, rows, 3 * b + 1, file));
        if (numbered_) batches.back().row_numbers = {3 * b + 1, 3 * b + 2, 3 * b + 3};
      }
      return std::unique_ptr<Source>(new BatchSource(std::move(batches), &batches_read_));
    };
  }
  Status Judge(const std::vector<std::pair<int32_t, int64_t>>& places) {
    std::vector<JudgedFailure> failures;
    for (const auto& [file, row] : places) {
      failures.push_back({file, row, {BadInteger("name", "judged")}});
    }
    return StoreJudged(db(), job_.id, std::move(failures), Opener());
  }
  std::string Stored() {
    return Ask(
        "SELECT string_agg(file || '.' || row || '.' || line, ' ' ORDER BY file, row) "
        "FROM eclusa.failures WHERE part IS NULL");
  }

  std::filesystem::path path_;
  Job job_;
  int batches_read_ = 0;
  bool numbered_ = false;
};

TEST_F(StoreJudgedTest, ReadsTheRowsAgainByTheirPlaces) {
  ASSERT_TRUE(Judge({{1, 2}, {0, 9}, {0, 1}, {0, 2}}).ok());
  EXPECT_EQ(Stored(), "0.1.2 0.2.3 0.9.10 1.2.3");
}

TEST_F(StoreJudgedTest, FindsRowsThatAreNumberedOneByOne) {
  numbered_ = true;
  ASSERT_TRUE(Judge({{0, 5}, {0, 6}}).ok());
  EXPECT_EQ(Stored(), "0.5.6 0.6.7");
}

TEST_F(StoreJudgedTest, ReadsAFileNoFurtherThanItsLastFailedRow) {
  ASSERT_TRUE(Judge({{0, 2}}).ok());
  EXPECT_EQ(batches_read_, 1);
}

TEST_F(StoreJudgedTest, OpensNothingWhereNothingFailed) {
  ASSERT_TRUE(StoreJudged(db(), job_.id, {}, nullptr).ok());
}

TEST_F(StoreJudgedTest, RefusesAFileThatChanged) {
  std::ofstream(path_, std::ios::app) << "more\n";
  const Status refused = Judge({{0, 1}});
  EXPECT_EQ(refused.error().code(), "failures.file_changed");
  EXPECT_EQ(refused.error().kind(), ErrorKind::kConflict);
}

TEST_F(StoreJudgedTest, LooksIntoAFileWhoseTimeDiffers) {
  const auto time = std::filesystem::last_write_time(path_);
  std::filesystem::last_write_time(path_, time + std::chrono::seconds(1));
  EXPECT_TRUE(Judge({{0, 1}}).ok()) << "the same bytes";
  std::ofstream(path_) << "NAME\n";
  std::filesystem::last_write_time(path_, time + std::chrono::seconds(2));
  EXPECT_EQ(Judge({{0, 2}}).error().code(), "failures.file_changed");
}

TEST_F(StoreJudgedTest, RefusesAFileThatIsGoneOrHasNoSuchRow) {
  EXPECT_EQ(Judge({{0, 10}}).error().code(), "failures.file_changed");
  std::filesystem::remove(path_);
  EXPECT_EQ(Judge({{0, 1}}).error().code(), "failures.file_changed");
}

}  // namespace
}  // namespace eclusa
