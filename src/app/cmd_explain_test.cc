#include "app/cmd_explain.h"

#include <gtest/gtest.h>

#include <sstream>

namespace eclusa {
namespace {

std::string Explain(const std::string& code, Language language = Language::kEnglish,
                    bool json = false) {
  CommandContext context;
  context.language = language;
  std::stringstream out;
  const auto done = RunExplain({.code = code, .json = json}, context, out);
  return done.ok() ? out.str() : Text(done.error(), language);
}

TEST(Explain, TellsTheTextAndWhatToDoInTheLanguage) {
  EXPECT_EQ(
      Explain("row.columns"),
      "row.columns\n  the row has {found} columns instead of {expected}\n"
      "  what to do: Check the delimiter and the quotes of this row; in a file of fixed width, "
      "its length.\n");
  EXPECT_NE(Explain("row.columns", Language::kPortuguese).find("o que fazer: Confira"),
            std::string::npos);
}

TEST(Explain, ListsAGroupOrEverything) {
  const std::string group = Explain("position");
  EXPECT_NE(group.find("position.exists\n"), std::string::npos);
  EXPECT_NE(group.find("position.moved\n"), std::string::npos);
  EXPECT_EQ(group.find("row.columns"), std::string::npos);
  EXPECT_GT(Explain("").size(), group.size());
}

TEST(Explain, NamesTheNearestCodeOfOneThatIsUnknown) {
  EXPECT_EQ(Explain("row.colums"), "there is no code row.colums; the nearest is row.columns");
  EXPECT_EQ(Explain("position.move"),
            "there is no code position.move; the nearest is position.moved");
}

TEST(Explain, IsAnArrayForMachines) {
  EXPECT_TRUE(Explain("row.columns", Language::kEnglish, true)
                  .starts_with(R"([{"code":"row.columns","text":"the row has {found})"));
}

}  // namespace
}  // namespace eclusa
