#include "contract/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "core/check.h"
#include "core/edit_distance.h"

namespace eclusa {
namespace {

constexpr Word kWords[] = {
#define ECLUSA_WORD(level, name, value, use, choices, english, portuguese) \
  {WordLevel::level, name, WordValue::value, WordUse::use, choices, {english, portuguese}},
#include "contract/words.inc"
#undef ECLUSA_WORD
};

struct Level {
  std::string_view path;
  std::string_view title[2];
};

// By WordLevel.
constexpr Level kLevels[kWordLevels] = {
    {"document", {"The document", "O documento"}},
    {"customProperties[]", {"Custom properties of the document", "customProperties do documento"}},
    {"schema[]", {"The dataset", "O conjunto de dados"}},
    {"schema[].customProperties[]",
     {"eclusa's words on the dataset", "Palavras da eclusa no conjunto de dados"}},
    {"schema[].properties[]", {"A property", "Uma propriedade"}},
    {"schema[].properties[].customProperties[]",
     {"eclusa's words on a property", "Palavras da eclusa em uma propriedade"}},
    {"schema[].properties[].items", {"Items of an array", "Itens de uma lista"}},
    {"schema[].properties[].items.customProperties[]",
     {"eclusa's words on the items of an array of objects",
      "Palavras da eclusa nos itens de uma lista de objetos"}},
    {"schema[].properties[].logicalTypeOptions", {"Limits of a value", "Limites de um valor"}},
    {"quality[]", {"A quality rule", "Uma regra de qualidade"}},
    {"quality[].customProperties[]",
     {"eclusa's words on a quality rule", "Palavras da eclusa em uma regra de qualidade"}},
    {"quality[].arguments", {"Arguments of a metric", "Argumentos de uma métrica"}},
    {"customProperties[]", {"A custom property", "Uma entrada de customProperties"}},
    {"eclusa.dialect", {"The text dialect", "O dialeto de texto"}},
    {"eclusa.maxFailures", {"Tolerance", "Tolerância"}},
};

// The order of sections in the documentation.
constexpr WordLevel kSections[] = {
    WordLevel::kDocument,       WordLevel::kSchema,         WordLevel::kSchemaCustom,
    WordLevel::kDialect,        WordLevel::kMaxFailures,    WordLevel::kProperty,
    WordLevel::kTypeOptions,    WordLevel::kItems,          WordLevel::kItemsCustom,
    WordLevel::kPropertyCustom, WordLevel::kQuality,        WordLevel::kQualityArguments,
    WordLevel::kQualityCustom,  WordLevel::kCustomProperty,
};

// Keeps the nearest of what it is offered; a third of the word may differ, no more.
class Nearest {
 public:
  explicit Nearest(std::string_view name) : name_(name.substr(0, kLongest)) {}
  void Offer(std::string_view candidate) {
    const size_t distance = EditDistance(name_, candidate);
    if (distance < best_ && distance * 3 <= std::max(name_.size(), candidate.size())) {
      best_ = distance;
      word_ = candidate;
    }
  }
  std::string_view word() const { return word_; }

