#include "contract/write.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "contract/names.h"
#include "contract/read_property.h"
#include "contract/write_parts.h"
#include "contract/yaml.h"

namespace eclusa {
namespace {

std::string Character(char c) { return YamlScalar(std::string_view(&c, 1)); }

std::string_view Bool(bool value) { return value ? "true" : "false"; }

void AddViolation(const ViolationWords& words, bool always, CustomList& custom) {
  static constexpr std::string_view kNames[] = {"reject", "null", "flag"};
  if (always || words.on_violation != OnViolation::kReject) {
    custom.Add("eclusa.onViolation", kNames[static_cast<size_t>(words.on_violation)]);
  }
  custom.AddText("eclusa.flagColumn", words.flag_column);
  custom.AddText("eclusa.counter", words.counter);
}

std::string Values(const std::vector<std::string>& values) { return List(values); }

// The parts of a quality rule that every kind has.
std::string QualityItem(OneLineMap item, const std::vector<KeptWord>& kept, CustomList custom) {
  custom.AddKept(kept);
  if (!custom.items().empty()) {
    std::string list;
    for (const std::string& entry : custom.items()) list += (list.empty() ? "" : ", ") + entry;
    item.Add("customProperties", "[" + list + "]");
  }
  for (const KeptWord& word : kept) {
    if (word.word != "customProperties") item.Add(word.word, word.yaml);
  }
  return item.text();
}

void AddThreshold(const SetRule& rule, OneLineMap& item) {
  if (rule.at_least && rule.at_least == rule.at_most) {
    item.Add("mustBe", std::to_string(*rule.at_least));
  } else if (rule.at_least && rule.at_most) {
    item.Add("mustBeBetween", fmt::format("[{}, {}]", *rule.at_least, *rule.at_most));
  } else if (rule.at_least) {
    item.Add("mustBeGreaterOrEqualTo", std::to_string(*rule.at_least));
  } else if (rule.at_most) {
    item.Add(*rule.at_most == 0 ? "mustBe" : "mustBeLessOrEqualTo", std::to_string(*rule.at_most));
  }
}

std::string SetRuleItem(const SetRule& rule) {
  OneLineMap item;
  if (rule.kind == SetRule::Kind::kRowCount) {
    item.Add("metric", "rowCount");
  } else {
    item.Add("metric", "duplicateValues");
    item.Add("arguments", "{properties: " + List(rule.properties) + "}");
  }
  AddThreshold(rule, item);
  return QualityItem(std::move(item), rule.kept, {});
}

// Which rules can stand in logicalTypeOptions alone.
bool IsOption(Rule::Kind kind) {
  return kind != Rule::Kind::kRequired && kind != Rule::Kind::kPattern &&
         kind != Rule::Kind::kInList && kind != Rule::Kind::kNotInList;
}

ViolationWords ViolationOf(const Rule& rule) {
  return {rule.on_violation, rule.flag_column, rule.counter};
}

// A property's rules parted into logicalTypeOptions and quality.
class PropertyRules {
 public:
  explicit PropertyRules(const Property& property) : property_(property) {
    violation_.counter = property.counter;
    for (const Rule& rule : property.rules) {
      if (!IsOption(rule.kind)) continue;
      violation_ = ViolationOf(rule);
      break;
    }
  }

  // Of the property as a whole: what its limits say.
  const ViolationWords& violation() const { return violation_; }

  std::string Options() {
    OneLineMap options;
    for (const Rule& rule : property_.rules) {
      if (rule.kind == Rule::Kind::kFormat) {
        options.Add("format", Name(rule.format));
      } else if (IsOption(rule.kind)) {
        options.Add(Name(rule.kind), IsDecimal(rule.text) ? rule.text : YamlScalar(rule.text));
      } else if (IsOptionPattern(rule)) {
        pattern_ = &rule;
        options.Add("pattern", YamlScalar(rule.text));
      }
    }
    if (property_.date_patterns.size() == 1) {
      options.AddText("format", property_.date_patterns[0]);
    }
    for (const KeptWord& kept : property_.kept) {
      constexpr std::string_view kPrefix = "logicalTypeOptions.";
      if (kept.word.starts_with(kPrefix)) options.Add(kept.word.substr(kPrefix.size()), kept.yaml);
    }
    return options.empty() ? std::string() : options.text();
  }

