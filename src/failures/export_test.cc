#include "failures/export.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "failures/failures_fixture.h"

namespace eclusa {
namespace {

namespace fs = std::filesystem;

class ExportTest : public FailuresFixture {
 protected:
  void SetUp() override {
    FailuresFixture::SetUp();
    folder_ = fs::temp_directory_path() / ("export_" + std::to_string(getpid()));
    fs::create_directories(folder_);
    job_ = MakeJob(db());
  }
  void TearDown() override {
    fs::remove_all(folder_);
    FailuresFixture::TearDown();
  }
  void AddCsv(int32_t ordinal, const std::string& dialect = "{}") {
    ASSERT_TRUE(RecordFile(db(), job_,
                           {.ordinal = ordinal,
                            .path = "in/" + std::to_string(ordinal) + ".csv",
                            .format = "csv",
                            .compression = "none",
                            .size = 1,
                            .mtime_us = 1,
                            .sha256 = "",
                            .dialect_json = dialect})
                    .ok());
  }
  Result<std::vector<ExportedFile>> Export(ExportRequest request = {}) {
    request.job_id = job_.id;
    if (request.output.empty()) request.output = folder_ / "failed.csv";
    return ExportFailures(db(), request);
  }
  std::string Read(const std::string& name = "failed.csv") {
    std::ifstream file(folder_ / name, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  fs::path folder_;
  Job job_;
};

TEST_F(ExportTest, WritesTheInputsColumnsAndWhatWasWrong) {
  AddCsv(0);
  Store(job_, TextBatch({"name", "age"}, {{"ana", "1"}, {"bia, jr", "x"}, {"caio", "y"}}), {1, 2});
  const std::vector<ExportedFile> written = Export().value();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0].rows, 2);
  EXPECT_EQ(Read(),
            "name,age,_eclusa_row,_eclusa_line,_eclusa_file,_eclusa_errors\n"
            "\"bia, jr\",x,2,3,in/0.csv,age: the row has 3 columns instead of 2 (row.columns)\n"
            "caio,y,3,4,in/0.csv,age: the row has 3 columns instead of 2 (row.columns)\n");
}

TEST_F(ExportTest, WritesTextAsTheInputDid) {
  AddCsv(0, R"({"delimiter": ";", "encoding": "windows-1252", "quote": "'", "line_end": "\r\n"})");
  Store(job_, TextBatch({"descrição", "age"}, {{"pão; queijo", "x"}}), {0});
  ASSERT_TRUE(Export({.language = Language::kPortuguese}).ok());
  EXPECT_EQ(Read(),
            "descri\xE7\xE3o;age;_eclusa_row;_eclusa_line;_eclusa_file;_eclusa_errors\r\n"
            "'p\xE3o; queijo';x;1;2;in/0.csv;"
            "age: a linha tem 3 colunas em vez de 2 (row.columns)\r\n");
}

TEST_F(ExportTest, GivesRowsWithoutColumnsTheirBytes) {
  AddCsv(0);
  CheckedBatch checked;
  checked.batch = TextBatch({"name", "age"}, {});
  checked.batch.unreadable = {Unreadable(1, "ana,1,2")};
  FailureStore store(job_.id, 0);
  ASSERT_TRUE(store.Append(checked).ok());
  ASSERT_TRUE(store.Flush(db()).ok());
  ASSERT_TRUE(Export().ok());
  EXPECT_EQ(Read(),
            "name,age,_eclusa_row,_eclusa_line,_eclusa_file,_eclusa_errors,_eclusa_raw\n"
            ",,1,2,in/0.csv,the row has 3 columns instead of 2 (row.columns),\"ana,1,2\"\n");
}

TEST_F(ExportTest, PutsFilesOfTheSameColumnsTogetherAndOthersApart) {
  AddCsv(0);
  AddCsv(1);
  AddCsv(2);
  Store(job_, TextBatch({"name"}, {{"a"}}, 1, 0), {0});
  Store(job_, TextBatch({"other"}, {{"b"}}, 1, 1), {0});
  Store(job_, TextBatch({"name"}, {{"c"}}, 1, 2), {0});
  const std::vector<ExportedFile> written = Export().value();
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(written[0].rows, 2);
  EXPECT_EQ(written[1].path, folder_ / "failed.2.csv");
  EXPECT_EQ(Read("failed.2.csv").substr(0, 5), "other");
  EXPECT_EQ(ExportFailures(db(), {.job_id = job_.id}).error().code(), "failures.columns_differ");
  EXPECT_EQ(Export({.file = 1})->size(), 1u);
}

TEST_F(ExportTest, LeavesOutTheColumnsOfAnEarlierExport) {
  AddCsv(0);
  Store(job_, TextBatch({"name", "_eclusa_row", "_eclusa_errors"}, {{"a", "77", "old"}}), {0});
  ASSERT_TRUE(Export().ok());
  EXPECT_EQ(Read().find("77"), std::string::npos);
  EXPECT_EQ(Read().find("old"), std::string::npos);
}

TEST_F(ExportTest, WritesOpenFailuresOnlyUnlessAsked) {
  AddCsv(0);
  Store(job_, TextBatch({"name"}, {{"a"}, {"b"}}), {0, 1});
  Must(db(),
       "UPDATE eclusa.failures SET state = 'waived', waived_reason = 'x', closed_at = now() "
       "WHERE row = 1");
  EXPECT_EQ(Export()->at(0).rows, 1);
  EXPECT_EQ(Export({.closed_too = true})->at(0).rows, 2);
}

TEST_F(ExportTest, WritesNothingWhereNothingIsOpen) {
  AddCsv(0);
  EXPECT_TRUE(Export()->empty());
  EXPECT_FALSE(fs::exists(folder_ / "failed.csv"));
}

TEST_F(ExportTest, WritesOtherFormatsWhenAsked) {
  AddCsv(0);
  Store(job_, TextBatch({"name"}, {{"a"}}), {0});
  ASSERT_TRUE(Export({.format = "jsonl"}).ok());
  EXPECT_NE(Read().find("\"name\":\"a\""), std::string::npos) << Read();
  ASSERT_TRUE(Export({.format = "parquet"}).ok());
  EXPECT_EQ(Read().substr(0, 4), "PAR1");
  EXPECT_EQ(Export({.format = "xlsx"}).error().code(), "failures.bad_format");
}

}  // namespace
}  // namespace eclusa
