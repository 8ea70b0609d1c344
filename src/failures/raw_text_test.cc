#include "failures/raw_text.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

TEST(RawText, ReadsBytesInTheFilesEncoding) {
  EXPECT_EQ(RawText("S\xE3o \x80 9", "windows-1252"), "São € 9");
  EXPECT_EQ(RawText("S\xE3o", "iso-8859-1"), "São");
  EXPECT_EQ(RawText("São", "utf-8"), "São");
}

TEST(RawText, MarksWhatIsNoText) {
  EXPECT_EQ(RawText("a\xE3", "utf-8"), "a\xEF\xBF\xBD");
  EXPECT_EQ(RawText("a\x81", "windows-1252"), "a\xEF\xBF\xBD");
  EXPECT_EQ(RawText(std::string("a\0b", 3), "iso-8859-1"),
            "a\xEF\xBF\xBD"
            "b");
}

}  // namespace
}  // namespace eclusa
