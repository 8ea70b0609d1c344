#include "check/plan_value.h"

#include <algorithm>
#include <charconv>

#include "check/compare.h"
#include "check/read_value.h"
#include "model/codes.h"

namespace eclusa {
namespace {

std::string_view Name(Rule::Kind kind) {
  switch (kind) {
    case Rule::Kind::kRequired:
      return "required";
    case Rule::Kind::kMinLength:
      return "minLength";
    case Rule::Kind::kMaxLength:
      return "maxLength";
    case Rule::Kind::kPattern:
      return "pattern";
    case Rule::Kind::kMinimum:
      return "minimum";
    case Rule::Kind::kMaximum:
      return "maximum";
    case Rule::Kind::kExclusiveMinimum:
      return "exclusiveMinimum";
    case Rule::Kind::kExclusiveMaximum:
      return "exclusiveMaximum";
    case Rule::Kind::kMultipleOf:
      return "multipleOf";
    case Rule::Kind::kInList:
      return "inList";
    case Rule::Kind::kNotInList:
      return "notInList";
    case Rule::Kind::kFormat:
      break;
  }
  return "format";
}

std::optional<DocumentKind> DocumentOf(DocumentFormat format) {
  switch (format) {
    case DocumentFormat::kCpf:
      return DocumentKind::kCpf;
    case DocumentFormat::kCnpj:
      return DocumentKind::kCnpj;
    case DocumentFormat::kCpfOrCnpj:
      return DocumentKind::kCpfOrCnpj;
    case DocumentFormat::kCep:
      return DocumentKind::kCep;
    case DocumentFormat::kUf:
      return DocumentKind::kUf;
    case DocumentFormat::kIbge:
      return DocumentKind::kIbge;
    default:
      return std::nullopt;
  }
}

// Documents that have letters, which become capitals.
bool HasLetters(const ValueReading& value) {
  return value.document == DocumentKind::kUf || value.document == DocumentKind::kCnpj ||
         value.document == DocumentKind::kCpfOrCnpj || value.accept_other_document;
}

// What `booleans: pt` stands for. Case is ignored for ASCII letters only.
constexpr std::string_view kPortugueseTrue[] = {"S", "V", "Sim", "Verdadeiro"};
constexpr std::string_view kPortugueseFalse[] = {"N", "F", "Não", "NÃO", "Nao", "Falso"};

bool IsTimestampKind(TypeKind kind) {
  return kind == TypeKind::kTimestamp || kind == TypeKind::kTimestamptz;
}

bool IsPlainTextKind(TypeKind kind) {
  return kind == TypeKind::kText || kind == TypeKind::kVarchar || kind == TypeKind::kBpchar ||
         kind == TypeKind::kCitext;
}

void Tighten(int32_t limit, PgType* type) {
  if (limit >= 0 && (type->length_max < 0 || limit < type->length_max)) type->length_max = limit;
}

Error ValueError(std::string_view code, const ColumnPlan& plan, ErrorArguments more) {
  more.insert(more.begin(), {{"column", plan.bound.name}, {"type", plan.value.type.name}});
  return Error(ErrorKind::kInvalid, code, std::move(more));
}

}  // namespace

int CounterNames::Number(std::vector<std::string>& list, const std::string& name) {
  const auto found = std::find(list.begin(), list.end(), name);
  if (found != list.end()) return static_cast<int>(found - list.begin());
  list.push_back(name);
  return static_cast<int>(list.size()) - 1;
}

Status ValuePlanner::Plan(const Property& property, ColumnPlan& plan) {
  PlanText(property, plan);
  TRY(PlanReading(property, plan));
  TRY(PlanRules(property, plan));
  plan.element = PlanElements(plan);
  TRY(PlanFixedValues(property, plan));
  const auto count = [&](bool wanted, Change change, std::string_view word) {
    if (!wanted) return;
    plan.change_counters[static_cast<size_t>(change)] =
        counters_.Counter(plan.bound.name + "." + std::string(word));
  };
  count(property.trim, Change::kTrim, "trim");
  count(property.upper || HasLetters(plan.value), Change::kUpper, "upper");
  count(property.unaccent, Change::kUnaccent, "unaccent");
  count(property.empty_as_null, Change::kEmptyAsNull, "emptyAsNull");
  count(property.round, Change::kRound, "round");
  count(property.truncate, Change::kTruncate, "truncate");
  count(property.pad_zeros, Change::kPadZeros, "padZeros");
  count(property.accept_other_document, Change::kOtherDocument, "otherDocument");
  count(plan.value.zero_date_is_null, Change::kZeroDate, "zeroDateAsNull");
  count(property.default_value.has_value(), Change::kDefault, "default");
  count(!property.time_zone.empty(), Change::kTimeZone, "timeZone");
  return Ok();
}

void ValuePlanner::PlanText(const Property& property, ColumnPlan& plan) const {
  TextReading& text = plan.text;
  text.trim = property.trim;
  text.upper = property.upper;
  text.unaccent = property.unaccent;
  text.empty_as_null = property.empty_as_null;
  if (!options_.text_format) return;
  text.empty_is_null = contract_.dialect.empty_is_null.value_or(false);
  text.null_markers = contract_.dialect.null_markers;
}

Status ValuePlanner::PlanReading(const Property& property, ColumnPlan& plan) {
  ValueReading& value = plan.value;
  value.excess = property.round      ? Excess::kRound
                 : property.truncate ? Excess::kTruncate
                                     : Excess::kRefuse;
  value.fraction.excess = value.excess;
  value.truncate = property.truncate;
  value.pad_zeros = property.pad_zeros;
  value.accept_other_document = property.accept_other_document;
  value.refuse_placeholder = property.refuse_placeholder;
  value.zero_date_is_null =
      property.zero_date_as_null.value_or(contract_.zero_date_as_null) &&
      (value.type.kind == TypeKind::kDate || IsTimestampKind(value.type.kind));
  value.from_boolean =
      property.logical_type == LogicalType::kBoolean && IsIntegerKind(value.type.kind);
  if (property.physical_type && IsPlainTextKind(value.type.kind)) {
    Tighten(property.physical_type->length_max, &value.type);
  }
  if (options_.text_format) {
    value.style = {contract_.dialect.decimal.value_or('.'),
                   contract_.dialect.thousands.value_or(0)};
    value.true_values = contract_.dialect.true_values;
    value.false_values = contract_.dialect.false_values;
    if (contract_.dialect.portuguese_booleans) {
      value.true_values.insert(value.true_values.end(), std::begin(kPortugueseTrue),
                               std::end(kPortugueseTrue));
      value.false_values.insert(value.false_values.end(), std::begin(kPortugueseFalse),
                                std::end(kPortugueseFalse));
    }
  }
  TRY(PlanPatterns(property, plan));
  return PlanZone(property, plan);
}

Status ValuePlanner::PlanPatterns(const Property& property, ColumnPlan& plan) const {
  const TypeKind kind = plan.value.type.kind;
  if (kind != TypeKind::kDate && !IsTimestampKind(kind)) return Ok();
  std::vector<std::string> patterns = property.date_patterns;
  if (patterns.empty() && options_.text_format) {
    patterns = kind == TypeKind::kDate ? contract_.dialect.date_patterns
                                       : contract_.dialect.timestamp_patterns;
  }
  const std::optional<int> pivot =
      property.pivot_year ? property.pivot_year : contract_.dialect.pivot_year;
  for (const std::string& text : patterns) {
    auto pattern = DatePattern::Compile(text, pivot);
    if (!pattern) return ValueError(code::rule_date_pattern, plan, {{"pattern", text}});
    plan.value.patterns.push_back(std::move(*pattern));
  }
  return Ok();
}

Status ValuePlanner::PlanZone(const Property& property, ColumnPlan& plan) const {
  if (property.time_zone.empty()) return Ok();
  if (!IsTimestampKind(plan.value.type.kind)) {
    return ValueError(code::rule_unsuitable, plan, {{"rule", "timeZone"}});
  }
  plan.value.zone = Zone::Fixed(property.time_zone);
  if (!plan.value.zone) {
    const auto bytes = options_.read_zone_file(property.time_zone);
    if (bytes) plan.value.zone = Zone::FromTzif(*bytes);
  }
  if (!plan.value.zone)
    return ValueError(code::rule_time_zone, plan, {{"zone", property.time_zone}});
  return Ok();
}

void ValuePlanner::CountBreaches(const Rule& rule, const ColumnPlan& plan, int* counter,
                                 int* flag) {
  if (rule.on_violation == OnViolation::kReject) return;
  const std::string name =
      rule.counter.empty() ? plan.bound.name + "." + std::string(Name(rule.kind)) : rule.counter;
  *counter = counters_.Counter(name);
  if (!rule.flag_column.empty()) *flag = counters_.Flag(rule.flag_column);
}

Status ValuePlanner::PlanDocument(const Rule& rule, DocumentKind kind, ColumnPlan& plan) {
  ValueReading& value = plan.value;
  if (!IsPlainTextKind(value.type.kind)) {
    return ValueError(code::rule_unsuitable, plan, {{"rule", "format"}});
  }
  value.document = kind;
  value.on_bad_document = rule.on_violation;
  CountBreaches(rule, plan, &value.bad_document_counter, &value.bad_document_flag);
  return Ok();
}

Status ValuePlanner::PlanRules(const Property& property, ColumnPlan& plan) {
  ValueReading& value = plan.value;
  for (const Rule& rule : property.rules) {
    if (rule.kind == Rule::Kind::kFormat) {
      if (const auto document = DocumentOf(rule.format)) {
        TRY(PlanDocument(rule, *document, plan));
        continue;
      }
    }
    int32_t length = 0;
    const char* end = rule.text.data() + rule.text.size();
    if (rule.kind == Rule::Kind::kMaxLength && rule.on_violation == OnViolation::kReject &&
        IsPlainTextKind(value.type.kind) &&
        std::from_chars(rule.text.data(), end, length).ptr == end) {
      // One limit with the type's own: the tighter is checked, and truncate cuts to it.
      Tighten(length, &value.type);
      continue;
    }
    const RuleContext context{plan.bound.name, &value.type, value.zone ? &*value.zone : nullptr,
                              std::string(Name(rule.kind))};
    CompiledRule compiled = TRY(CompileRule(rule, context));
    CountBreaches(rule, plan, &compiled.counter, &compiled.flag);
    plan.rules.push_back(std::move(compiled));
  }
  return Ok();
}

Status ValuePlanner::PlanFixedValues(const Property& property, ColumnPlan& plan) const {
  const auto read = [&](const std::optional<std::string>& text,
                        std::shared_ptr<const TypedColumn>* to) -> Status {
    if (!text) return Ok();
    *to = ReadValue(plan.value, *text);
    if (*to == nullptr) return ValueError(code::rule_value, plan, {{"value", *text}});
    return Ok();
  };
  TRY(read(property.constant, &plan.fixed_value));
  return read(property.default_value, &plan.default_value);
}

}  // namespace eclusa
