#include "pg/installation.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "model/codes.h"

namespace eclusa {
namespace {

namespace fs = std::filesystem;

// A machine of shell scripts: where its programs lie, and what they say of themselves.
class InstallationTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/eclusa-installation-test.XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    search_ = {.bindir = {},
               .path = "/nowhere::" + root_ + "/path",
               .package_dirs = {root_ + "/packages"},
               .more_bindirs = {root_ + "/own/bin"}};
  }
  void TearDown() override { fs::remove_all(root_); }

  void Script(const std::string& path, const std::string& body) {
    fs::create_directories(fs::path(root_ + "/" + path).parent_path());
    std::ofstream(root_ + "/" + path) << "#!/bin/sh\n" << body << "\n";
    fs::permissions(root_ + "/" + path, fs::perms::owner_all);
  }
  void Server(const std::string& bindir, const std::string& version) {
    Script(bindir + "/initdb", "exit 1");
    Script(bindir + "/postgres", "echo 'postgres (PostgreSQL) " + version + "'");
  }
  // The folder found under the root, or the error's code.
  std::string Find(const std::string& data_major = {}) {
    const Result<Installation> found = FindInstallation(search_, data_major);
    if (!found.ok()) return found.error().code();
    return found->bindir.substr(root_.size() + 1) + " " + std::to_string(found->major);
  }

  std::string root_;
  InstallationSearch search_;
};

TEST_F(InstallationTest, TakesTheNewestPackageForNewData) {
  Server("packages/9.6/bin", "9.6.24");
  Server("packages/15/bin", "15.14");
  Server("packages/17/bin", "17.2");
  EXPECT_EQ(Find(), "packages/17/bin 17");
}

TEST_F(InstallationTest, PrefersTheOneThatPathNames) {
  Server("packages/17/bin", "17.2");
  Server("opt/bin", "16.1 (Built by hand)");
  Script("path/pg_config", "echo " + root_ + "/opt/bin");
  EXPECT_EQ(Find(), "opt/bin 16");
}

TEST_F(InstallationTest, PassesOverAPgConfigWithoutAServer) {
  Server("packages/15/bin", "15.14");
  fs::create_directories(root_ + "/client/bin");
  Script("path/pg_config", "echo " + root_ + "/client/bin");
  EXPECT_EQ(Find(), "packages/15/bin 15");
}

TEST_F(InstallationTest, TakesThePackageOfTheDatasVersion) {
  Server("packages/15/bin", "15.14");
  Server("packages/17/bin", "17.2");
  Script("path/pg_config", "echo " + root_ + "/packages/17/bin");
  EXPECT_EQ(Find("15"), "packages/15/bin 15");
}

TEST_F(InstallationTest, FindsDataOfTheOneInPath) {
  Server("opt/bin", "18beta1");
  Script("path/pg_config", "echo " + root_ + "/opt/bin");
  EXPECT_EQ(Find("18"), "opt/bin 18");
}

TEST_F(InstallationTest, FallsBackToWherePostgresInstallsItself) {
  Server("own/bin", "15.14");
  EXPECT_EQ(Find(), "own/bin 15");
}

TEST_F(InstallationTest, TakesTheGivenFolderAndNoOther) {
  Server("packages/17/bin", "17.2");
  Server("given", "15.14");
  search_.bindir = root_ + "/given";
  EXPECT_EQ(Find(), "given 15");
  search_.bindir = root_ + "/empty";
  EXPECT_EQ(Find(), code::server_not_installed);
}

TEST_F(InstallationTest, SaysWhatIsMissing) {
  EXPECT_EQ(Find(), code::server_not_installed);
  Server("packages/13/bin", "13.9");
  EXPECT_EQ(Find(), code::server_too_old);
  Server("packages/15/bin", "15.14");
  Script("path/pg_config", "echo " + root_ + "/packages/15/bin");
  const Result<Installation> found = FindInstallation(search_, "16");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(Text(found.error(), Language::kEnglish),
            "the data is PostgreSQL 16's; installed is 15, 13");
}

TEST_F(InstallationTest, FindsPsqlInPathThenInAPackage) {
  EXPECT_EQ(FindPsql(search_).error().code(), code::server_no_psql);
  Script("packages/15/bin/psql", "exit 0");
  EXPECT_EQ(*FindPsql(search_), root_ + "/packages/15/bin/psql");
  Script("path/psql", "exit 0");
  EXPECT_EQ(*FindPsql(search_), root_ + "/path/psql");
}

}  // namespace
}  // namespace eclusa
