#include "settings/separate_variables.h"

#include <gtest/gtest.h>

#include "model/codes.h"

namespace eclusa {
namespace {

const Settings::Variables kAll = {{"DB_NAME", "userpurchase"},
                                  {"DB_USER", "neoway"},
                                  {"DB_PASS", "it's a \\ secret"},
                                  {"DB_HOST", "localhost"}};

std::string DatabaseOf(const Settings::Variables& variables) {
  const auto database = DatabaseOfParts(variables);
  if (!database.ok()) return std::string(database.error().code());
  return database->value_or("none");
}

// As English text, with what is missing in it.
std::string ErrorOf(Settings::Variables variables) {
  const auto database = DatabaseOfParts(variables);
  return database.ok() ? "" : Text(database.error(), Language::kEnglish);
}

TEST(SeparateVariables, MakeOneConnectionString) {
  EXPECT_EQ(DatabaseOf(kAll),
            "host='localhost' port='5432' dbname='userpurchase' user='neoway' "
            "password='it\\'s a \\\\ secret'");
  Settings::Variables other_port = kAll;
  other_port["DB_PORT"] = "6543";
  EXPECT_NE(DatabaseOf(other_port).find("port='6543'"), std::string::npos);
}

TEST(SeparateVariables, AreNothingWhereNoneIsSet) {
  EXPECT_EQ(DatabaseOf({}), "none");
  EXPECT_EQ(DatabaseOf({{"DB_NAME", ""}, {"PATH", "/bin"}}), "none");
}

TEST(SeparateVariables, NameEveryMandatoryOneThatIsMissing) {
  for (const char* name : {"DB_NAME", "DB_USER", "DB_PASS", "DB_HOST"}) {
    Settings::Variables variables = kAll;
    variables.erase(name);
    EXPECT_EQ(DatabaseOf(variables), "config.variables_missing");
    EXPECT_TRUE(ErrorOf(variables).starts_with(std::string(name) + " must be set")) << name;
    variables[name] = "";
    EXPECT_EQ(DatabaseOf(variables), "config.variables_missing");
  }
  EXPECT_EQ(ErrorOf({{"DB_PORT", "5433"}, {"DB_HOST", "a"}}),
            "DB_NAME, DB_USER, DB_PASS must be set beside DB_HOST, DB_PORT");
}

TEST(SeparateVariables, RefuseAPortThatIsNone) {
  for (const char* port : {"5432x", "0", "65536", "-1", " 5432"}) {
    Settings::Variables variables = kAll;
    variables["DB_PORT"] = port;
    EXPECT_EQ(DatabaseOf(variables), "config.bad_value") << port;
  }
}

TEST(SeparateVariables, MakeTheUrlOfABroker) {
  const auto broker_of = [](const Settings::Variables& variables) {
    const auto broker = BrokerOfParts(variables);
    if (!broker.ok()) return std::string(broker.error().code());
    return broker->value_or("none");
  };
  EXPECT_EQ(broker_of({}), "none");
  EXPECT_EQ(broker_of({{"RABBIT_CONTAINER_DNS", ""}, {"RABBIT_CONTAINER_PORT", ""}}), "none");
  EXPECT_EQ(broker_of({{"RABBIT_CONTAINER_DNS", "rabbit"}}), "amqp://rabbit:5672");
  EXPECT_EQ(broker_of({{"RABBIT_CONTAINER_PORT", "5673"}}), "amqp://localhost:5673");
  EXPECT_EQ(broker_of({{"RABBIT_CONTAINER_DNS", "rabbit"}, {"RABBIT_CONTAINER_PORT", "5673"}}),
            "amqp://rabbit:5673");
  EXPECT_EQ(broker_of({{"RABBIT_CONTAINER_PORT", "amqp"}}), "config.bad_value");
  const auto read = [](Settings::Variables variables) {
    auto found = ReadSettings({.path = {}, .variables = std::move(variables), .flags = {}});
    return found.settings ? found.settings->Text("broker.url") : "refused";
  };
  EXPECT_EQ(read({{"RABBIT_CONTAINER_DNS", "rabbit"}}), "amqp://rabbit:5672");
  EXPECT_EQ(read({{"RABBIT_CONTAINER_DNS", "rabbit"}, {"ECLUSA_BROKER_URL", "amqp://b"}}),
            "amqp://b");
}

TEST(SeparateVariables, AreOverTheFileAndBelowAllElse) {
  const auto read = [](Settings::Variables variables, Settings::Variables flags) {
    auto found = ReadSettings({.path = {}, .variables = std::move(variables), .flags = flags});
    return found.settings ? found.settings->Shown("database") : "refused";
  };
  EXPECT_EQ(read(kAll, {}),
            "host='localhost' port='5432' dbname='userpurchase' user='neoway' password=***");
  Settings::Variables both = kAll;
  both["ECLUSA_DB"] = "host=other";
  EXPECT_EQ(read(both, {}), "host=other");
  EXPECT_EQ(read({{"DB_HOST", "a"}}, {}), "refused");
  EXPECT_EQ(read({{"DB_HOST", "a"}, {"ECLUSA_DB", "host=other"}}, {}), "host=other");
  EXPECT_EQ(read({{"DB_HOST", "a"}}, {{"database", "host=flag"}}), "host=flag");
}

}  // namespace
}  // namespace eclusa
