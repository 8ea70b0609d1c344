#include "app/text_table.h"

#include <gtest/gtest.h>

#include "app/duration_text.h"

namespace eclusa {
namespace {

TEST(TextTable, LinesColumnsUpByCharacters) {
  EXPECT_EQ(TextTable({Align::kRight, Align::kLeft, Align::kRight},
                      {{"job", "destino", "lidas"}, {"7", "ação", "10"}, {"12", "x", "-"}}),
            "job  destino  lidas\n"
            "  7  ação        10\n"
            " 12  x            -\n");
}

TEST(TextTable, LeavesNoSpaceAtTheEndOfALine) {
  EXPECT_EQ(TextTable({Align::kLeft}, {{"long"}, {"a"}}), "long\na\n");
}

TEST(DurationText, ChoosesItsUnit) {
  EXPECT_EQ(DurationText(850, Language::kEnglish), "850 ms");
  EXPECT_EQ(DurationText(12'400, Language::kEnglish), "12.4 s");
  EXPECT_EQ(DurationText(12'400, Language::kPortuguese), "12,4 s");
  EXPECT_EQ(DurationText(185'999, Language::kEnglish), "3 min 05 s");
  EXPECT_EQ(DurationText(7'800'000, Language::kEnglish), "2 h 10 min");
}

}  // namespace
}  // namespace eclusa