  // After Options, which takes the first pattern that fits there.
  std::vector<std::string> Quality() const {
    std::vector<std::string> items;
    for (const Rule& rule : property_.rules) {
      if (!IsOption(rule.kind) && &rule != pattern_) items.push_back(Item(rule));
    }
    for (const KeptWord& kept : property_.kept) {
      if (kept.word == "quality") items.push_back(kept.yaml);
    }
    return items;
  }

 private:
  bool IsOptionPattern(const Rule& rule) const {
    return rule.kind == Rule::Kind::kPattern && pattern_ == nullptr && rule.kept.empty() &&
           ViolationOf(rule) == violation_ && property_.logical_type == LogicalType::kString;
  }

  std::string Item(const Rule& rule) const {
    OneLineMap item;
    switch (rule.kind) {
      case Rule::Kind::kRequired:
        item.Add("metric", "nullValues");
        break;
      case Rule::Kind::kInList:
        item.Add("metric", "invalidValues");
        item.Add("arguments", "{validValues: " + Values(rule.list) + "}");
        break;
      case Rule::Kind::kNotInList:
        item.Add("metric", "missingValues");
        item.Add("arguments", "{missingValues: " + Values(rule.list) + "}");
        break;
      default:
        item.Add("metric", "invalidValues");
        item.Add("arguments", "{pattern: " + YamlScalar(rule.text) + "}");
    }
    item.Add("mustBe", "0");
    CustomList custom;
    const ViolationWords words = ViolationOf(rule);
    if (words != violation_) AddViolation(words, true, custom);
    return QualityItem(std::move(item), rule.kept, std::move(custom));
  }

