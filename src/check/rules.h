// CompiledRule: a contract's rule of one value, ready to be applied to a converted column.
//
// Rules look at the value as the target will hold it: numbers by size, texts by characters. A
// pattern must match the whole value; it is RE2's syntax (no look-around, no back references),
// whose time is linear in the text. All rules of a value are applied, also after the first breach.
// Immutable after it is made; safe from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "contract/contract.h"
#include "core/result.h"
#include "model/binary_value.h"
#include "model/typed_column.h"

namespace re2 {
class RE2;
}

namespace eclusa {

class ColumnRun;
class Zone;

// Lets a set of strings be asked with views.
struct ViewHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
using TextSet = std::unordered_set<std::string, ViewHash, std::equal_to<>>;

struct CompiledRule {
  Rule::Kind kind = Rule::Kind::kRequired;
  OnViolation on_violation = OnViolation::kReject;
  int counter = -1;
  int flag = -1;
  std::string text;                                        // for messages
  size_t length = 0;                                       // kMinLength, kMaxLength
  std::shared_ptr<const TypedColumn> limit;                // minimum, maximum: one row
  std::string unit;                                        // kMultipleOf
  std::vector<std::shared_ptr<const TypedColumn>> values;  // lists of other types than text
  TextSet texts;                                           // lists of texts
  std::shared_ptr<const re2::RE2> pattern;
  DocumentFormat format = DocumentFormat::kNone;
};

struct RuleContext {
  std::string column;  // the target's, for messages
  const PgType* type = nullptr;
  const Zone* zone = nullptr;  // of timestamps without one in limits
  std::string rule;            // the rule's word, for messages
};

// Errors (kInvalid): rule.pattern, rule.limit, rule.unsuitable.
Result<CompiledRule> CompileRule(const Rule& rule, const RuleContext& context);

// Applies every rule to every value that is neither null nor failed; then nulls where none may be.
void ApplyRules(const TypedColumn& column, ColumnRun& run);

// An address with something before and a domain with a dot behind one @; no space, no control
// characters. Not RFC 5322: what mail systems deliver to.
bool IsEmail(std::string_view text);

}  // namespace eclusa
