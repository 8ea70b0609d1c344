// ReadYaml: a YAML text as a tree of values with their places. The only user of the YAML library.
//
// Aliases are resolved and counted where they are used, so that no small text becomes a large tree
// (limits in contract/parse.h); an alias inside its own anchor, a second document, a text that is
// not UTF-8 and a word twice in one map are refused. Tags are not looked at. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace eclusa {

struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  bool quoted = false;           // a scalar in quotes or a block: always text
  int line = 0;                  // 1-based
  int column = 0;                // 1-based, in characters
  std::string text;              // kScalar; kNull: "null", for words of which null is a choice
  std::vector<YamlNode> keys;    // kMap, one a value, scalars only
  std::vector<YamlNode> values;  // kMap, kList

  bool IsScalar() const { return kind == Kind::kScalar; }
  // The value under a key; null: no such key.
  const YamlNode* Find(std::string_view key) const;
};

// Errors (kInvalid): contract.syntax, .too_large, .too_deep, .encoding, .documents, .word_twice.
Result<YamlNode> ReadYaml(std::string_view text);

// The value on one line, keys sorted: `{a: 1, b: ["x y", null]}`.
std::string YamlOnOneLine(const YamlNode& node);

// A text as one scalar: plain where that reads back as the same text, else in double quotes.
std::string YamlScalar(std::string_view text);

// The place as arguments of an error: line, column.
ErrorArguments PlaceArguments(const YamlNode& node);

}  // namespace eclusa
