#include "io/glob.h"

#include <gtest/gtest.h>

#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using Paths = std::vector<std::string>;

TEST(ExpandPaths, SortsWhatAPatternMatchesAndLeavesFoldersOut) {
  const TestFolder folder;
  for (const char* name : {"b.csv", "a.csv", "c.txt"}) folder.Write(name, "");
  std::filesystem::create_directory(folder.At("d.csv"));
  EXPECT_EQ(ExpandPaths({folder.At("*.csv")}).value(),
            (Paths{folder.At("a.csv"), folder.At("b.csv")}));
}

TEST(ExpandPaths, KeepsTheOrderOfTheArguments) {
  const TestFolder folder;
  const std::string z = folder.Write("z", "");
  const std::string a = folder.Write("a", "");
  EXPECT_EQ(ExpandPaths({z, a, z}).value(), (Paths{z, a, z}));
}

TEST(ExpandPaths, TakesAFileWithPatternCharactersInItsName) {
  const TestFolder folder;
  const std::string odd = folder.Write("a[1].csv", "");
  folder.Write("a1.csv", "");
  EXPECT_EQ(ExpandPaths({odd}).value(), (Paths{odd}));
}

TEST(ExpandPaths, RefusesAPatternWithoutAMatchAMissingFileAndAFolder) {
  const TestFolder folder;
  const auto code_of = [](const Paths& arguments) {
    const auto paths = ExpandPaths(arguments);
    return paths.ok() ? "none" : paths.error().code();
  };
  EXPECT_EQ(code_of({folder.At("*.csv")}), code::file_no_match);
  EXPECT_EQ(code_of({folder.At("x.csv")}), code::file_not_found);
  EXPECT_EQ(code_of({folder.path()}), code::file_is_folder);
}

}  // namespace
}  // namespace eclusa
