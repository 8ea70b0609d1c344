#include "contract/read_property.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <tuple>

#include "contract/derive.h"
#include "contract/names.h"
#include "contract/parse.h"
#include "model/codes.h"
#include "types/date_pattern.h"
#include "types/datetime.h"

namespace eclusa {
namespace {

// Longer than any line that is read (text files: 16 MiB unless the dialect says more).
constexpr int64_t kLineCharactersMax = 16 << 20;

bool IsNumeric(LogicalType type) {
  return type == LogicalType::kInteger || type == LogicalType::kNumber;
}

bool IsDated(LogicalType type) {
  return type == LogicalType::kDate || type == LogicalType::kTimestamp;
}

// Whether a limit is written as a value of the property's type.
bool IsLimitOf(LogicalType type, const std::string& text) {
  int32_t days = 0;
  int64_t microseconds = 0;
  WrittenTimestamp written;
  bool bent = false;
  switch (type) {
    case LogicalType::kInteger:
    case LogicalType::kNumber:
      return IsDecimal(text);
    case LogicalType::kDate:
      return ReadDate(text, &days) == Fault::kNone;
    case LogicalType::kTime:
      return ReadTime(text, {}, &microseconds, &bent) == Fault::kNone;
    case LogicalType::kTimestamp:
      return ReadTimestamp(text, {}, &written, &bent) == Fault::kNone;
    default:
      return false;
  }
}

// One property being read: the words of its maps and what becomes of them.
class PropertyReader {
 public:
  PropertyReader(const YamlNode& node, const PropertyPlace& place, Problems& problems)
      : problems_(problems),
        dialect_has_pivot_(place.dialect_has_pivot),
        words_(ReadWords(node, WordLevel::kProperty, problems)),
        custom_(ReadCustomWords(words_.Find("customProperties"), node, WordLevel::kPropertyCustom,
                                problems)),
        options_(ReadOptions()) {
    property_.inside = place.inside;
  }

  Property Read(std::vector<SetRule>& set_rules) {
    ReadNames();
    ReadTypes();
    ReadKey();
    violation_ = ReadViolationWords(custom_, problems_);
    property_.counter = violation_.counter;
    ReadLimits();
    ReadFormat();
    ReadChanges();
    const YamlNode* quality = words_.Find("quality");
    if (quality != nullptr) {
      ReadPropertyQuality(*quality, violation_, property_, set_rules, problems_);
    }
    SortRules(property_.rules);
    const bool violable =
        violation_.on_violation == OnViolation::kReject || !property_.rules.empty();
    Needs(custom_, "eclusa.onViolation", violable, "logicalTypeOptions", problems_);
    KeepTheRest();
    return std::move(property_);
  }

 private:
  WordMap ReadOptions() {
    const YamlNode* options = words_.Find("logicalTypeOptions");
    return options == nullptr ? WordMap(words_.at())
                              : ReadWords(*options, WordLevel::kTypeOptions, problems_);
  }

  void ReadNames() {
    property_.line = words_.at().line;
    property_.name = words_.Text("name");
    property_.column = words_.OptionalText("physicalName").value_or(property_.name);
    property_.description = words_.Text("description");
    property_.from = custom_.Texts("eclusa.from");
    property_.join = custom_.OptionalText("eclusa.join");
    Needs(custom_, "eclusa.join", !property_.from.empty(), "eclusa.from", problems_);
    ReadPlace();
  }

  // In a line of fixed width.
  void ReadPlace() {
    property_.offset = PlaceWord("eclusa.offset");
    property_.width = PlaceWord("eclusa.width");
    Needs(custom_, "eclusa.width", property_.offset.has_value(), "eclusa.offset", problems_);
    Excludes(custom_, "eclusa.offset", "eclusa.constant", problems_);
    Excludes(custom_, "eclusa.offset", "eclusa.join", problems_);
  }

  std::optional<int64_t> PlaceWord(std::string_view word) {
    const std::optional<int64_t> number = custom_.Number(word);
    if (number.value_or(0) <= kLineCharactersMax) return number;
    problems_.Add(*custom_.Find(word), code::contract_value,
                  {{"word", std::string(word)},
                   {"value", std::to_string(*number)},
                   {"expected", "0 ... " + std::to_string(kLineCharactersMax)}});
    return kLineCharactersMax;
  }

  void ReadTypes() {
    property_.physical_type_name = words_.Text("physicalType");
    property_.physical_type = ParseTypeName(property_.physical_type_name);
    if (words_.Has("logicalType")) {
      property_.logical_type = *ParseLogicalType(words_.Text("logicalType"));
    } else if (property_.physical_type) {
      property_.logical_type = LogicalTypeOf(*property_.physical_type);
    } else {
      Require(words_, WordLevel::kProperty, "logicalType", problems_);
    }
    if (property_.logical_type == LogicalType::kArray) {
      ReadItems();
    } else {
      Needs(words_, "items", false, "logicalType: array", problems_);
    }
  }

