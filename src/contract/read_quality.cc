// Quality rules of ODCS: what one row can breach becomes a Rule, what needs the whole set a
// SetRule.

#include <algorithm>
#include <cmath>

#include "contract/names.h"
#include "contract/read_property.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// The count that a quality rule allows, from its one operator.
struct Threshold {
  std::optional<int64_t> at_least;
  std::optional<int64_t> at_most;
  bool IsZero() const { return at_most == 0 && at_least.value_or(0) == 0; }
};

constexpr std::string_view kOperators[] = {
    "mustBe",         "mustBeGreaterThan",   "mustBeGreaterOrEqualTo",
    "mustBeLessThan", "mustBeLessOrEqualTo", "mustBeBetween"};

// Beyond this a double no longer tells one row from two.
constexpr double kRowsMax = 9e15;

std::optional<Threshold> ReadOperator(std::string_view word, const YamlNode& node) {
  const auto number = [&](size_t index) {
    return std::stod(index == 0 && node.IsScalar() ? node.text : node.values[index].text);
  };
  const double low = number(0);
  const double high = word == "mustBeBetween" ? number(1) : low;
  if (std::abs(low) > kRowsMax || std::abs(high) > kRowsMax) return std::nullopt;
  Threshold threshold;
  if (word == "mustBe") {
    if (low != std::floor(low)) return std::nullopt;
    threshold.at_least = threshold.at_most = static_cast<int64_t>(low);
  } else if (word == "mustBeGreaterThan") {
    threshold.at_least = static_cast<int64_t>(std::floor(low)) + 1;
  } else if (word == "mustBeGreaterOrEqualTo") {
    threshold.at_least = static_cast<int64_t>(std::ceil(low));
  } else if (word == "mustBeLessThan") {
    threshold.at_most = static_cast<int64_t>(std::ceil(low)) - 1;
  } else if (word == "mustBeLessOrEqualTo") {
    threshold.at_most = static_cast<int64_t>(std::floor(low));
  } else {
    threshold.at_least = static_cast<int64_t>(std::ceil(low));
    threshold.at_most = static_cast<int64_t>(std::floor(high));
  }
  if (threshold.at_most && (*threshold.at_most < 0 || *threshold.at_most < threshold.at_least)) {
    return std::nullopt;  // no count is like that
  }
  if (threshold.at_least && *threshold.at_least <= 0 && threshold.at_most) {
    threshold.at_least.reset();
  }
  return threshold;
}

// One quality rule being read.
class QualityReader {
 public:
  QualityReader(const YamlNode& node, Problems& problems)
      : node_(node),
        problems_(problems),
        words_(ReadWords(node, WordLevel::kQuality, problems)),
        custom_(ReadCustomWords(words_.Find("customProperties"), node, WordLevel::kQualityCustom,
                                problems)) {
    const YamlNode* arguments = words_.Find("arguments");
    arguments_ = arguments == nullptr
                     ? WordMap(node)
                     : ReadWords(*arguments, WordLevel::kQualityArguments, problems);
  }

  // text and custom speak to people and to other tools.
  bool IsKept() const {
    const std::string type = words_.Text("type");
    return type == "text" || type == "custom";
  }
  std::string metric() const { return words_.Text("metric"); }

  // False: not a rule that can be checked; reported.
  bool IsLibrary() {
    if (words_.Text("type") == "sql") {
      problems_.Add(*words_.Find("type"), code::contract_quality_sql);
      return false;
    }
    Require(words_, WordLevel::kQuality, "metric", problems_);
    return words_.Has("metric");
  }

  void RefuseMetric() {
    problems_.Add(*words_.Find("metric"), code::contract_quality_place, {{"metric", metric()}});
  }

