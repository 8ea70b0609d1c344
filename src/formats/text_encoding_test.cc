#include "formats/text_encoding.h"

#include <gtest/gtest.h>

#include <string>

namespace eclusa {
namespace {

TEST(ParseEncoding, KnowsTheUsualNames) {
  EXPECT_EQ(ParseEncoding("UTF-8"), TextEncoding::kUtf8);
  EXPECT_EQ(ParseEncoding("cp1252"), TextEncoding::kWindows1252);
  EXPECT_EQ(ParseEncoding("Windows-1252"), TextEncoding::kWindows1252);
  EXPECT_EQ(ParseEncoding("ISO-8859-1"), TextEncoding::kIso88591);
  EXPECT_EQ(ParseEncoding("latin1"), TextEncoding::kIso88591);
  EXPECT_EQ(ParseEncoding("utf-16"), std::nullopt);
}

TEST(IsValidUtf8, AcceptsEveryCharacterAndNothingElse) {
  // Each code point, encoded here by the rule of Unicode and not by the code under test.
  for (uint32_t point = 0; point < 0x110000; point += point < 0x1000 ? 1 : 37) {
    std::string text = "0123456789";
    if (point < 0x80) {
      text += static_cast<char>(point);
    } else if (point < 0x800) {
      text += {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 63))};
    } else if (point < 0x10000) {
      text += {static_cast<char>(0xE0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 63)),
               static_cast<char>(0x80 | (point & 63))};
    } else {
      text += {static_cast<char>(0xF0 | point >> 18), static_cast<char>(0x80 | (point >> 12 & 63)),
               static_cast<char>(0x80 | (point >> 6 & 63)), static_cast<char>(0x80 | (point & 63))};
    }
    const bool surrogate = point >= 0xD800 && point < 0xE000;
    EXPECT_EQ(IsValidUtf8(text), !surrogate) << point;
  }
  for (const std::string_view wrong :
       {"\x80", "\xC3", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3\x28", "\xE2\x82",
        "\xF0\x9F\x98", "a\xC3\xA9\xA9"}) {
    for (size_t before = 0; before < 40; ++before) {
      EXPECT_FALSE(IsValidUtf8(std::string(before, 'x') + std::string(wrong) + "tail"));
    }
  }
}

TEST(ToUtf8, GoesThereAndBackForEachByte) {
  for (const TextEncoding encoding : {TextEncoding::kWindows1252, TextEncoding::kIso88591}) {
    int without_character = 0;
    for (int byte = 0; byte < 256; ++byte) {
      const std::string bytes(1, static_cast<char>(byte));
      if (!IsValid(bytes, encoding)) {
        ++without_character;
        continue;
      }
      const std::string text = ToUtf8(bytes, encoding);
      EXPECT_TRUE(IsValidUtf8(text));
      EXPECT_EQ(FromUtf8(text, encoding), bytes) << byte;
    }
    EXPECT_EQ(without_character, encoding == TextEncoding::kWindows1252 ? 5 : 0);
  }
  EXPECT_EQ(ToUtf8("S\xE3o \x80", TextEncoding::kWindows1252), "São €");
}

TEST(FromUtf8, WritesAQuestionMarkForWhatIsLacking) {
  EXPECT_EQ(FromUtf8("é中!", TextEncoding::kWindows1252), "\xE9?!");
  EXPECT_EQ(FromUtf8("€", TextEncoding::kIso88591), "?");
}

TEST(DetectEncoding, ChoosesByTheMajorityAndNotByOneWrongByte) {
  EXPECT_EQ(DetectEncoding("plain"), TextEncoding::kUtf8);
  EXPECT_EQ(DetectEncoding("São João, Goiânia"), TextEncoding::kUtf8);
  EXPECT_EQ(DetectEncoding("S\xE3o Jo\xE3o, Goi\xE2nia"), TextEncoding::kWindows1252);
  EXPECT_EQ(DetectEncoding("São João, S\xE3o"), TextEncoding::kUtf8);
}

TEST(LooksLikeUtf8, WantsALetterBeyondAsciiAndNoWrongByte) {
  EXPECT_TRUE(LooksLikeUtf8("São João"));
  EXPECT_FALSE(LooksLikeUtf8("Sao Joao"));
  EXPECT_FALSE(LooksLikeUtf8("S\xE3o João"));
  EXPECT_FALSE(LooksLikeUtf8("N\xC3O"));
  EXPECT_EQ(AsciiBytes("Sao"), 3U);
  std::string text(200, 'x');
  text[100] = '\xE9';
  EXPECT_EQ(AsciiBytes(text), 100U);
  EXPECT_EQ(AsciiBytes(""), 0U);
}

TEST(DetectEncoding, ForgivesASequenceThatTheEndCuts) {
  EXPECT_EQ(DetectEncoding("plain \xC3"), TextEncoding::kUtf8);
  EXPECT_EQ(DetectEncoding("plain \xF0\x9F\x98"), TextEncoding::kUtf8);
}

TEST(EscapedBytes, ShowsBytesThatAreNoAscii) {
  EXPECT_EQ(EscapedBytes("a\xE9\n", 100), "a\\xE9\\x0A");
  EXPECT_EQ(EscapedBytes("abcdef", 3), "abc");
}

}  // namespace
}  // namespace eclusa
