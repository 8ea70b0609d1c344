// The grammar of contracts as one table: every word, where it may stand, what its value is, and
// what it says, in English and Portuguese.
//
// The parser reads by this table, the errors name its words, and docs/contract.md is generated from
// it (a test compares them). Source of the words without `eclusa.`: the Open Data Contract Standard
// v3.1.0. Constants; safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "model/codes.h"

namespace eclusa {

// Where a word stands. The levels named Custom are the entries of customProperties there.
enum class WordLevel : uint8_t {
  kDocument,
  kDocumentCustom,
  kSchema,
  kSchemaCustom,
  kProperty,
  kPropertyCustom,
  kItems,
  kItemsCustom,
  kTypeOptions,
  kQuality,
  kQualityCustom,
  kQualityArguments,
  kCustomProperty,
  kDialect,
  kMaxFailures,
};
inline constexpr int kWordLevels = static_cast<int>(WordLevel::kMaxFailures) + 1;

enum class WordValue : uint8_t {
  kText,      // any scalar, as written
  kChoice,    // one of `choices`
  kBoolean,   // true or false
  kPosition,  // whole number from 1; -1 says "none", as ODCS does
  kCount,     // whole number from 0
  kNumber,
  kLimit,           // a number, a date or a time, as written
  kCharacter,       // exactly one ASCII character
  kPointer,         // a JSON pointer
  kTexts,           // one text or a list of them
  kValues,          // list of scalars, null allowed
  kRange,           // list of two numbers, the smaller first
  kTolerance,       // 10, 2.5%, unlimited
  kToleranceOrMap,  // a tolerance, or a map of words of kMaxFailures
  kTolerances,      // a map of codes and tolerances
  kMap,             // words of a level of their own
  kMaps,            // list of such maps
  kAny,
};

enum class WordUse : uint8_t {
  kUsed,
  kKept,     // ODCS has it, eclusa does not use it: kept and left alone
  kRefused,  // asks for what this version does not do
};

struct Word {
  WordLevel level;
  std::string_view name;
  WordValue value;
  WordUse use;
  std::string_view choices;  // kChoice: "a|b|c"
  std::string_view text[2];  // by Language; empty: a word of ODCS that explains itself
};

std::span<const Word> Words();
// Null: no such word at this level.
const Word* FindWord(WordLevel level, std::string_view name);
// The word of this level that is written most like `name`; empty: none is near.
std::string_view NearestWord(WordLevel level, std::string_view name);
// The one of `choices` ("a|b|c") that is written most like `text`; empty: none is near.
std::string_view NearestChoice(std::string_view choices, std::string_view text);
bool IsChoice(std::string_view choices, std::string_view text);

// "schema[]", "schema[].properties[].quality[].arguments": for messages and documentation.
std::string_view LevelPath(WordLevel level);
std::string_view ValueName(WordValue value, Language language);

// The table of docs/contract.md: one section per level.
std::string WordsAsMarkdown();
// The words of all levels as text for a terminal.
std::string WordsAsText(Language language);

}  // namespace eclusa