  void ReadItems() {
    const YamlNode* items = words_.Find("items");
    if (items == nullptr) {
      if (property_.physical_type && property_.physical_type->element) {
        property_.item_type = LogicalTypeOf(*property_.physical_type->element);
      } else {
        Require(words_, WordLevel::kProperty, "items", problems_);
      }
      return;
    }
    WordMap words = ReadWords(*items, WordLevel::kItems, problems_);
    Require(words, WordLevel::kItems, "logicalType", problems_);
    if (words.Has("logicalType")) property_.item_type = ParseLogicalType(words.Text("logicalType"));
    if (property_.item_type == LogicalType::kArray) {
      problems_.Add(*items, code::contract_list_of_lists,
                    {{"property", ClipValue(property_.QualifiedName())}});
    }
    // Words of a table of the items' own, which they have no columns for.
    for (const std::string_view word : {"physicalName", "quality"}) {
      Needs(words, word, false, "items.properties", problems_);
    }
    const YamlNode* list = words.Find("customProperties");
    const WordMap custom = ReadCustomWords(list, *items, WordLevel::kItemsCustom, problems_);
    for (const std::string_view word :
         {"eclusa.parentColumns", "eclusa.children", "eclusa.onChildFailure"}) {
      Needs(custom, word, false, "items.properties", problems_);
    }
    if (list != nullptr) words.Keep("customProperties", *list);
    for (KeptWord& kept : words.kept()) {
      property_.kept.push_back({"items." + kept.word, std::move(kept.yaml)});
    }
  }

  void ReadKey() {
    property_.required = words_.Flag("required");
    property_.unique = words_.Flag("unique");
    const int64_t position = words_.Number("primaryKeyPosition").value_or(-1);
    if (position > kKeyColumnsMax || (position > 0 && !words_.Flag("primaryKey"))) {
      problems_.Add(*words_.Find("primaryKeyPosition"), code::contract_key_position,
                    {{"property", property_.name}});
    } else if (words_.Flag("primaryKey")) {
      property_.key_position = position > 0 ? static_cast<int>(position) : kPositionNotGiven;
    }
  }

  void AddRule(Rule::Kind kind, std::string_view word, bool fits) {
    const YamlNode* at = options_.Find(word);
    if (at == nullptr) return;
    if (!fits) {
      problems_.Add(*at, code::contract_word_type,
                    {{"word", std::string(word)},
                     {"value", ClipValue(at->text)},
                     {"type", std::string(Name(property_.logical_type))}});
      return;
    }
    Rule rule;
    rule.kind = kind;
    rule.text = at->text;
    violation_.ApplyTo(rule);
    property_.rules.push_back(std::move(rule));
  }

  void ReadLimits() {
    const LogicalType type = property_.logical_type;
    const bool text = type == LogicalType::kString;
    AddRule(Rule::Kind::kMinLength, "minLength", text);
    AddRule(Rule::Kind::kMaxLength, "maxLength", text);
    AddRule(Rule::Kind::kPattern, "pattern", text);
    if (options_.Has("pattern")) {
      CheckPattern(*options_.Find("pattern"), options_.Text("pattern"), problems_);
    }
    const auto limit = [&](std::string_view word) { return IsLimitOf(type, options_.Text(word)); };
    AddRule(Rule::Kind::kMinimum, "minimum", limit("minimum"));
    AddRule(Rule::Kind::kMaximum, "maximum", limit("maximum"));
    AddRule(Rule::Kind::kExclusiveMinimum, "exclusiveMinimum", limit("exclusiveMinimum"));
    AddRule(Rule::Kind::kExclusiveMaximum, "exclusiveMaximum", limit("exclusiveMaximum"));
    const std::string multiple = options_.Text("multipleOf");
    AddRule(Rule::Kind::kMultipleOf, "multipleOf",
            IsNumeric(type) && IsDecimal(multiple) && CompareDecimals(multiple, "0") > 0);
    CheckOrder("minLength", "maxLength");
    if (IsNumeric(type)) {
      CheckOrder("minimum", "maximum");
      CheckOrder("exclusiveMinimum", "exclusiveMaximum");
    }
  }

  void CheckOrder(std::string_view low, std::string_view high) {
    const std::string least = options_.Text(low);
    const std::string most = options_.Text(high);
    if (!IsDecimal(least) || !IsDecimal(most) || CompareDecimals(least, most) <= 0) return;
    problems_.Add(*options_.Find(low), code::contract_range_empty,
                  {{"word", std::string(low)}, {"other", std::string(high)}});
  }

