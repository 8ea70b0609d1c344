// The pieces of a contract's canonical text: maps on one line, maps in lines, customProperties; and
// the parts of a document that are written each in a file of its own. Inside of contract/write.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "contract/yaml.h"

namespace eclusa {

inline std::string List(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + YamlScalar(text);
  return "[" + out + "]";
}

// "{a: 1, b: 2}" from its words, in the order in which they are added.
class OneLineMap {
 public:
  void Add(std::string_view word, std::string_view value) {
    text_ += fmt::format("{}{}: {}", text_.empty() ? "" : ", ", word, value);
  }
  void AddText(std::string_view word, const std::string& value) {
    if (!value.empty()) Add(word, YamlScalar(value));
  }
  void AddList(std::string_view word, const std::vector<std::string>& values) {
    if (!values.empty()) Add(word, List(values));
  }
  bool empty() const { return text_.empty(); }
  std::string text() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

// Block lines of one map. Where it is an item of a list the first line carries the dash.
class Block {
 public:
  enum class Of : uint8_t { kList, kMap };
  Block(std::string& out, int indent, Of of = Of::kList)
      : out_(out), indent_(indent), first_(of == Of::kList) {}

  void Add(std::string_view word, std::string_view value) {
    Begin();
    out_ += fmt::format("{}: {}\n", word, value);
  }
  void AddText(std::string_view word, const std::string& value) {
    if (!value.empty()) Add(word, YamlScalar(value));
  }
  // A list of one-line maps; nothing where it is empty.
  void AddItems(std::string_view word, const std::vector<std::string>& items) {
    if (items.empty()) return;
    Begin();
    out_ += fmt::format("{}:\n", word);
    for (const std::string& item : items) {
      out_ += fmt::format("{}- {}\n", std::string(static_cast<size_t>(indent_) + 2, ' '), item);
    }
  }
  void Open(std::string_view word) {
    Begin();
    out_ += fmt::format("{}:\n", word);
  }

 private:
  void Begin() {
    out_.append(static_cast<size_t>(first_ ? indent_ - 2 : indent_), ' ');
    if (first_) out_ += "- ";
    first_ = false;
  }
  std::string& out_;
  int indent_;
  bool first_;
};

// Entries of customProperties.
class CustomList {
 public:
  void Add(std::string_view word, std::string_view value) {
    items_.push_back(fmt::format("{{property: {}, value: {}}}", word, value));
  }
  void AddText(std::string_view word, const std::string& value) {
    if (!value.empty()) Add(word, YamlScalar(value));
  }
  void AddOptional(std::string_view word, const std::optional<std::string>& value) {
    if (value) Add(word, YamlScalar(*value));
  }
  void AddFlag(std::string_view word, bool value) {
    if (value) Add(word, "true");
  }
  void AddList(std::string_view word, const std::vector<std::string>& values) {
    if (!values.empty()) Add(word, List(values));
  }
  void AddKept(const std::vector<KeptWord>& kept) {
    for (const KeptWord& word : kept) {
      if (word.word == "customProperties") items_.push_back(word.yaml);
    }
  }
  const std::vector<std::string>& items() const { return items_; }

 private:
  std::vector<std::string> items_;
};

inline bool IsList(const KeptWord& kept) {
  return kept.word == "customProperties" || kept.word == "quality";
}

inline void AddKept(const std::vector<KeptWord>& kept, Block& block) {
  for (const KeptWord& word : kept) {
    if (!IsList(word) && word.word.find('.') == std::string::npos) block.Add(word.word, word.yaml);
  }
}

// One property of the list that stands at `indent` (of its words, after the dash).
void WriteProperty(const Property& property, int indent, std::string& out);

// The entries of `quality` of a table.
std::vector<std::string> DatasetQuality(const Contract& contract);

// All that a table holds, as entries of `properties`.
void WriteTable(const Contract& table, int indent, std::string& out);

}  // namespace eclusa
