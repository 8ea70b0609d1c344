// ReadProperty, ReadQuality: one property of a contract, and quality rules. Inside of
// contract/parse.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "contract/read_words.h"

namespace eclusa {

// What the breach of a rule does, as a property or one quality rule says.
struct ViolationWords {
  OnViolation on_violation = OnViolation::kReject;
  std::string flag_column;
  std::string counter;

  void ApplyTo(Rule& rule) const;
  bool operator==(const ViolationWords&) const = default;
};
ViolationWords ReadViolationWords(const WordMap& custom, Problems& problems);

// A property that is one column; `inside`: the objects around it. Nothing: it has no name; that has
// been reported. Set rules of its quality are added to `set_rules`.
std::optional<Property> ReadProperty(const YamlNode& node, const std::vector<std::string>& inside,
                                     std::vector<SetRule>& set_rules, Problems& problems);

// Quality of a property: rules are added to it.
void ReadPropertyQuality(const YamlNode& list, const ViolationWords& words, Property& property,
                         std::vector<SetRule>& set_rules, Problems& problems);
// Quality of the dataset. Other kinds than library are kept in `kept`.
void ReadDatasetQuality(const YamlNode& list, std::vector<SetRule>& set_rules,
                        std::vector<KeptWord>& kept, Problems& problems);

// Reports a pattern that is no regular expression (RE2's syntax) or too long.
void CheckPattern(const YamlNode& at, const std::string& pattern, Problems& problems);
// Reports texts that are no date patterns (types/date_pattern.h).
void CheckDatePatterns(const WordMap& words, std::string_view word, Problems& problems);

// One order of a property's rules, so that the order in the document does not matter.
void SortRules(std::vector<Rule>& rules);

}  // namespace eclusa
