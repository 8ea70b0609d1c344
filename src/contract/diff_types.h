// What contract/diff compares of one property: types and rules. Inside of this module.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "core/result.h"

namespace eclusa {

// "number (numeric(14,2))", "array of string".
std::string TypeText(const Property& property);

// Whether every value of the old type is one of the new type.
bool TypeTakes(const Property& now, const Property& old);

struct RuleChange {
  std::string_view code;  // contract.diff_rule_*
  bool breaking = false;
  ErrorArguments arguments;  // without the property
};

std::vector<RuleChange> CompareRules(const Property& old, const Property& now);

}  // namespace eclusa
