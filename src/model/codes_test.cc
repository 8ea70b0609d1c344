#include "model/codes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace eclusa {
namespace {

Reason RowColumns() {
  Reason reason;
  reason.code = code::row_columns;
  reason.arguments = {{"found", "3"}, {"expected", "{found}"}};
  return reason;
}

// The names in braces of a text.
std::set<std::string> NamesIn(std::string_view text) {
  std::set<std::string> names;
  for (size_t open = text.find('{'); open != text.npos; open = text.find('{', open + 1)) {
    names.emplace(text.substr(open + 1, text.find('}', open) - open - 1));
  }
  return names;
}

TEST(Catalogue, HasEachCodeOnce) {
  std::set<std::string_view> seen;
  for (const CodeEntry& entry : Catalogue()) {
    EXPECT_TRUE(seen.insert(entry.code).second) << entry.code;
  }
}

TEST(Catalogue, HasTextAndHintInBothLanguages) {
  for (const CodeEntry& entry : Catalogue()) {
    for (const Language language : {Language::kEnglish, Language::kPortuguese}) {
      const auto at = static_cast<size_t>(language);
      EXPECT_FALSE(entry.text[at].empty()) << entry.code;
      EXPECT_FALSE(entry.hint[at].empty()) << entry.code;
    }
    EXPECT_NE(entry.text[0], entry.text[1]) << entry.code << " is not translated";
    EXPECT_NE(entry.hint[0], entry.hint[1]) << entry.code << " has a hint that is not translated";
  }
}

TEST(Catalogue, NamesTheSameArgumentsInBothLanguages) {
  for (const CodeEntry& entry : Catalogue()) {
    EXPECT_EQ(NamesIn(entry.text[0]), NamesIn(entry.text[1])) << entry.code;
    EXPECT_EQ(NamesIn(entry.hint[0]), NamesIn(entry.hint[1])) << entry.code;
  }
}

TEST(Catalogue, HasBalancedBraces) {
  for (const CodeEntry& entry : Catalogue()) {
    for (const std::string_view text :
         {entry.text[0], entry.text[1], entry.hint[0], entry.hint[1]}) {
      EXPECT_EQ(std::ranges::count(text, '{'), std::ranges::count(text, '}')) << entry.code;
    }
  }
}

TEST(FindCode, FindsByName) {
  ASSERT_NE(FindCode("row.columns"), nullptr);
  EXPECT_EQ(FindCode("row.columns")->code, code::row_columns);
  EXPECT_EQ(FindCode("row.nothing"), nullptr);
}

TEST(Text, FillsArgumentsByNameAndOnce) {
  EXPECT_EQ(Text(RowColumns(), Language::kEnglish), "the row has 3 columns instead of {found}");
  EXPECT_EQ(Text(RowColumns(), Language::kPortuguese), "a linha tem 3 colunas em vez de {found}");
}

TEST(Text, LeavesNamesWithoutArgumentsEmpty) {
  EXPECT_EQ(Text(Error(ErrorKind::kInvalid, code::row_columns), Language::kEnglish),
            "the row has  columns instead of ");
}

TEST(Text, ShowsAnUnknownCodeAsItIs) {
  EXPECT_EQ(Text(Error(ErrorKind::kInternal, "from.the_future"), Language::kEnglish),
            "from.the_future");
  EXPECT_EQ(Hint(Error(ErrorKind::kInternal, "from.the_future"), Language::kEnglish), "");
}

TEST(Text, PutsTheTextOfACodeInPlaceOfTheArgumentThatNamesIt) {
  Reason reason;
  reason.code = code::document_cpf;
  reason.column = "doc";
  reason.value = "1";
  reason.arguments = {{"why", std::string(code::document_why_length)},
                      {"kind", "CPF"},
                      {"found", "1"},
                      {"expected", "{@why}"}};
  EXPECT_EQ(Text(reason, Language::kEnglish),
            "doc is not a valid CPF: 1: besides its mask it has 1 characters instead of {@why}");
  EXPECT_EQ(Text(reason, Language::kPortuguese),
            "doc não é um CPF válido: 1: fora a máscara, tem 1 caracteres em vez de {@why}");
}

TEST(Text, IsWhatAnotherProcessSaidWhereItSaidIt) {
  const Error error(
      ErrorKind::kInvalid, "row.columns",
      {{std::string(kSaidText), "as it was said"}, {std::string(kSaidHint), "do it"}});
  EXPECT_EQ(Text(error, Language::kPortuguese), "as it was said");
  EXPECT_EQ(Hint(error, Language::kPortuguese), "do it");
  Reason reason = RowColumns();
  reason.arguments.emplace_back(kSaidText, "as it was said");
  EXPECT_EQ(Text(reason, Language::kEnglish), "as it was said");
}

TEST(Hint, IsTheCataloguesSentence) {
  EXPECT_EQ(Hint(RowColumns(), Language::kEnglish), FindCode("row.columns")->hint[0]);
}

}  // namespace
}  // namespace eclusa
