#include "contract/read_words.h"

#include <algorithm>
#include <charconv>

#include "contract/parse.h"
#include "core/check.h"
#include "model/codes.h"
#include "model/load_options.h"

namespace eclusa {
namespace {

bool IsBoolean(const YamlNode& node) {
  static constexpr std::string_view kWords[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
  return node.IsScalar() && !node.quoted &&
         std::ranges::find(kWords, node.text) != std::end(kWords);
}

bool IsNumber(const YamlNode& node) {
  if (!node.IsScalar() || node.text.empty()) return false;
  const char* begin = node.text.data();
  const char* end = begin + node.text.size();
  double number = 0;
  const auto [stop, error] = std::from_chars(begin, end, number);
  // Neither "inf" nor "nan": a limit must be a number.
  return error == std::errc() && stop == end && begin[node.text[0] == '-' ? 1 : 0] <= '9';
}

bool IsWhole(const YamlNode& node, int64_t least) {
  const auto number = node.IsScalar() ? ReadWhole(node.text) : std::nullopt;
  return number && *number >= least;
}

bool IsCharacter(const YamlNode& node) {
  // The line's end and the quote's usual neighbours cannot separate anything.
  return node.IsScalar() && node.text.size() == 1 && static_cast<uint8_t>(node.text[0]) < 0x80 &&
         node.text[0] != '\n' && node.text[0] != '\r';
}

bool AreScalars(const YamlNode& node, bool null_allowed) {
  return node.kind == YamlNode::Kind::kList &&
         std::ranges::all_of(node.values, [&](const YamlNode& value) {
           return value.IsScalar() || (null_allowed && value.kind == YamlNode::Kind::kNull);
         });
}

bool IsRange(const YamlNode& node) {
  return node.kind == YamlNode::Kind::kList && node.values.size() == 2 &&
         std::ranges::all_of(node.values, IsNumber) &&
         std::stod(node.values[0].text) <= std::stod(node.values[1].text);
}

bool IsTolerance(const YamlNode& node) {
  return node.IsScalar() && (node.text == "unlimited" || ParseTolerance(node.text));
}

bool AreMaps(const YamlNode& node) {
  return node.kind == YamlNode::Kind::kList &&
         std::ranges::all_of(
             node.values, [](const YamlNode& value) { return value.kind == YamlNode::Kind::kMap; });
}

bool Fits(const Word& word, const YamlNode& node) {
  switch (word.value) {
    case WordValue::kText:
    case WordValue::kLimit:
      return node.IsScalar();
    case WordValue::kChoice:
      return (node.IsScalar() || node.kind == YamlNode::Kind::kNull) &&
             IsChoice(word.choices, node.text);
    case WordValue::kBoolean:
      return IsBoolean(node);
    case WordValue::kPosition:
      // ODCS writes -1 for "no position".
      return IsWhole(node, 1) || (word.name == "primaryKeyPosition" && node.text == "-1");
    case WordValue::kCount:
      return IsWhole(node, 0);
    case WordValue::kNumber:
      return IsNumber(node);
    case WordValue::kCharacter:
      return IsCharacter(node);
    case WordValue::kPointer:
      return node.IsScalar() && ParseJsonPointer(node.text);
    case WordValue::kTexts:
      return node.IsScalar() || AreScalars(node, false);
    case WordValue::kValues:
      return AreScalars(node, true) && !node.values.empty();
    case WordValue::kRange:
      return IsRange(node);
    case WordValue::kTolerance:
      return IsTolerance(node);
    case WordValue::kToleranceOrMap:
      return node.kind == YamlNode::Kind::kMap || IsTolerance(node);
    case WordValue::kTolerances:
      return node.kind == YamlNode::Kind::kMap && std::ranges::all_of(node.values, IsTolerance);
    case WordValue::kMap:
      return node.kind == YamlNode::Kind::kMap;
    case WordValue::kMaps:
      return AreMaps(node);
    case WordValue::kAny:
      return true;
  }
  return false;
}

// A value as an example, the same in every language.
std::string ExampleOf(const Word& word) {
  switch (word.value) {
    case WordValue::kText:
      return "abc";
    case WordValue::kChoice: {
      std::string choices(word.choices);
      for (size_t at = 0; (at = choices.find('|', at)) != std::string::npos; at += 3) {
        choices.replace(at, 1, " | ");
      }
      return choices;
    }
    case WordValue::kBoolean:
      return "true | false";
    case WordValue::kPosition:
      return "1 | 2 | 3 ...";
    case WordValue::kCount:
      return "0 | 1 | 2 ...";
    case WordValue::kNumber:
      return "12.5";
    case WordValue::kLimit:
      return "12.5 | 2024-12-31";
    case WordValue::kCharacter:
      return "\";\"";
    case WordValue::kPointer:
      return "/result | /data/items";
    case WordValue::kTexts:
      return "abc | [abc, \"NULL\"]";
    case WordValue::kValues:
      return "[abc, def]";
    case WordValue::kRange:
      return "[1, 9]";
    case WordValue::kTolerance:
      return "10 | 2.5% | unlimited";
    case WordValue::kToleranceOrMap:
      return "10 | 2.5% | unlimited | {total: 10, perFile: 1%}";
    case WordValue::kTolerances:
      return "{document.cpf: 10}";
    case WordValue::kMap:
      return "{...}";
    case WordValue::kMaps:
      return "[{...}, {...}]";
    case WordValue::kAny:
      return "";
  }
  return "";
}

std::string Shown(const YamlNode& node) { return ClipValue(YamlOnOneLine(node)); }

void ReportUnknown(const YamlNode& key, WordLevel level, Problems& problems) {
  const std::string where(LevelPath(level));
  const std::string word = ClipValue(key.text);
  for (const Word& other : Words()) {
    if (other.name != key.text || other.level == level) continue;
    problems.Add(
        key, code::contract_word_misplaced,
        {{"word", word}, {"where", where}, {"place", std::string(LevelPath(other.level))}});
    return;
  }
  // The search is not free and what is past the limit is only counted.
  const std::string_view nearest = problems.full() ? "" : NearestWord(level, key.text);
  if (nearest.empty()) {
    problems.Add(key, code::contract_word_unknown, {{"word", word}, {"where", where}});
  } else {
    problems.Add(key, code::contract_word_misspelled,
                 {{"word", word}, {"where", where}, {"nearest", std::string(nearest)}});
  }
}

// True where the word may be read on.
bool Accept(const Word& word, const YamlNode& key, const YamlNode& value, Problems& problems) {
  if (word.use == WordUse::kRefused) {
    problems.Add(key, code::contract_word_refused, {{"word", key.text}});
    return false;
  }
  if (Fits(word, value)) return true;
  problems.Add(value, code::contract_value,
               {{"word", key.text}, {"value", Shown(value)}, {"expected", ExampleOf(word)}});
  return false;
}

void ReadWord(const YamlNode& key, const YamlNode& value, WordLevel level, WordMap& words,
              Problems& problems) {
  const Word* word = FindWord(level, key.text);
  if (word == nullptr) {
    ReportUnknown(key, level, problems);
  } else if (value.kind == YamlNode::Kind::kNull && word->value != WordValue::kAny &&
             !IsChoice(word->choices, "null")) {
    // As if it were not there: `description: null` is usual in ODCS.
  } else if (Accept(*word, key, value, problems)) {
    if (word->use == WordUse::kKept) {
      words.Keep(word->name, value);
    } else {
      words.Put(word->name, value);
    }
  }
}

}  // namespace

void Problems::Add(const YamlNode& at, std::string_view code, ErrorArguments arguments) {
  ErrorArguments all = PlaceArguments(at);
  all.insert(all.end(), std::make_move_iterator(arguments.begin()),
             std::make_move_iterator(arguments.end()));
  Add(Error(ErrorKind::kInvalid, code, std::move(all)));
}

void Problems::Add(Error error) {
  if (errors_.size() < kContractErrorsMax) {
    errors_.push_back(std::move(error));
  } else {
    ++left_out_;
  }
}

const YamlNode* WordMap::Find(std::string_view word) const {
  const auto found = words_.find(word);
  return found == words_.end() ? nullptr : found->second;
}

std::string WordMap::Text(std::string_view word) const {
  const YamlNode* node = Find(word);
  return node == nullptr ? std::string() : node->text;
}

std::optional<std::string> WordMap::OptionalText(std::string_view word) const {
  const YamlNode* node = Find(word);
  return node == nullptr ? std::nullopt : std::optional(node->text);
}

bool WordMap::Flag(std::string_view word) const { return OptionalFlag(word).value_or(false); }

std::optional<bool> WordMap::OptionalFlag(std::string_view word) const {
  const YamlNode* node = Find(word);
  if (node == nullptr) return std::nullopt;
  return node->text.starts_with('t') || node->text.starts_with('T');
}

std::optional<int64_t> WordMap::Number(std::string_view word) const {
  const YamlNode* node = Find(word);
  return node == nullptr ? std::nullopt : ReadWhole(node->text);
}

std::vector<std::string> WordMap::Texts(std::string_view word) const {
  const YamlNode* node = Find(word);
  if (node == nullptr) return {};
  if (node->IsScalar()) return {node->text};
  std::vector<std::string> texts;
  for (const YamlNode& value : node->values) texts.push_back(value.text);
  return texts;
}

WordMap ReadWords(const YamlNode& node, WordLevel level, Problems& problems) {
  WordMap words(node);
  if (node.kind != YamlNode::Kind::kMap) {
    problems.Add(node, code::contract_not_map, {{"where", std::string(LevelPath(level))}});
    return words;
  }
  for (size_t i = 0; i < node.keys.size(); ++i) {
    ReadWord(node.keys[i], node.values[i], level, words, problems);
  }
  return words;
}

WordMap ReadCustomWords(const YamlNode* list, const YamlNode& parent, WordLevel level,
                        Problems& problems) {
  WordMap words(parent);
  if (list == nullptr) return words;
  for (const YamlNode& entry : list->values) {
    const WordMap custom = ReadWords(entry, WordLevel::kCustomProperty, problems);
    Require(custom, WordLevel::kCustomProperty, "property", problems);
    const YamlNode* name = custom.Find("property");
    if (name == nullptr) continue;
    if (!name->text.starts_with("eclusa.")) {
      words.Keep("customProperties", entry);
      continue;
    }
    const YamlNode* value = custom.Find("value");
    if (value == nullptr) {
      Require(custom, WordLevel::kCustomProperty, "value", problems);
      continue;
    }
    if (words.Has(name->text)) {
      problems.Add(*name, code::contract_word_twice, {{"word", name->text}});
      continue;
    }
    ReadWord(*name, *value, level, words, problems);
  }
  return words;
}

void Require(const WordMap& words, WordLevel level, std::string_view word, Problems& problems) {
  const YamlNode* node = words.Find(word);
  if (node != nullptr && (!node->IsScalar() || !node->text.empty())) return;
  // A value of the wrong form has been reported already, and so has the word with a slip in it.
  const YamlNode* value = words.at().Find(word);
  if (node == nullptr && value != nullptr && value->kind != YamlNode::Kind::kNull) return;
  for (const YamlNode& key : words.at().keys) {
    if (problems.full()) break;  // the search is not free
    if (FindWord(level, key.text) == nullptr && NearestWord(level, key.text) == word) return;
  }
  problems.Add(words.at(), code::contract_word_missing,
               {{"word", std::string(word)}, {"where", std::string(LevelPath(level))}});
}

void Needs(const WordMap& words, std::string_view word, bool met, std::string_view other,
           Problems& problems) {
  const YamlNode* at = words.Find(word);
  if (at == nullptr || met) return;
  problems.Add(*at, code::contract_word_needs,
               {{"word", std::string(word)}, {"other", std::string(other)}});
}

void Excludes(const WordMap& words, std::string_view word, std::string_view other,
              Problems& problems) {
  const YamlNode* at = words.Find(word);
  if (at == nullptr || !words.Has(other)) return;
  problems.Add(*at, code::contract_word_conflict,
               {{"word", std::string(word)}, {"other", std::string(other)}});
}

std::optional<int64_t> ReadWhole(std::string_view text) {
  int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace eclusa
