#include "client/upload_state.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "io/test_folder.h"

namespace eclusa::client {
namespace {

const UploadSubject kSubject{.server = "http://h:1",
                             .dataset_path = "/a/b",
                             .tenant_json = R"({"tenant":"47"})",
                             .file = "/data/p.csv",
                             .size = 10,
                             .sha256 = "00ff"};
const UploadTicket kTicket{
    .id = "id-1",
    .urls = {"http://h:1/uploads/in/a?part=1", "http://h:1/uploads/in/a?part=2"},
    .part_size = 5,
    .headers = {{"Content-Type", "text/csv"}}};

class UploadStateTest : public testing::Test {
 protected:
  std::string Folder() const { return folder_.path() + "/state/uploads"; }
  std::string OnlyFile() const {
    return std::filesystem::directory_iterator(Folder())->path().string();
  }
  TestFolder folder_;
};

TEST_F(UploadStateTest, RemembersForAnotherProcess) {
  ASSERT_TRUE(UploadState(Folder(), kSubject).Keep(kTicket).ok());
  const auto found = UploadState(Folder(), kSubject).Find();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, "id-1");
  EXPECT_EQ(found->urls, kTicket.urls);
  EXPECT_EQ(found->part_size, 5);
  EXPECT_EQ(found->headers, kTicket.headers);
}

TEST_F(UploadStateTest, IsForItsOwnerAlone) {
  ASSERT_TRUE(UploadState(Folder(), kSubject).Keep(kTicket).ok());
  struct stat about = {};
  ASSERT_EQ(stat(OnlyFile().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600);
}

TEST_F(UploadStateTest, KnowsNothingOfAFileThatHasChanged) {
  ASSERT_TRUE(UploadState(Folder(), kSubject).Keep(kTicket).ok());
  UploadSubject changed = kSubject;
  changed.sha256 = "00fe";
  EXPECT_FALSE(UploadState(Folder(), changed).Find().has_value());
  ASSERT_TRUE(UploadState(Folder(), changed).Keep(kTicket).ok());
  EXPECT_FALSE(UploadState(Folder(), kSubject).Find().has_value()) << "one file for one path";
}

TEST_F(UploadStateTest, TellsTenantsServersAndDatasetsApart) {
  ASSERT_TRUE(UploadState(Folder(), kSubject).Keep(kTicket).ok());
  for (std::string UploadSubject::*field :
       {&UploadSubject::server, &UploadSubject::dataset_path, &UploadSubject::tenant_json}) {
    UploadSubject other = kSubject;
    other.*field += "x";
    EXPECT_FALSE(UploadState(Folder(), other).Find().has_value());
  }
  EXPECT_TRUE(UploadState(Folder(), kSubject).Find().has_value());
}

TEST_F(UploadStateTest, ForgetsAndSurvivesRubbish) {
  const UploadState state(Folder(), kSubject);
  ASSERT_TRUE(state.Keep(kTicket).ok());
  std::ofstream(OnlyFile()) << R"({"subject":{},"ticket":3)";
  EXPECT_FALSE(state.Find().has_value());
  ASSERT_TRUE(state.Keep(kTicket).ok());
  state.Forget();
  EXPECT_FALSE(state.Find().has_value());
  EXPECT_TRUE(std::filesystem::is_empty(Folder()));
}

TEST_F(UploadStateTest, WithoutAFolderRemembersNothing) {
  const UploadState state("", kSubject);
  EXPECT_TRUE(state.Keep(kTicket).ok());
  EXPECT_FALSE(state.Find().has_value());
}

}  // namespace
}  // namespace eclusa::client
