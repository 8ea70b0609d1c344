#include "io/file_identity.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

TEST(StatFile, GivesSizeAndTime) {
  const TestFolder folder;
  const std::string path = folder.Write("f", "12345");
  const timespec times[2] = {{0, UTIME_OMIT}, {1700000000, 123456789}};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  const FileIdentity identity = StatFile(path).value();
  EXPECT_EQ(identity.size, 5);
  EXPECT_EQ(identity.modified_ns, 1700000000123456789);
  EXPECT_EQ(identity.sha256, "");
}

TEST(StatFile, NamesAMissingFile) {
  const auto identity = StatFile("/nowhere/f.csv");
  ASSERT_FALSE(identity.ok());
  EXPECT_EQ(identity.error().code(), code::file_not_found);
}

TEST(DigestFile, IsSha256) {
  const TestFolder folder;
  EXPECT_EQ(DigestFile(folder.Write("abc", "abc")).value(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(DigestFile(folder.Write("empty", "")).value(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(DigestFile, GoesOverManyBlocks) {
  const TestFolder folder;
  EXPECT_EQ(DigestFile(folder.Write("a", std::string(1'000'000, 'a'))).value(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(DigestFile, StopsWhenAsked) {
  const TestFolder folder;
  std::stop_source stop;
  stop.request_stop();
  const auto digest = DigestFile(folder.Write("f", "x"), stop.get_token());
  ASSERT_FALSE(digest.ok());
  EXPECT_EQ(digest.error().kind(), ErrorKind::kCancelled);
}

}  // namespace
}  // namespace eclusa