  void ReadFormat() {
    const YamlNode* format = options_.Find("format");
    if (format == nullptr) return;
    const LogicalType type = property_.logical_type;
    if (type == LogicalType::kString) {
      const auto document = ParseDocumentFormat(format->text);
      if (!document) {
        problems_.Add(*format, code::contract_value,
                      {{"word", "format"},
                       {"value", ClipValue(format->text)},
                       {"expected", "uuid | email | cpf | cnpj | cpf_or_cnpj | cep | uf | ibge"}});
        return;
      }
      AddRule(Rule::Kind::kFormat, "format", true);
      property_.rules.back().text.clear();
      property_.rules.back().format = *document;
    } else if (IsDated(type)) {
      CheckDatePatterns(options_, "format", MissingPivot(), problems_);
      property_.date_patterns = {format->text};
    } else if (IsNumeric(type)) {
      options_.Keep("format", *format);  // the width of a number: the target's type decides
    } else {
      AddRule(Rule::Kind::kFormat, "format", false);
    }
  }

  // What may be changed in a value on its way.
  void ReadChanges() {
    property_.trim = custom_.Flag("eclusa.trim");
    property_.upper = custom_.Flag("eclusa.upper");
    property_.unaccent = custom_.Flag("eclusa.unaccent");
    property_.empty_as_null = custom_.Flag("eclusa.emptyAsNull");
    property_.round = custom_.Flag("eclusa.round");
    property_.truncate = custom_.Flag("eclusa.truncate");
    property_.no_update = custom_.Flag("eclusa.noUpdate");
    property_.time_zone = custom_.Text("eclusa.timeZone");
    property_.default_value = custom_.OptionalText("eclusa.default");
    property_.constant = custom_.OptionalText("eclusa.constant");
    if (custom_.Has("eclusa.datePatterns")) {
      CheckDatePatterns(custom_, "eclusa.datePatterns", MissingPivot(), problems_);
      property_.date_patterns = custom_.Texts("eclusa.datePatterns");
    }
    property_.zero_date_as_null = custom_.OptionalFlag("eclusa.zeroDateAsNull");
    property_.pivot_year = ReadPivotYear(custom_, "eclusa.pivotYear", problems_);
    ReadDocumentWords();
    for (const std::string_view word : {"eclusa.zeroDateAsNull", "eclusa.pivotYear"}) {
      Needs(custom_, word, IsDated(property_.logical_type), "logicalType: date", problems_);
    }
    Needs(custom_, "eclusa.timeZone", property_.logical_type == LogicalType::kTimestamp,
          "logicalType: timestamp", problems_);
    Needs(custom_, "eclusa.datePatterns", IsDated(property_.logical_type), "logicalType: date",
          problems_);
    Excludes(custom_, "eclusa.constant", "eclusa.from", problems_);
    Excludes(custom_, "eclusa.constant", "eclusa.default", problems_);
    if (options_.Has("format") && IsDated(property_.logical_type)) {
      Needs(custom_, "eclusa.datePatterns", false, "logicalTypeOptions without format", problems_);
    }
  }

  // What may be done about a document that is not as it should be.
  void ReadDocumentWords() {
    property_.pad_zeros =
        custom_.Flag("eclusa.padZeros") || custom_.Text("eclusa.lostZeros") == "pad";
    property_.accept_other_document = custom_.Text("eclusa.otherDocument") == "accept";
    property_.refuse_placeholder = custom_.Text("eclusa.placeholderCpf") == "reject";
    const auto is = [this](std::initializer_list<DocumentFormat> formats) {
      return std::ranges::any_of(property_.rules, [&](const Rule& rule) {
        return rule.kind == Rule::Kind::kFormat &&
               std::ranges::find(formats, rule.format) != formats.end();
      });
    };
    const bool numbers = is({DocumentFormat::kCpf, DocumentFormat::kCnpj,
                             DocumentFormat::kCpfOrCnpj, DocumentFormat::kCep});
    const bool one_kind = is({DocumentFormat::kCpf, DocumentFormat::kCnpj});
    const bool cpfs = is({DocumentFormat::kCpf, DocumentFormat::kCpfOrCnpj}) ||
                      (one_kind && property_.accept_other_document);
    Needs(custom_, "eclusa.lostZeros", numbers, "logicalTypeOptions.format: cpf", problems_);
    Needs(custom_, "eclusa.padZeros", numbers, "logicalTypeOptions.format: cpf", problems_);
    Needs(custom_, "eclusa.otherDocument", one_kind, "logicalTypeOptions.format: cpf", problems_);
    Needs(custom_, "eclusa.placeholderCpf", cpfs, "logicalTypeOptions.format: cpf", problems_);
    Excludes(custom_, "eclusa.padZeros", "eclusa.lostZeros", problems_);
  }

