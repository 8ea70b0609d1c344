#include "contract/yaml.h"

#include <gtest/gtest.h>

#include "contract/contract_fixture.h"
#include "contract/parse.h"

namespace eclusa {
namespace {

std::string ErrorOf(const std::string& text) {
  const auto root = ReadYaml(text);
  return root.ok() ? "" : root.error().code();
}

TEST(ReadYaml, KeepsPlacesInCharacters) {
  const auto root = ReadYaml("a: 1\nção: [x, y]\n");
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->keys[1].text, "ção");
  EXPECT_EQ(root->keys[1].line, 2);
  const YamlNode& list = *root->Find("ção");
  EXPECT_EQ(list.values[0].column, 7);
  EXPECT_EQ(list.values[1].column, 10);
}

TEST(ReadYaml, TellsQuotedTextFromPlainText) {
  const auto root = ReadYaml("{a: 1, b: \"1\", c: '1', d: null, e: ~}");
  ASSERT_TRUE(root.ok());
  EXPECT_FALSE(root->Find("a")->quoted);
  EXPECT_TRUE(root->Find("b")->quoted);
  EXPECT_TRUE(root->Find("c")->quoted);
  EXPECT_EQ(root->Find("d")->kind, YamlNode::Kind::kNull);
  EXPECT_EQ(root->Find("e")->kind, YamlNode::Kind::kNull);
}

TEST(ReadYaml, ResolvesAliases) {
  const auto root = ReadYaml("a: &x {b: 1}\nc: *x\n");
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->Find("c")->Find("b")->text, "1");
}

TEST(ReadYaml, RefusesWhatIsNoDocument) {
  EXPECT_EQ(ErrorOf(""), "contract.empty");
  EXPECT_EQ(ErrorOf("# nothing\n"), "contract.empty");
  EXPECT_EQ(ErrorOf("a: 1\n---\nb: 2\n"), "contract.documents");
  EXPECT_EQ(ErrorOf("a: [1\n"), "contract.syntax");
  EXPECT_EQ(ErrorOf("a: \xFF\n"), "contract.encoding");
  EXPECT_EQ(ErrorOf(std::string("a: \0", 4)), "contract.encoding");
  EXPECT_EQ(ErrorOf("a: \"x\\0\"\n"), "contract.encoding");
  EXPECT_EQ(ErrorOf("a: \"x\\N\"\n"), "contract.encoding");
  EXPECT_EQ(ErrorOf("[a]: 1\n"), "contract.key");
  EXPECT_EQ(ErrorOf("a: 1\na: 2\n"), "contract.word_twice");
  EXPECT_EQ(ErrorOf("a: &x [*x]\n"), "contract.alias");
}

TEST(ReadYaml, SaysWhereTheSyntaxBreaks) {
  const auto root = ReadYaml("a: 1\nb: 'x\n");
  ASSERT_FALSE(root.ok());
  EXPECT_EQ(root.error().code(), "contract.syntax");
  EXPECT_NE(Argument(root.error(), "line"), "");
  EXPECT_NE(Argument(root.error(), "detail"), "");
}

TEST(ReadYaml, SeesAQuoteThatIsNeverClosed) {
  for (const std::string text :
       {"a: 'x\nb: 1\n", "a: \"x\nb: 1\n", "a: &k 'x\n", "a: \"x\\\"\n", "a: 'x''\n", "'a\n"}) {
    EXPECT_EQ(ErrorOf(text), "contract.syntax") << text;
  }
  for (const std::string text : {"a: 'it''s'\n", "a: \"x\\\\\"\n", "a: &k 'x'\n", "a: |\n  'x\n",
                                 "a: 'x\n  y'\n", "ç: 'x'\n"}) {
    EXPECT_EQ(ErrorOf(text), "") << text;
  }
}

TEST(ReadYaml, SaysTheLineThatIsNotUtf8) {
  const auto root = ReadYaml("a: 1\nb: caf\xE9\n");
  ASSERT_FALSE(root.ok());
  EXPECT_EQ(Argument(root.error(), "line"), "2");
}

TEST(ReadYaml, CountsAliasesWhereTheyAreUsed) {
  // Ten levels of ten: 10^10 values in 500 bytes.
  std::string text = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level <= 10; ++level) {
    const std::string name = "l" + std::to_string(level);
    const std::string below = "*l" + std::to_string(level - 1);
    text += name + ": &" + name + " [";
    for (int i = 0; i < 10; ++i) text += (i == 0 ? "" : ", ") + below;
    text += "]\n";
  }
  EXPECT_EQ(ErrorOf(text), "contract.too_many_values");
}

TEST(ReadYaml, RefusesDepthHoweverItIsMade) {
  EXPECT_EQ(ErrorOf(std::string(kContractDepthMax + 1, '[')), "contract.too_deep");
  EXPECT_EQ(ErrorOf(std::string(kContractNodesMax, '[')), "contract.too_deep");
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i <= kContractDepthMax + 1; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            "]\n";
  }
  EXPECT_EQ(ErrorOf(text), "contract.too_deep");
}

TEST(ReadYaml, RefusesMoreBracketsThanValues) {
  EXPECT_EQ(ErrorOf(std::string(kContractNodesMax + 1, '{')), "contract.too_many_values");
}

TEST(ReadYaml, RefusesATextThatIsTooLarge) {
  EXPECT_EQ(ErrorOf("a: " + std::string(kContractBytesMax, 'x')), "contract.too_large");
}

TEST(YamlScalar, ReadsBackAsTheSameText) {
  for (const std::string text : {"abc",
                                 "",
                                 "true",
                                 "No",
                                 "null",
                                 "~",
                                 "1.0",
                                 "-",
                                 "a: b",
                                 "a #b",
                                 "ção",
                                 "x\ny",
                                 "\t",
                                 "\x01",
                                 "\"\\",
                                 "'",
                                 "{}",
                                 "[a]",
                                 "*a",
                                 "&a",
                                 "!a",
                                 "%a",
                                 "@a",
                                 "`a",
                                 "a\xC2\x85z",
                                 "a\xE2\x80\xA8z",
                                 "\xEF\xBB\xBF",
                                 " x ",
                                 "---",
                                 "...",
                                 "v1.0",
                                 "/a/b",
                                 "?",
                                 ":",
                                 "y",
                                 "\x7F",
                                 "😀",
                                 "\r"}) {
    const std::string yaml = "k: " + YamlScalar(text) + "\n";
    const auto root = ReadYaml(yaml);
    ASSERT_TRUE(root.ok()) << yaml;
    EXPECT_TRUE(root->Find("k")->IsScalar()) << yaml;
    EXPECT_EQ(root->Find("k")->text, text) << yaml;
  }
}

TEST(YamlOnOneLine, SortsKeysAndKeepsPlainValuesPlain) {
  const auto root = ReadYaml("b:\n  - 1\n  - \"1\"\n  - null\n  - x y\na: {d: true, c: ''}\n");
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(YamlOnOneLine(*root), "{a: {c: \"\", d: true}, b: [1, \"1\", null, \"x y\"]}");
}

}  // namespace
}  // namespace eclusa
