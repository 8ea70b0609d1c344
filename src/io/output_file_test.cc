#include "io/output_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using Names = std::vector<std::string>;

TEST(OutputFile, AppearsWholeAtFinish) {
  const TestFolder folder;
  OutputFile file = OutputFile::Create(folder.At("f")).value();
  const std::string large(600'000, 'x');
  ASSERT_TRUE(file.Write("a").ok());
  ASSERT_TRUE(file.Write(large).ok());
  ASSERT_TRUE(file.Write("z").ok());
  EXPECT_FALSE(std::filesystem::exists(folder.At("f")));
  EXPECT_EQ(file.bytes_written(), 600'002);
  ASSERT_TRUE(std::move(file).Finish().ok());
  EXPECT_EQ(folder.Read("f"), "a" + large + "z");
  EXPECT_EQ(folder.List(), Names{"f"});
}

TEST(OutputFile, LeavesNothingBehindWithoutFinish) {
  const TestFolder folder;
  folder.Write("f", "old");
  {
    OutputFile file = OutputFile::Create(folder.At("f")).value();
    ASSERT_TRUE(file.Write(std::string(600'000, 'x')).ok());
  }
  EXPECT_EQ(folder.Read("f"), "old");
  EXPECT_EQ(folder.List(), Names{"f"});
}

TEST(OutputFile, ReplacesAFileAndKeepsItsModeAndLinks) {
  const TestFolder folder;
  folder.Write("f", "old");
  ASSERT_EQ(chmod(folder.At("f").c_str(), 0640), 0);
  std::filesystem::create_symlink("f", folder.At("link"));
  OutputFile file = OutputFile::Create(folder.At("link")).value();
  ASSERT_TRUE(file.Write("new").ok());
  ASSERT_TRUE(std::move(file).Finish().ok());
  EXPECT_EQ(folder.Read("f"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.At("link")));
  struct stat about = {};
  ASSERT_EQ(stat(folder.At("f").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0640U);
}

TEST(OutputFile, RefusesAFolderAndAMissingFolder) {
  const TestFolder folder;
  EXPECT_EQ(OutputFile::Create(folder.path()).error().code(), code::file_is_folder);
  EXPECT_EQ(OutputFile::Create(folder.At("no/f")).error().code(), code::file_no_folder);
}

TEST(OutputFile, SaysThatTheDiskIsFull) {
  OutputFile file = OutputFile::Create("/dev/full").value();
  const Status written = file.Write("x");
  const Status finished = std::move(file).Finish();
  ASSERT_TRUE(written.ok());
  ASSERT_FALSE(finished.ok());
  EXPECT_EQ(finished.error().code(), code::file_disk_full);
  EXPECT_EQ(finished.error().kind(), ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace eclusa