  const Property& property_;
  ViolationWords violation_;
  const Rule* pattern_ = nullptr;
};

std::vector<std::string> PropertyCustom(const Property& property, const ViolationWords& violation) {
  CustomList custom;
  custom.AddList("eclusa.from", property.from);
  custom.AddOptional("eclusa.join", property.join);
  if (property.offset) custom.Add("eclusa.offset", std::to_string(*property.offset));
  if (property.width) custom.Add("eclusa.width", std::to_string(*property.width));
  custom.AddOptional("eclusa.constant", property.constant);
  custom.AddOptional("eclusa.default", property.default_value);
  custom.AddFlag("eclusa.noUpdate", property.no_update);
  custom.AddFlag("eclusa.trim", property.trim);
  custom.AddFlag("eclusa.upper", property.upper);
  custom.AddFlag("eclusa.unaccent", property.unaccent);
  custom.AddFlag("eclusa.emptyAsNull", property.empty_as_null);
  custom.AddFlag("eclusa.round", property.round);
  custom.AddFlag("eclusa.truncate", property.truncate);
  if (property.pad_zeros) custom.Add("eclusa.lostZeros", "pad");
  if (property.accept_other_document) custom.Add("eclusa.otherDocument", "accept");
  if (property.refuse_placeholder) custom.Add("eclusa.placeholderCpf", "reject");
  if (property.zero_date_as_null) {
    custom.Add("eclusa.zeroDateAsNull", Bool(*property.zero_date_as_null));
  }
  custom.AddText("eclusa.timeZone", property.time_zone);
  if (property.date_patterns.size() > 1) {
    custom.AddList("eclusa.datePatterns", property.date_patterns);
  }
  if (property.pivot_year) custom.Add("eclusa.pivotYear", std::to_string(*property.pivot_year));
  AddViolation(violation, false, custom);
  custom.AddKept(property.kept);
  return custom.items();
}

std::string DialectText(const Dialect& dialect) {
  OneLineMap map;
  const auto character = [&](std::string_view word, std::optional<char> value) {
    if (value) map.Add(word, Character(*value));
  };
  if (dialect.encoding) map.AddText("encoding", *dialect.encoding);
  character("delimiter", dialect.delimiter);
  character("quote", dialect.quote);
  character("decimal", dialect.decimal);
  character("thousands", dialect.thousands);
  map.AddList("datePatterns", dialect.date_patterns);
  map.AddList("timestampPatterns", dialect.timestamp_patterns);
  if (dialect.pivot_year) map.Add("pivotYear", std::to_string(*dialect.pivot_year));
  map.AddList("nullMarkers", dialect.null_markers);
  map.AddList("trueValues", dialect.true_values);
  map.AddList("falseValues", dialect.false_values);
  if (dialect.portuguese_booleans) map.Add("booleans", "pt");
  if (dialect.header) map.Add("header", Bool(*dialect.header));
  if (dialect.empty_is_null) map.Add("emptyIsNull", Bool(*dialect.empty_is_null));
  if (dialect.row_bytes_max) map.Add("rowBytesMax", std::to_string(*dialect.row_bytes_max));
  if (dialect.pointer) map.AddText("pointer", *dialect.pointer);
  if (dialect.header_lines) map.Add("headerLines", std::to_string(*dialect.header_lines));
  character("padding", dialect.padding);
  if (dialect.padding_side) map.Add("paddingSide", Name(*dialect.padding_side));
  if (dialect.line_length) map.Add("lineLength", std::to_string(*dialect.line_length));
  if (dialect.pad_short_lines) map.Add("shortLines", *dialect.pad_short_lines ? "pad" : "refuse");
  return map.empty() ? std::string() : map.text();
}

std::string MaxFailuresText(const Contract& contract) {
  const bool total = contract.max_failures.rows || contract.max_failures.percent;
  if (!contract.max_failures_per_file && contract.max_failures_by_code.empty()) {
    return total ? WriteTolerance(contract.max_failures) : std::string();
  }
  OneLineMap map;
  if (total) map.Add("total", WriteTolerance(contract.max_failures));
  if (contract.max_failures_per_file) {
    map.Add("perFile", WriteTolerance(*contract.max_failures_per_file));
  }
  OneLineMap codes;
  for (const auto& [code, tolerance] : contract.max_failures_by_code) {
    codes.Add(code, WriteTolerance(tolerance));
  }
  if (!codes.empty()) map.Add("perCode", codes.text());
  return map.text();
}

std::vector<std::string> DatasetCustom(const Contract& contract) {
  static constexpr std::string_view kUnknown[] = {"list", "refuse", "ignore"};
  CustomList custom;
  custom.AddText("eclusa.path", contract.path);
  if (contract.mode) custom.Add("eclusa.mode", Name(*contract.mode));
  custom.AddList("eclusa.tenantColumns", contract.tenant_columns);
  custom.AddText("eclusa.versionColumn", contract.version_column);
  custom.AddText("eclusa.operationColumn", contract.operation_column);
  custom.AddFlag("eclusa.strictOperations", contract.strict_operations);
  if (contract.duplicates) custom.Add("eclusa.duplicates", Name(*contract.duplicates));
  const std::string failures = MaxFailuresText(contract);
  if (!failures.empty()) custom.Add("eclusa.maxFailures", failures);
  if (contract.when_absent == WhenAbsent::kNull) custom.Add("eclusa.whenAbsent", "null");
  if (contract.unknown_columns != UnknownColumns::kList) {
    custom.Add("eclusa.unknownColumns", kUnknown[static_cast<size_t>(contract.unknown_columns)]);
  }
  if (contract.cascade_allowed) custom.Add("eclusa.cascade", "allowed");
  custom.AddText("eclusa.counter", contract.counter);
  if (contract.rows_per_part) {
    custom.Add("eclusa.rowsPerPart", std::to_string(*contract.rows_per_part));
  }
  if (contract.max_file_bytes) {
    custom.Add("eclusa.maxFileBytes", std::to_string(*contract.max_file_bytes));
  }
  custom.AddList("eclusa.provenanceColumns", contract.provenance_columns);
  custom.AddFlag("eclusa.zeroDateAsNull", contract.zero_date_as_null);
  const std::string dialect = DialectText(contract.dialect);
  if (!dialect.empty()) custom.Add("eclusa.dialect", dialect);
  custom.AddKept(contract.dataset_kept);
  return custom.items();
}

void WriteDataset(const Contract& contract, std::string& out) {
  Block block(out, 4);
  block.Add("name", YamlScalar(contract.dataset));
  block.Add("logicalType", "object");
  block.Add("physicalName", YamlScalar(WriteTableName(contract.target)));
  block.AddText("description", contract.description);
  block.AddItems("quality", DatasetQuality(contract));
  block.AddItems("customProperties", DatasetCustom(contract));
  AddKept(contract.dataset_kept, block);
  if (contract.properties.empty() && contract.children.empty()) {
    block.Add("properties", "[]");
    return;
  }
  block.Open("properties");
  WriteTable(contract, 8, out);
}

}  // namespace

void WriteProperty(const Property& property, int indent, std::string& out) {
  PropertyRules rules(property);
  Block block(out, indent);
  block.Add("name", YamlScalar(property.name));
  block.Add("logicalType", Name(property.logical_type));
  if (property.column != property.name) block.Add("physicalName", YamlScalar(property.column));
  block.AddText("physicalType", property.physical_type_name);
  block.AddText("description", property.description);
  if (property.key_position > 0) {
    block.Add("primaryKey", "true");
    block.Add("primaryKeyPosition", std::to_string(property.key_position));
  }
  if (property.required) block.Add("required", "true");
  if (property.unique) block.Add("unique", "true");
  if (property.item_type) {
    OneLineMap items;
    items.Add("logicalType", Name(*property.item_type));
    for (const KeptWord& kept : property.kept) {
      if (kept.word.starts_with("items.")) items.Add(kept.word.substr(6), kept.yaml);
    }
    block.Add("items", items.text());
  }
  const std::string options = rules.Options();
  if (!options.empty()) block.Add("logicalTypeOptions", options);
  block.AddItems("quality", rules.Quality());
  block.AddItems("customProperties", PropertyCustom(property, rules.violation()));
  AddKept(property.kept, block);
}

std::vector<std::string> DatasetQuality(const Contract& contract) {
  std::vector<std::string> quality;
  for (const SetRule& rule : contract.set_rules) quality.push_back(SetRuleItem(rule));
  for (const KeptWord& kept : contract.dataset_kept) {
    if (kept.word == "quality") quality.push_back(kept.yaml);
  }
  return quality;
}

std::string WriteContract(const Contract& contract) {
  std::string out = "apiVersion: v3.1.0\nkind: DataContract\n";
  out += fmt::format("id: {}\n", YamlScalar(contract.id));
  if (!contract.name.empty()) out += fmt::format("name: {}\n", YamlScalar(contract.name));
  out += fmt::format("version: {}\nstatus: {}\n", YamlScalar(contract.version),
                     YamlScalar(contract.status));
  std::string custom;
  for (const KeptWord& kept : contract.kept) {
    if (kept.word == "customProperties") {
      custom += "  - " + kept.yaml + "\n";
    } else {
      out += fmt::format("{}: {}\n", kept.word, kept.yaml);
    }
  }
  if (!custom.empty()) out += "customProperties:\n" + custom;
  out += "schema:\n";
  WriteDataset(contract, out);
  return out;
}

std::string DigestOf(const Contract& contract) {
  const std::string text = WriteContract(contract);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string out;
  for (const unsigned char byte : digest) out += fmt::format("{:02x}", byte);
  return out;
}

}  // namespace eclusa
