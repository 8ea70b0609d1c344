#include "settings/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace eclusa {
namespace {

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() : folder_(std::filesystem::temp_directory_path() / "eclusa_settings_test") {
    std::filesystem::create_directories(folder_);
  }
  ~SettingsTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_ / name;
    std::ofstream(path) << text;
    return path;
  }
  Settings Good(const Settings::Sources& sources) {
    auto read = ReadSettings(sources);
    EXPECT_TRUE(read.settings.has_value())
        << (read.errors.empty() ? "" : read.errors.front().code());
    return *std::move(read.settings);
  }
  std::string FirstError(const std::string& yaml) {
    const auto read = ReadSettings({.path = Write("bad.yaml", yaml)});
    return read.errors.empty() ? "" : std::string(read.errors.front().code());
  }

  const std::filesystem::path folder_;
};

TEST_F(SettingsTest, HaveDefaults) {
  const Settings settings = Good({});
  EXPECT_EQ(settings.Number("workers"), 2);
  EXPECT_EQ(settings.List("listen"), std::vector<std::string>{"127.0.0.1:8080"});
  EXPECT_EQ(settings.WhereFrom("workers"), SettingFrom::kDefault);
}

TEST_F(SettingsTest, TakeFlagsOverEnvironmentOverFile) {
  const std::string path =
      Write("a.yaml",
            "workers: 3\nlease_seconds: 5\ntries_max: 7\n"
            "storage: {s3: {bucket: b, path_style: true}}\nlisten: [a:1, b:2]\n");
  const Settings settings =
      Good({.path = path,
            .variables = {{"ECLUSA_WORKERS", "4"}, {"ECLUSA_LEASE_SECONDS", "6"}},
            .flags = {{"workers", "5"}}});
  EXPECT_EQ(settings.Number("workers"), 5);
  EXPECT_EQ(settings.Number("lease_seconds"), 6);
  EXPECT_EQ(settings.Number("tries_max"), 7);
  EXPECT_EQ(settings.WhereFrom("tries_max"), SettingFrom::kFile);
  EXPECT_TRUE(settings.Flag("storage.s3.path_style"));
  EXPECT_EQ(settings.List("listen"), (std::vector<std::string>{"a:1", "b:2"}));
}

TEST_F(SettingsTest, RefuseWhatTheyDoNotKnow) {
  const auto read =
      ReadSettings({.path = Write("u.yaml", "workers: 2\nworkesr: 3\nstorage: {floder: x}\n")});
  ASSERT_EQ(read.errors.size(), 2U);  // all of it at once
  EXPECT_EQ(read.errors[0].code(), "config.unknown");
  EXPECT_EQ(read.errors[0].arguments(),
            (ErrorArguments{{"name", "workesr"}, {"line", "2"}, {"nearest", "workers"}}));
  EXPECT_EQ(read.errors[1].arguments().back().second, "storage.folder");
}

TEST_F(SettingsTest, RefuseValuesOfAnotherKind) {
  EXPECT_EQ(FirstError("workers: many\n"), "config.bad_value");
  EXPECT_EQ(FirstError("workers: -1\n"), "config.bad_value");
  EXPECT_EQ(FirstError("workers: [1, 2]\n"), "config.bad_value");
  EXPECT_EQ(FirstError("storage: {s3: {path_style: yes please}}\n"), "config.bad_value");
  EXPECT_EQ(FirstError("workers: {a: 1}\n"), "config.unknown");
  EXPECT_EQ(FirstError("a: [1\n"), "config.syntax");
  EXPECT_EQ(ReadSettings({.path = "/no/such/file"}).errors.front().code(), "file.not_found");
}

TEST_F(SettingsTest, TakeSecretsFromFilesAndCommands) {
  const std::string key = Write("key", "topsecret\n");
  const Settings file =
      Good({.path = Write("f.yaml", "storage: {s3: {secret_key_file: " + key + "}}\n")});
  EXPECT_EQ(file.Text("storage.s3.secret_key"), "topsecret");
  EXPECT_EQ(file.Shown("storage.s3.secret_key"), "***");
  const Settings command =
      Good({.path = {}, .variables = {{"ECLUSA_S3_SECRET_KEY_COMMAND", "echo from a command"}}});
  EXPECT_EQ(command.Text("storage.s3.secret_key"), "from a command");
  EXPECT_EQ(FirstError("storage: {s3: {secret_key_file: /no/such}}\n"), "config.bad_value");
  EXPECT_EQ(FirstError("storage: {s3: {secret_key_command: 'false'}}\n"), "config.bad_value");
}

TEST_F(SettingsTest, HidePasswords) {
  const auto shown = [&](const std::string& database) {
    return Good({.path = {}, .variables = {{"ECLUSA_DB", database}}}).Shown("database");
  };
  EXPECT_EQ(shown("postgresql://ana:secret@host/db"), "postgresql://ana:***@host/db");
  EXPECT_EQ(shown("postgresql://ana@host:5432/db"), "postgresql://ana@host:5432/db");
  EXPECT_EQ(shown("host=a password=secret dbname=b"), "host=a password=*** dbname=b");
  EXPECT_EQ(shown("host=a password=secret"), "host=a password=***");
  EXPECT_EQ(shown("password = secret host=a"), "password = *** host=a");
  EXPECT_EQ(shown("password\t=\n'se c\\'ret' host=a"), "password\t=\n*** host=a");
  EXPECT_EQ(shown("password=se&cr\\ et sslpassword=more"), "password=*** sslpassword=***");
  EXPECT_EQ(shown("dbname=password password ="), "dbname=password password =***");
  EXPECT_EQ(shown("postgresql://h/db?password=se%20cret&user=ana"),
            "postgresql://h/db?password=***&user=ana");
  const auto broker = [&](const std::string& url) {
    return Good({.path = {}, .variables = {{"ECLUSA_BROKER_URL", url}}}).Shown("broker.url");
  };
  EXPECT_EQ(broker("amqp://ana:se@cret@host/v"), "amqp://ana:***@host/v");
  EXPECT_EQ(broker("amqp://ana@host:5672"), "amqp://ana@host:5672");
  EXPECT_EQ(broker("ana:secret@host"), "***");
}

TEST_F(SettingsTest, HaveNamesAndVariablesOfTheirOwn) {
  std::set<std::string_view> names, variables;
  for (const SettingWord& word : SettingWords()) {
    EXPECT_TRUE(names.insert(word.name).second) << word.name;
    EXPECT_TRUE(variables.insert(word.variable).second) << word.variable;
    EXPECT_TRUE(!word.about[0].empty() && !word.about[1].empty()) << word.name;
  }
}

TEST(SettingsDocumentTest, IsThePublishedOne) {
  const char* source = std::getenv("ECLUSA_SOURCE");
  ASSERT_NE(source, nullptr) << "run by ctest";
  std::ifstream file(std::string(source) + "/docs/settings.md");
  const std::string published(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(published, SettingsDocument());
}

}  // namespace
}  // namespace eclusa
