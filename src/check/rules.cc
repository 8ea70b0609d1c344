#include "check/rules.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <charconv>

#include "check/column_plan.h"
#include "check/compare.h"
#include "check/read_value.h"
#include "model/codes.h"
#include "types/scalar.h"
#include "types/utf8.h"

namespace eclusa {
namespace {

// RE2's own limit on a compiled pattern.
constexpr int64_t kPatternBytesMax = 8 << 20;

Error RuleError(std::string_view code, const RuleContext& context, std::string detail) {
  return Error(ErrorKind::kInvalid, code,
               {{"column", context.column},
                {"rule", context.rule},
                {"type", context.type->name},
                {"detail", std::move(detail)}});
}

bool IsLimit(Rule::Kind kind) {
  return kind == Rule::Kind::kMinimum || kind == Rule::Kind::kMaximum ||
         kind == Rule::Kind::kExclusiveMinimum || kind == Rule::Kind::kExclusiveMaximum;
}

// A limit with a fraction for an integer column: the nearest integer that means the same.
std::string WholeLimit(const Rule& rule) {
  const auto limit = ParseDecimal(rule.text);
  if (!limit || limit->kind != Decimal::Kind::kFinite || limit->exponent != 0 ||
      limit->fraction.find_first_not_of('0') == std::string_view::npos) {
    const size_t point = rule.text.find('.');
    return limit && limit->exponent == 0 ? rule.text.substr(0, point) : rule.text;
  }
  // x >= 1.5 and x > 1.5 are x >= 2 and x > 1; truncation is upwards below zero.
  const bool up = rule.kind == Rule::Kind::kMinimum || rule.kind == Rule::Kind::kExclusiveMaximum;
  int64_t whole = 0;
  std::from_chars(limit->whole.data(), limit->whole.data() + limit->whole.size(), whole);
  if (limit->negative) {
    return std::to_string(up ? -whole : -whole - 1);
  }
  return std::to_string(up ? whole + 1 : whole);
}

// The type in which a rule's values are read: wider than the column's, so that a limit beyond its
// range is no error.
PgType LimitType(const PgType& type) {
  PgType wide = type;
  wide.domain.reset();
  if (IsIntegerKind(type.kind)) wide.kind = TypeKind::kInt8;
  if (type.kind == TypeKind::kFloat4) wide.kind = TypeKind::kFloat8;
  if (type.kind == TypeKind::kNumeric) wide.precision = -1;
  if (IsTextKind(type.kind)) wide.length_max = -1;
  wide.fraction_max = 6;
  return wide;
}

Status CompileLimit(const Rule& rule, const RuleContext& context, CompiledRule* compiled) {
  if (!HasOrder(context.type->kind)) return RuleError(code::rule_unsuitable, context, {});
  const std::string text = IsIntegerKind(context.type->kind) ? WholeLimit(rule) : rule.text;
  compiled->limit = ReadValue(LimitType(*context.type), text, context.zone);
  if (compiled->limit == nullptr) return RuleError(code::rule_limit, context, rule.text);
  return Ok();
}

Status CompileUnit(const Rule& rule, const RuleContext& context, CompiledRule* compiled) {
  if (!IsNumberKind(context.type->kind)) return RuleError(code::rule_unsuitable, context, {});
  const auto unit = ParseDecimal(rule.text);
  const bool usable = unit && unit->kind == Decimal::Kind::kFinite && !unit->negative &&
                      !unit->IsZero() && unit->whole.size() + unit->fraction.size() <= 18;
  if (!usable) return RuleError(code::rule_limit, context, rule.text);
  compiled->unit = rule.text;
  return Ok();
}

Status CompileList(const Rule& rule, const RuleContext& context, CompiledRule* compiled) {
  for (const std::string& item : rule.list) {
    compiled->text += (compiled->text.empty() ? "" : ", ") + item;
    if (IsTextKind(context.type->kind)) {
      compiled->texts.insert(item);
      continue;
    }
    auto value = ReadValue(LimitType(*context.type), item, context.zone);
    if (value == nullptr) return RuleError(code::rule_limit, context, item);
    compiled->values.push_back(std::move(value));
  }
  return Ok();
}

Status CompileLength(const Rule& rule, const RuleContext& context, CompiledRule* compiled) {
  if (!IsTextKind(context.type->kind)) return RuleError(code::rule_unsuitable, context, {});
  const char* end = rule.text.data() + rule.text.size();
  const auto [stop, error] = std::from_chars(rule.text.data(), end, compiled->length);
  if (stop != end || error != std::errc()) return RuleError(code::rule_limit, context, rule.text);
  return Ok();
}

Status CompilePattern(const Rule& rule, const RuleContext& context, CompiledRule* compiled) {
  if (!IsTextKind(context.type->kind)) return RuleError(code::rule_unsuitable, context, {});
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternBytesMax);
  auto pattern = std::make_shared<const re2::RE2>(rule.text, options);
  if (!pattern->ok()) return RuleError(code::rule_pattern, context, pattern->error());
  compiled->pattern = std::move(pattern);
  return Ok();
}

Status CompileFormat(const Rule& rule, const RuleContext& context) {
  const bool suits = IsTextKind(context.type->kind) || (rule.format == DocumentFormat::kUuid &&
                                                        context.type->kind == TypeKind::kUuid);
  return suits ? Ok() : RuleError(code::rule_unsuitable, context, {});
}

// Whether a value keeps the rule, and the code where it does not.
struct Judge {
  const CompiledRule& rule;
  const TypedColumn& column;