  std::optional<Threshold> ReadThreshold() {
    std::optional<std::string_view> found;
    bool several = false;
    for (const std::string_view word : kOperators) {
      if (!words_.Has(word)) continue;
      several = several || found.has_value();
      found = word;
    }
    if (!found || several) {
      problems_.Add(node_, code::contract_quality_operator, {{"metric", metric()}});
      return std::nullopt;
    }
    const YamlNode& at = *words_.Find(*found);
    auto threshold = ReadOperator(*found, at);
    // A share cannot be turned into a count before the rows are known; none at all can.
    const bool share = words_.Text("unit") == "percent" &&
                       !(threshold && threshold->IsZero() && *found != "mustBeLessThan");
    if (!threshold || share) {
      RefuseThreshold(at, *found);
      return std::nullopt;
    }
    return threshold;
  }

  // For rules of one row: a count of breaches other than none cannot be judged row by row.
  bool ReadZero() {
    const auto threshold = ReadThreshold();
    if (!threshold) return false;
    if (threshold->IsZero()) return true;
    for (const std::string_view word : kOperators) {
      if (words_.Has(word)) RefuseThreshold(*words_.Find(word), word);
    }
    return false;
  }

  ViolationWords Violation(const ViolationWords& inherited) {
    const ViolationWords own = ReadViolationWords(custom_, problems_);
    if (custom_.Has("eclusa.onViolation")) return own;
    ViolationWords words = inherited;
    if (!own.counter.empty()) words.counter = own.counter;
    return words;
  }

  const WordMap& words() const { return words_; }
  const WordMap& arguments() const { return arguments_; }
  const YamlNode& node() const { return node_; }
  Problems& problems() { return problems_; }

  std::vector<KeptWord> TakeKept() {
    std::vector<KeptWord> kept = std::move(words_.kept());
    for (KeptWord& word : custom_.kept()) kept.push_back(std::move(word));
    std::ranges::stable_sort(kept, {}, &KeptWord::word);
    return kept;
  }

  // An argument that the metric does not take would be silently without effect.
  void AllowArguments(std::initializer_list<std::string_view> allowed) {
    for (const std::string_view word : {"validValues", "pattern", "missingValues", "properties"}) {
      if (!arguments_.Has(word) || std::ranges::find(allowed, word) != allowed.end()) continue;
      problems_.Add(*arguments_.Find(word), code::contract_word_conflict,
                    {{"word", std::string(word)}, {"other", "metric: " + metric()}});
    }
  }

 private:
  void RefuseThreshold(const YamlNode& at, std::string_view word) {
    std::string shown = std::string(word) + ": " + ClipValue(YamlOnOneLine(at));
    if (words_.Text("unit") == "percent") shown += " percent";
    problems_.Add(at, code::contract_quality_threshold,
                  {{"metric", metric()}, {"threshold", std::move(shown)}});
  }

  const YamlNode& node_;
  Problems& problems_;
  WordMap words_;
  WordMap custom_;
  WordMap arguments_;
};

void AddNulls(QualityReader& rule, const ViolationWords& inherited, Property& property) {
  const ViolationWords words = rule.Violation(inherited);
  if (words.on_violation == OnViolation::kReject) {
    property.required = true;
    return;
  }
  if (words.on_violation == OnViolation::kNull) {
    rule.problems().Add(
        rule.node(), code::contract_word_conflict,
        {{"word", "eclusa.onViolation: null"}, {"other", "metric: " + rule.metric()}});
    return;
  }
  Rule nulls;
  nulls.kind = Rule::Kind::kRequired;
  words.ApplyTo(nulls);
  nulls.kept = rule.TakeKept();
  property.rules.push_back(std::move(nulls));
}

void AddMissing(QualityReader& rule, const ViolationWords& inherited, Property& property) {
  const YamlNode* values = rule.arguments().Find("missingValues");
  if (values == nullptr) {
    Require(rule.arguments(), WordLevel::kQualityArguments, "missingValues", rule.problems());
    return;
  }
  Rule missing;
  missing.kind = Rule::Kind::kNotInList;
  bool null = false;
  for (const YamlNode& value : values->values) {
    null = null || value.kind == YamlNode::Kind::kNull;
    if (value.IsScalar()) missing.list.push_back(value.text);
  }
  if (null) AddNulls(rule, inherited, property);
  if (missing.list.empty()) return;
  rule.Violation(inherited).ApplyTo(missing);
  missing.kept = rule.TakeKept();
  property.rules.push_back(std::move(missing));
}