  // The word that yy would need; empty: a pivot is given.
  std::string_view MissingPivot() const {
    return dialect_has_pivot_ || custom_.Has("eclusa.pivotYear") ? "" : "eclusa.pivotYear";
  }

  void KeepTheRest() {
    for (KeptWord& kept : options_.kept()) {
      property_.kept.push_back({"logicalTypeOptions." + kept.word, std::move(kept.yaml)});
    }
    for (WordMap* words : {&words_, &custom_}) {
      for (KeptWord& kept : words->kept()) property_.kept.push_back(std::move(kept));
    }
    std::ranges::stable_sort(property_.kept, {}, &KeptWord::word);
  }

  Problems& problems_;
  const bool dialect_has_pivot_;
  WordMap words_;
  WordMap custom_;
  WordMap options_;
  ViolationWords violation_;
  Property property_;
};

}  // namespace

void ViolationWords::ApplyTo(Rule& rule) const {
  rule.on_violation = on_violation;
  rule.flag_column = flag_column;
  rule.counter = counter;
}

ViolationWords ReadViolationWords(const WordMap& custom, Problems& problems) {
  ViolationWords words;
  const std::string what = custom.Text("eclusa.onViolation");
  words.on_violation = what == "flag"   ? OnViolation::kFlag
                       : what == "null" ? OnViolation::kNull
                                        : OnViolation::kReject;
  words.flag_column = custom.Text("eclusa.flagColumn");
  words.counter = custom.Text("eclusa.counter");
  Needs(custom, "eclusa.flagColumn", words.on_violation == OnViolation::kFlag,
        "eclusa.onViolation: flag", problems);
  return words;
}

std::optional<Property> ReadProperty(const YamlNode& node, const PropertyPlace& place,
                                     std::vector<SetRule>& set_rules, Problems& problems) {
  const size_t set_rules_before = set_rules.size();
  Property property = PropertyReader(node, place, problems).Read(set_rules);
  if (!property.name.empty()) return property;
  set_rules.resize(set_rules_before);
  problems.Add(node, code::contract_word_missing,
               {{"word", "name"}, {"where", std::string(LevelPath(WordLevel::kProperty))}});
  return std::nullopt;
}

void CheckPattern(const YamlNode& at, const std::string& pattern, Problems& problems) {
  if (pattern.size() > kContractPatternMax) {
    problems.Add(
        at, code::contract_pattern,
        {{"pattern", ClipValue(pattern)}, {"detail", "> " + std::to_string(kContractPatternMax)}});
    return;
  }
  const RE2 compiled(pattern, RE2::Quiet);
  if (compiled.ok()) return;
  problems.Add(at, code::contract_pattern,
               {{"pattern", ClipValue(pattern)}, {"detail", compiled.error()}});
}

void CheckDatePatterns(const WordMap& words, std::string_view word, std::string_view missing_pivot,
                       Problems& problems) {
  for (const std::string& pattern : words.Texts(word)) {
    const auto compiled = DatePattern::Compile(pattern, kPivotYearMin);
    if (!compiled) {
      problems.Add(*words.Find(word), code::contract_date_pattern,
                   {{"pattern", ClipValue(pattern)}});
    } else if (compiled->has_short_year() && !missing_pivot.empty()) {
      problems.Add(*words.Find(word), code::contract_word_needs,
                   {{"word", ClipValue(pattern)}, {"other", std::string(missing_pivot)}});
    }
  }
}

std::optional<int> ReadPivotYear(const WordMap& words, std::string_view word, Problems& problems) {
  const auto year = words.Number(word);
  if (!year) return std::nullopt;
  if (*year >= kPivotYearMin && *year <= kPivotYearMax) return static_cast<int>(*year);
  problems.Add(*words.Find(word), code::contract_value,
               {{"word", std::string(word)},
                {"value", std::to_string(*year)},
                {"expected", fmt::format("{} ... {}", kPivotYearMin, kPivotYearMax)}});
  return std::nullopt;
}

void SortRules(std::vector<Rule>& rules) {
  const auto key = [](const Rule& rule) {
    return std::tie(rule.kind, rule.on_violation, rule.flag_column, rule.counter, rule.text,
                    rule.list, rule.format);
  };
  std::ranges::stable_sort(
      rules, [&](const Rule& left, const Rule& right) { return key(left) < key(right); });
}

}  // namespace eclusa