  int Compare(int64_t row) const { return CompareValues(column, row, *rule.limit, 0); }

  bool InList(int64_t row) const {
    if (IsTextKind(column.kind())) return rule.texts.find(column.Bytes(row)) != rule.texts.end();
    for (const auto& value : rule.values) {
      if (CompareValues(column, row, *value, 0) == 0) return true;
    }
    return false;
  }

  bool IsMultipleOf(int64_t row) const {
    const auto unit = ParseDecimal(rule.unit);
    ByteBuffer bytes;
    bool bent = false;
    if (column.kind() == TypeKind::kNumeric) return IsMultiple(column.Bytes(row), *unit);
    if (IsIntegerKind(column.kind())) {
      AppendNumericInteger(IntegerAt(column, row), 0, {}, bytes, &bent);
    } else {
      const std::string text = column.kind() == TypeKind::kFloat4
                                   ? fmt::format("{}", column.Fixed<float>(row))
                                   : fmt::format("{}", column.Fixed<double>(row));
      if (AppendNumericText(text, {}, {}, bytes, &bent) != Fault::kNone) return false;
    }
    const std::vector<char> number = std::move(bytes).Take();
    return IsMultiple({number.data(), number.size()}, *unit);
  }

  bool HasFormat(int64_t row) const {
    uint8_t uuid[16];
    switch (rule.format) {
      case DocumentFormat::kEmail:
        return IsEmail(column.Bytes(row));
      case DocumentFormat::kUuid:
        return column.kind() == TypeKind::kUuid ||
               ReadUuid(column.Bytes(row), uuid) == Fault::kNone;
      default:
        return true;  // documents are read with the value
    }
  }

  bool Keeps(int64_t row) const {
    switch (rule.kind) {
      case Rule::Kind::kMinLength:
        return column.Bytes(row).size() >= rule.length &&
               CountCharacters(column.Bytes(row)) >= rule.length;
      case Rule::Kind::kMaxLength:
        return column.Bytes(row).size() <= rule.length ||
               CountCharacters(column.Bytes(row)) <= rule.length;
      case Rule::Kind::kPattern: {
        const std::string_view text = column.Bytes(row);
        return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *rule.pattern);
      }
      case Rule::Kind::kMinimum:
        return Compare(row) >= 0;
      case Rule::Kind::kMaximum:
        return Compare(row) <= 0;
      case Rule::Kind::kExclusiveMinimum:
        return Compare(row) > 0;
      case Rule::Kind::kExclusiveMaximum:
        return Compare(row) < 0;
      case Rule::Kind::kMultipleOf:
        return IsMultipleOf(row);
      case Rule::Kind::kInList:
        return InList(row);
      case Rule::Kind::kNotInList:
        return !InList(row);
      case Rule::Kind::kFormat:
        return HasFormat(row);
      case Rule::Kind::kRequired:
        break;
    }
    return true;
  }
};

