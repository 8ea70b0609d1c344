#include "contract/diff_types.h"

#include <algorithm>

#include "contract/names.h"
#include "model/codes.h"

namespace eclusa {
namespace {

int Bits(TypeKind kind) {
  return kind == TypeKind::kInt2   ? 16
         : kind == TypeKind::kInt4 ? 32
         : kind == TypeKind::kInt8 ? 64
                                   : 0;
}

// -1 stands for "no limit" in PgType.
bool Covers(int32_t limit, int32_t other) { return limit < 0 || (other >= 0 && limit >= other); }

// Decimal digits of the largest integer.
int32_t DigitsOf(int bits) { return bits == 16 ? 5 : bits == 32 ? 10 : 19; }

bool NumericTakes(const PgType& now, const PgType& old) {
  if (now.precision < 0) return true;
  if (Bits(old.kind) > 0) return now.precision - now.scale >= DigitsOf(Bits(old.kind));
  return old.kind == TypeKind::kNumeric && old.precision >= 0 && now.scale >= old.scale &&
         now.precision - now.scale >= old.precision - old.scale;
}

bool PhysicalTakes(const PgType& now, const PgType& old) {
  if (now.kind == TypeKind::kNumeric) return NumericTakes(now, old);
  if (Bits(now.kind) > 0) return Bits(old.kind) > 0 && Bits(now.kind) >= Bits(old.kind);
  if (now.kind == TypeKind::kText) return IsTextKind(old.kind);
  if (now.kind == TypeKind::kFloat8 && old.kind == TypeKind::kFloat4) return true;
  if (now.kind == TypeKind::kVarchar && old.kind == TypeKind::kBpchar) {
    return Covers(now.length_max, old.length_max);
  }
  if (now.kind == TypeKind::kArray && old.kind == TypeKind::kArray && now.element && old.element) {
    return PhysicalTakes(*now.element, *old.element);
  }
  return now.kind == old.kind && Covers(now.length_max, old.length_max) &&
         now.fraction_max >= old.fraction_max;
}

bool LogicalTakes(LogicalType now, LogicalType old) {
  return now == old || (now == LogicalType::kNumber && old == LogicalType::kInteger) ||
         (now == LogicalType::kString && old != LogicalType::kArray);
}

bool Rejects(const Rule& rule) { return rule.on_violation == OnViolation::kReject; }

std::string Shown(const Rule& rule) {
  std::string out = rule.kind == Rule::Kind::kFormat ? std::string(Name(rule.format)) : rule.text;
  for (const std::string& value : rule.list) out += (out.empty() ? "" : ", ") + value;
  if (rule.on_violation == OnViolation::kNull) out += " (null)";
  if (rule.on_violation == OnViolation::kFlag) out += " (flag)";
  return out.empty() ? "-" : out;
}

bool Contains(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  return std::ranges::all_of(
      some, [&](const std::string& text) { return std::ranges::find(all, text) != all.end(); });
}

// Numbers by value; dates and times of the same length in the order of their text. Nothing:
// neither.
std::optional<int> Order(const std::string& left, const std::string& right) {
  if (IsDecimal(left) && IsDecimal(right)) return CompareDecimals(left, right);
  if (left.size() != right.size()) return std::nullopt;
  return left < right ? -1 : left > right ? 1 : 0;
}

// Whether a value that passes `old` passes `now`; both are of one kind.
bool Passes(const Rule& now, const Rule& old) {
  const auto order = Order(now.text, old.text);
  switch (now.kind) {
    case Rule::Kind::kRequired:
      return true;
    case Rule::Kind::kMinLength:
    case Rule::Kind::kMinimum:
    case Rule::Kind::kExclusiveMinimum:
      return order && *order <= 0;
    case Rule::Kind::kMaxLength:
    case Rule::Kind::kMaximum:
    case Rule::Kind::kExclusiveMaximum:
      return order && *order >= 0;
    case Rule::Kind::kInList:
      return Contains(now.list, old.list);
    case Rule::Kind::kNotInList:
      return Contains(old.list, now.list);
    case Rule::Kind::kFormat:
      return now.format == old.format ||
             (now.format == DocumentFormat::kCpfOrCnpj &&
              (old.format == DocumentFormat::kCpf || old.format == DocumentFormat::kCnpj));
    case Rule::Kind::kPattern:
    case Rule::Kind::kMultipleOf:
      return now.text == old.text;
  }
  return false;
}

bool Same(const Rule& left, const Rule& right) {
  return left.kind == right.kind && left.text == right.text && left.list == right.list &&
         left.format == right.format && left.on_violation == right.on_violation;
}

// Takes from `rules` what stands in both; what is left changed.
void DropSame(std::vector<const Rule*>& old, std::vector<const Rule*>& now) {
  std::erase_if(old, [&](const Rule* rule) {
    const auto found =
        std::ranges::find_if(now, [&](const Rule* other) { return Same(*rule, *other); });
    if (found == now.end()) return false;
    now.erase(found);
    return true;
  });
}

RuleChange Changed(const Rule& old, const Rule& now) {
  const bool tighter = Rejects(now) && !(Rejects(old) && Passes(now, old));
  return {tighter ? code::contract_diff_rule_tightened : code::contract_diff_rule_loosened,
          tighter,
          {{"rule", std::string(Name(now.kind))}, {"before", Shown(old)}, {"after", Shown(now)}}};
}

}  // namespace

std::string TypeText(const Property& property) {
  std::string out(Name(property.logical_type));
  if (property.item_type) out += " [" + std::string(Name(*property.item_type)) + "]";
  if (!property.physical_type_name.empty()) {
    out += " (" +
           (property.physical_type ? property.physical_type->name : property.physical_type_name) +
           ")";
  }
  return out;
}

bool TypeTakes(const Property& now, const Property& old) {
  if (!LogicalTakes(now.logical_type, old.logical_type)) return false;
  if (now.item_type && old.item_type && !LogicalTakes(*now.item_type, *old.item_type)) return false;
  if (now.physical_type && old.physical_type) {
    return PhysicalTakes(*now.physical_type, *old.physical_type);
  }
  // A type that is newly named may be narrower than what was sent; one no longer named is not.
  return now.physical_type_name.empty() || now.physical_type_name == old.physical_type_name;
}

std::vector<RuleChange> CompareRules(const Property& old, const Property& now) {
  std::vector<RuleChange> changes;
  std::vector<const Rule*> before;
  std::vector<const Rule*> after;
  for (const Rule& rule : old.rules) before.push_back(&rule);
  for (const Rule& rule : now.rules) after.push_back(&rule);
  DropSame(before, after);
  for (const Rule* rule : after) {
    const auto found = std::ranges::find(before, rule->kind, [](const Rule* r) { return r->kind; });
    if (found == before.end()) {
      changes.push_back({code::contract_diff_rule_added,
                         Rejects(*rule),
                         {{"rule", std::string(Name(rule->kind)) + " " + Shown(*rule)}}});
      continue;
    }
    changes.push_back(Changed(**found, *rule));
    before.erase(found);
  }
  for (const Rule* rule : before) {
    changes.push_back({code::contract_diff_rule_removed,
                       false,
                       {{"rule", std::string(Name(rule->kind)) + " " + Shown(*rule)}}});
  }
  return changes;
}

}  // namespace eclusa
