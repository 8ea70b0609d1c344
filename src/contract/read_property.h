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

// Where a property stands.
struct PropertyPlace {
  std::vector<std::string> inside;  // the objects around it
  bool dialect_has_pivot = false;   // the dialect says what yy means in a date pattern
};

// A property that is one column. Nothing: it has no name; that has been reported. Set rules of its
// quality are added to `set_rules`.
std::optional<Property> ReadProperty(const YamlNode& node, const PropertyPlace& place,
                                     std::vector<SetRule>& set_rules, Problems& problems);

// Quality of a property: rules are added to it.
void ReadPropertyQuality(const YamlNode& list, const ViolationWords& words, Property& property,
                         std::vector<SetRule>& set_rules, Problems& problems);
// Quality of the dataset. Other kinds than library are kept in `kept`.
void ReadDatasetQuality(const YamlNode& list, std::vector<SetRule>& set_rules,
                        std::vector<KeptWord>& kept, Problems& problems);

// Reports a pattern that is no regular expression (RE2's syntax) or too long.
void CheckPattern(const YamlNode& at, const std::string& pattern, Problems& problems);
// Reports texts that are no date patterns (types/date_pattern.h), and yy where no pivot is given:
// `missing_pivot` is the word that would give it, empty where one does.
void CheckDatePatterns(const WordMap& words, std::string_view word, std::string_view missing_pivot,
                       Problems& problems);
// The first of the hundred years that yy can mean; reports one that no calendar of today has.
inline constexpr int kPivotYearMin = 1000;
inline constexpr int kPivotYearMax = 9900;
std::optional<int> ReadPivotYear(const WordMap& words, std::string_view word, Problems& problems);

// One order of a property's rules, so that the order in the document does not matter.
void SortRules(std::vector<Rule>& rules);

}  // namespace eclusa
