// ReadWords: one map of a contract against the table of words, with everything that is wrong in it.
//
// Inside of contract/parse only. What comes out holds known words with values of the right form;
// whatever was not so has been reported and is left out, so that reading goes on.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "contract/words.h"
#include "contract/yaml.h"
#include "core/result.h"

namespace eclusa {

// Gathers errors up to kContractErrorsMax and counts the rest.
class Problems {
 public:
  void Add(const YamlNode& at, std::string_view code, ErrorArguments arguments = {});
  void Add(Error error);
  bool any() const { return !errors_.empty(); }
  bool full() const { return left_out_ > 0; }
  std::vector<Error> TakeErrors() { return std::move(errors_); }
  size_t left_out() const { return left_out_; }

 private:
  std::vector<Error> errors_;
  size_t left_out_ = 0;
};

// The words of one map. Accessors give nothing where the word does not stand there (or is null).
class WordMap {
 public:
  WordMap() = default;
  explicit WordMap(const YamlNode& at) : at_(&at) {}

  void Put(std::string_view word, const YamlNode& value) { words_[word] = &value; }
  void Forget(std::string_view word) { words_.erase(word); }
  void Keep(std::string_view word, const YamlNode& value) {
    kept_.push_back({std::string(word), YamlOnOneLine(value)});
  }

  const YamlNode* Find(std::string_view word) const;
  bool Has(std::string_view word) const { return Find(word) != nullptr; }
  std::string Text(std::string_view word) const;  // empty: not there
  std::optional<std::string> OptionalText(std::string_view word) const;
  bool Flag(std::string_view word) const;
  std::optional<bool> OptionalFlag(std::string_view word) const;
  std::optional<int64_t> Number(std::string_view word) const;
  std::vector<std::string> Texts(std::string_view word) const;
  // Where the map stands, and where a word of it does.
  const YamlNode& at() const { return *at_; }
  std::vector<KeptWord>& kept() { return kept_; }

 private:
  const YamlNode* at_ = nullptr;
  std::map<std::string_view, const YamlNode*> words_;  // names are the table's
  std::vector<KeptWord> kept_;
};

WordMap ReadWords(const YamlNode& node, WordLevel level, Problems& problems);

// The entries of customProperties: eclusa's words of `level`; those of others are kept.
WordMap ReadCustomWords(const YamlNode* list, const YamlNode& parent, WordLevel level,
                        Problems& problems);

// Reports a word that must stand there and does not.
void Require(const WordMap& words, WordLevel level, std::string_view word, Problems& problems);

// Reports a word that has no meaning without another (`met` says whether that is there), or that
// cannot stand together with it.
void Needs(const WordMap& words, std::string_view word, bool met, std::string_view other,
           Problems& problems);
void Excludes(const WordMap& words, std::string_view word, std::string_view other,
              Problems& problems);

// The whole text as a number; nothing: it is none.
std::optional<int64_t> ReadWhole(std::string_view text);

}  // namespace eclusa