void AddInvalid(QualityReader& rule, const ViolationWords& inherited, Property& property) {
  const ViolationWords words = rule.Violation(inherited);
  const YamlNode* values = rule.arguments().Find("validValues");
  const YamlNode* pattern = rule.arguments().Find("pattern");
  if (values == nullptr && pattern == nullptr) {
    Require(rule.arguments(), WordLevel::kQualityArguments, "validValues", rule.problems());
    return;
  }
  if (values != nullptr) {
    Rule list;
    list.kind = Rule::Kind::kInList;
    for (const YamlNode& value : values->values) {
      // null among the valid values says nothing: whether it may be is `required`.
      if (value.IsScalar()) list.list.push_back(value.text);
    }
    words.ApplyTo(list);
    list.kept = rule.TakeKept();
    property.rules.push_back(std::move(list));
  }
  if (pattern != nullptr) {
    CheckPattern(*pattern, pattern->text, rule.problems());
    Rule form;
    form.kind = Rule::Kind::kPattern;
    form.text = pattern->text;
    words.ApplyTo(form);
    form.kept = rule.TakeKept();
    property.rules.push_back(std::move(form));
  }
}

void AddSetRule(QualityReader& rule, SetRule::Kind kind, std::vector<std::string> properties,
                std::vector<SetRule>& set_rules) {
  const auto threshold = rule.ReadThreshold();
  if (!threshold) return;
  SetRule set_rule;
  set_rule.kind = kind;
  set_rule.properties = std::move(properties);
  set_rule.at_least = threshold->at_least;
  set_rule.at_most = threshold->at_most;
  set_rule.kept = rule.TakeKept();
  set_rules.push_back(std::move(set_rule));
}

void ReadPropertyRule(QualityReader& rule, const ViolationWords& words, Property& property,
                      std::vector<SetRule>& set_rules) {
  const std::string metric = rule.metric();
  if (metric == "rowCount") {
    rule.RefuseMetric();
  } else if (metric == "duplicateValues") {
    rule.AllowArguments({});
    AddSetRule(rule, SetRule::Kind::kDuplicateValues, {property.QualifiedName()}, set_rules);
  } else if (!rule.ReadZero()) {
    return;
  } else if (metric == "nullValues") {
    rule.AllowArguments({});
    AddNulls(rule, words, property);
  } else if (metric == "missingValues") {
    rule.AllowArguments({"missingValues"});
    AddMissing(rule, words, property);
  } else {
    rule.AllowArguments({"validValues", "pattern"});
    AddInvalid(rule, words, property);
  }
}

}  // namespace

void ReadPropertyQuality(const YamlNode& list, const ViolationWords& words, Property& property,
                         std::vector<SetRule>& set_rules, Problems& problems) {
  for (const YamlNode& node : list.values) {
    QualityReader rule(node, problems);
    if (rule.IsKept()) {
      property.kept.push_back({"quality", YamlOnOneLine(node)});
    } else if (rule.IsLibrary()) {
      ReadPropertyRule(rule, words, property, set_rules);
    }
  }
}

void ReadDatasetQuality(const YamlNode& list, std::vector<SetRule>& set_rules,
                        std::vector<KeptWord>& kept, Problems& problems) {
  for (const YamlNode& node : list.values) {
    QualityReader rule(node, problems);
    if (rule.IsKept()) {
      kept.push_back({"quality", YamlOnOneLine(node)});
    } else if (!rule.IsLibrary()) {
      continue;
    } else if (rule.metric() == "rowCount") {
      rule.AllowArguments({});
      AddSetRule(rule, SetRule::Kind::kRowCount, {}, set_rules);
    } else if (rule.metric() == "duplicateValues") {
      rule.AllowArguments({"properties"});
      Require(rule.arguments(), WordLevel::kQualityArguments, "properties", problems);
      AddSetRule(rule, SetRule::Kind::kDuplicateValues, rule.arguments().Texts("properties"),
                 set_rules);
    } else {
      rule.RefuseMetric();
    }
  }
}

}  // namespace eclusa
