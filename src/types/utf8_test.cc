#include "types/utf8.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

std::string Upper(std::string_view text) {
  std::string out;
  AppendUpper(text, out);
  return out;
}

std::string Unaccented(std::string_view text) {
  std::string out;
  AppendUnaccented(text, out);
  return out;
}

TEST(Utf8, TellsValidFromInvalid) {
  EXPECT_TRUE(IsUtf8("") && IsUtf8("abc") && IsUtf8("ação €😀"));
  for (const std::string_view text :
       {"\xC3", "\x80", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "a\xFF"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
  EXPECT_TRUE(IsAscii("plain text of more than thirty-two bytes"));
  EXPECT_FALSE(IsAscii("plain text of more than thirty-two bytes é"));
  EXPECT_FALSE(IsAscii("é plain text of more than thirty-two bytes"));
}

TEST(Utf8, CountsCharacters) {
  EXPECT_EQ(CountCharacters("ação €😀"), 7U);
  EXPECT_EQ(FirstCharacters("ação", 3), "açã");
  EXPECT_EQ(FirstCharacters("ação", 9), "ação");
  EXPECT_EQ(FirstCharacters("ação", 0), "");
}

TEST(Utf8, TrimsSpacesAndNoBreakSpaces) {
  EXPECT_EQ(TrimSpace(" \t\xC2\xA0 a b\xC2\xA0\r\n"), "a b");
  EXPECT_EQ(TrimSpace(" \xC2\xA0"), "");
  EXPECT_EQ(TrimSpace("à"), "à");
}

TEST(Utf8, TurnsLettersUpper) {
  EXPECT_EQ(Upper("abc ação ñ ÿ ž œ ł"), "ABC AÇÃO Ñ Ÿ Ž Œ Ł");
  EXPECT_EQ(Upper("αβγς ώ"), "ΑΒΓΣ Ώ");
  EXPECT_EQ(Upper("привет ёж"), "ПРИВЕТ ЁЖ");
  EXPECT_EQ(Upper("ß ÷ × 漢字 😀 µ"), "ß ÷ × 漢字 😀 Μ");
  EXPECT_EQ(Upper("JÁ"), "JÁ");
}

TEST(Utf8, TakesAccentsOff) {
  EXPECT_EQ(Unaccented("São João, Æther ß ñ Ç"), "Sao Joao, AEther ss n C");
  EXPECT_EQ(Unaccented("e\xCC\x81"), "e");
  EXPECT_EQ(Unaccented("× 漢字"), "× 漢字");
  EXPECT_EQ(Unaccented("ž Œ ł Ž Š"), "z OE l Z S");
}

}  // namespace
}  // namespace eclusa