std::string_view RuleCode(const CompiledRule& rule) {
  switch (rule.kind) {
    case Rule::Kind::kRequired:
      return code::value_required;
    case Rule::Kind::kMinLength:
      return code::value_too_short;
    case Rule::Kind::kMaxLength:
      return code::value_too_long;
    case Rule::Kind::kPattern:
      return code::value_pattern;
    case Rule::Kind::kMinimum:
    case Rule::Kind::kExclusiveMinimum:
      return code::value_too_small;
    case Rule::Kind::kMaximum:
    case Rule::Kind::kExclusiveMaximum:
      return code::value_too_large;
    case Rule::Kind::kMultipleOf:
      return code::value_not_multiple;
    case Rule::Kind::kInList:
      return code::value_not_in_list;
    case Rule::Kind::kNotInList:
      return code::value_forbidden;
    case Rule::Kind::kFormat:
      break;
  }
  return rule.format == DocumentFormat::kEmail ? code::value_email : code::type_uuid;
}

void ApplyRule(const CompiledRule& rule, const TypedColumn& column,
               const std::vector<uint8_t>& before, ColumnRun& run) {
  const Judge judge{rule, column};
  for (int64_t row = 0; row < column.rows(); ++row) {
    if (!before.empty() && before[static_cast<size_t>(row)] != kValue) continue;
    if (!judge.Keeps(row)) [[unlikely]]
      run.Breach(row, RuleCode(rule), rule);
  }
}

void ApplyRequired(const CompiledRule& rule, ColumnRun& run) {
  if (run.states() == nullptr) return;
  for (int64_t row = 0; row < run.rows(); ++row) {
    if (run.StateOf(row) == kNull) run.Breach(row, code::value_required, rule);
  }
}

}  // namespace

Result<CompiledRule> CompileRule(const Rule& rule, const RuleContext& context) {
  CompiledRule compiled;
  compiled.kind = rule.kind;
  compiled.on_violation = rule.on_violation;
  compiled.text = rule.text;
  compiled.format = rule.format;
  if (IsLimit(rule.kind)) TRY(CompileLimit(rule, context, &compiled));
  switch (rule.kind) {
    case Rule::Kind::kMinLength:
    case Rule::Kind::kMaxLength:
      TRY(CompileLength(rule, context, &compiled));
      break;
    case Rule::Kind::kPattern:
      TRY(CompilePattern(rule, context, &compiled));
      break;
    case Rule::Kind::kMultipleOf:
      TRY(CompileUnit(rule, context, &compiled));
      break;
    case Rule::Kind::kInList:
    case Rule::Kind::kNotInList:
      compiled.text.clear();
      TRY(CompileList(rule, context, &compiled));
      break;
    case Rule::Kind::kFormat:
      TRY(CompileFormat(rule, context));
      break;
    default:
      break;
  }
  return compiled;
}

void ApplyRules(const TypedColumn& column, ColumnRun& run) {
  const ColumnPlan& plan = run.plan();
  if (!plan.rules.empty()) {
    // What the rules see is decided before the first of them, so that each breach is found.
    std::vector<uint8_t> before;
    if (run.states() != nullptr) before.assign(run.states(), run.states() + run.rows());
    for (const CompiledRule& rule : plan.rules) {
      if (rule.kind != Rule::Kind::kRequired) ApplyRule(rule, column, before, run);
    }
    for (const CompiledRule& rule : plan.rules) {
      if (rule.kind == Rule::Kind::kRequired) ApplyRequired(rule, run);
    }
  }
  if (plan.null_is == NullIs::kAllowed || run.states() == nullptr) return;
  const std::string_view code = plan.null_is == NullIs::kKey       ? code::key_missing
                                : plan.null_is == NullIs::kVersion ? code::version_missing
                                                                   : code::value_required;
  for (int64_t row = 0; row < run.rows(); ++row) {
    if (run.StateOf(row) == kNull) run.Fail(row, code, {});
  }
}

bool IsEmail(std::string_view text) {
  const size_t at = text.find('@');
  if (at == 0 || at == text.npos || at > 64 || text.size() > 254) return false;
  const std::string_view domain = text.substr(at + 1);
  const size_t dot = domain.find('.');
  if (dot == 0 || dot == domain.npos || domain.back() == '.' || domain.find("..") != domain.npos) {
    return false;
  }
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7F || c == ',' || c == ';' || c == '<' ||
        c == '>') {
      return false;
    }
  }
  return domain.find('@') == domain.npos;
}

}  // namespace eclusa