 private:
  static constexpr size_t kLongest = 60;  // longer than any word; what is longer is near none
  std::string_view name_;
  size_t best_ = kLongest;
  std::string_view word_;
};

template <class Visit>
void ForEachChoice(std::string_view choices, Visit visit) {
  while (!choices.empty()) {
    const size_t bar = std::min(choices.find('|'), choices.size());
    visit(choices.substr(0, bar));
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
}

std::string ChoicesAsMarkdown(const Word& word) {
  std::string out;
  ForEachChoice(word.choices, [&](std::string_view choice) {
    if (!out.empty()) out += ", ";
    out += fmt::format("`{}`", choice);
  });
  return out;
}

// What stands before the first bracket of a table's cell; a bar would end the cell.
std::string Cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string_view TextOf(const Word& word, Language language) {
  const std::string_view text = word.text[static_cast<size_t>(language)];
  if (!text.empty()) return text;
  return language == Language::kPortuguese ? "Mantida como está." : "Kept and left alone.";
}

}  // namespace

std::span<const Word> Words() { return kWords; }

const Word* FindWord(WordLevel level, std::string_view name) {
  const auto* const word = std::ranges::find_if(
      kWords, [&](const Word& w) { return w.level == level && w.name == name; });
  return word == std::end(kWords) ? nullptr : word;
}

std::string_view NearestWord(WordLevel level, std::string_view name) {
  Nearest nearest(name);
  for (const Word& word : kWords) {
    if (word.level == level) nearest.Offer(word.name);
  }
  return nearest.word();
}

std::string_view NearestChoice(std::string_view choices, std::string_view text) {
  Nearest nearest(text);
  ForEachChoice(choices, [&](std::string_view choice) { nearest.Offer(choice); });
  return nearest.word();
}

bool IsChoice(std::string_view choices, std::string_view text) {
  bool found = false;
  ForEachChoice(choices, [&](std::string_view choice) { found = found || choice == text; });
  return found;
}

std::string_view LevelPath(WordLevel level) { return kLevels[static_cast<size_t>(level)].path; }

std::string_view ValueName(WordValue value, Language language) {
  static constexpr std::string_view kNames[][2] = {
      {"text", "texto"},
      {"one of", "um de"},
      {"true or false", "true ou false"},
      {"whole number from 1", "inteiro a partir de 1"},
      {"whole number from 0", "inteiro a partir de 0"},
      {"number", "número"},
      {"number, date or time", "número, data ou hora"},
      {"one character", "um caractere"},
      {"JSON pointer", "JSON pointer"},
      {"text or list of texts", "texto ou lista de textos"},
      {"list of values", "lista de valores"},
      {"list of two numbers, smaller first", "lista de dois números, o menor primeiro"},
      {"rows, a percentage or unlimited", "linhas, uma porcentagem ou unlimited"},
      {"rows, a percentage, unlimited, or a map", "linhas, uma porcentagem, unlimited, ou um mapa"},
      {"map of codes and tolerances", "mapa de códigos e tolerâncias"},
      {"map", "mapa"},
      {"list of maps", "lista de mapas"},
      {"anything", "qualquer coisa"},
  };
  static_assert(std::size(kNames) == static_cast<size_t>(WordValue::kAny) + 1);
  return kNames[static_cast<size_t>(value)][static_cast<size_t>(language)];
}

std::string WordsAsMarkdown() {
  std::string out;
  for (const WordLevel level : kSections) {
    const Level& section = kLevels[static_cast<size_t>(level)];
    out += fmt::format(
        "### {} (`{}`)\n\n| word | value | meaning | significado |\n|---|---|---|---|\n",
        section.title[0], section.path);
    for (const Word& word : kWords) {
      if (word.level != level) continue;
      const std::string value = word.value == WordValue::kChoice
                                    ? ChoicesAsMarkdown(word)
                                    : std::string(ValueName(word.value, Language::kEnglish));
      out += fmt::format("| `{}` | {} | {} | {} |\n", word.name, Cell(value),
                         Cell(TextOf(word, Language::kEnglish)),
                         Cell(TextOf(word, Language::kPortuguese)));
    }
    out += "\n";
  }
  out.pop_back();
  return out;
}

std::string WordsAsText(Language language) {
  std::string out;
  for (const WordLevel level : kSections) {
    const Level& section = kLevels[static_cast<size_t>(level)];
    out += fmt::format("{} ({})\n", section.title[static_cast<size_t>(language)], section.path);
    for (const Word& word : kWords) {
      if (word.level != level) continue;
      const std::string_view value =
          word.value == WordValue::kChoice ? word.choices : ValueName(word.value, language);
      out += fmt::format("  {} <{}>\n      {}\n", word.name, value, TextOf(word, language));
    }
    out += "\n";
  }
  out.pop_back();
  return out;
}

}  // namespace eclusa
