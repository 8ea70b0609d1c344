#include "contract/parse.h"

#include <algorithm>

#include "contract/read_property.h"
#include "contract/read_table.h"
#include "contract/read_words.h"
#include "contract/write.h"
#include "model/codes.h"

namespace eclusa {
namespace {

std::optional<char> CharacterOf(const WordMap& words, std::string_view word) {
  const std::string text = words.Text(word);
  return text.empty() ? std::nullopt : std::optional(text[0]);
}

Tolerance ToleranceOf(const YamlNode& node) {
  return node.text == "unlimited" ? Tolerance{} : *ParseTolerance(node.text);
}

// Reads the one dataset of a document into the contract.
class DatasetReader {
 public:
  DatasetReader(const YamlNode& node, Contract& contract, Problems& problems)
      : contract_(contract),
        problems_(problems),
        words_(ReadWords(node, WordLevel::kSchema, problems)),
        custom_(ReadCustomWords(words_.Find("customProperties"), node, WordLevel::kSchemaCustom,
                                problems)) {}

  void Read() {
    Require(words_, WordLevel::kSchema, "name", problems_);
    contract_.dataset = words_.Text("name");
    contract_.description = words_.Text("description");
    if (auto target = ReadTarget(words_, contract_.dataset, problems_)) contract_.target = *target;
    Require(words_, WordLevel::kSchema, "properties", problems_);
    const YamlNode* dialect = custom_.Find("eclusa.dialect");
    const bool has_pivot = dialect != nullptr && dialect->Find("pivotYear") != nullptr;
    TableReader(has_pivot, problems_).Read(words_, {}, contract_);
    ReadChoices();
    ReadColumns();
    if (dialect != nullptr) ReadDialect(*dialect);
    if (contract_.IsFixedWidth()) CheckPlaces();
    const YamlNode* failures = custom_.Find("eclusa.maxFailures");
    if (failures != nullptr) ReadMaxFailures(*failures);
    for (WordMap* words : {&words_, &custom_}) {
      for (KeptWord& kept : words->kept()) contract_.dataset_kept.push_back(std::move(kept));
    }
    std::ranges::stable_sort(contract_.dataset_kept, {}, &KeptWord::word);
  }

 private:
  void ReadChoices() {
    contract_.path = custom_.Text("eclusa.path");
    if (custom_.Has("eclusa.mode")) contract_.mode = ParseMode(custom_.Text("eclusa.mode"));
    if (custom_.Has("eclusa.duplicates")) {
      contract_.duplicates = ParseDuplicates(custom_.Text("eclusa.duplicates"));
    }
    contract_.strict_operations = custom_.Flag("eclusa.strictOperations");
    contract_.zero_date_as_null = custom_.Flag("eclusa.zeroDateAsNull");
    if (custom_.Text("eclusa.whenAbsent") == "null") contract_.when_absent = WhenAbsent::kNull;
    const std::string unknown = custom_.Text("eclusa.unknownColumns");
    if (unknown == "refuse") contract_.unknown_columns = UnknownColumns::kRefuse;
    if (unknown == "ignore") contract_.unknown_columns = UnknownColumns::kIgnore;
    contract_.cascade_allowed = custom_.Text("eclusa.cascade") == "allowed";
    contract_.counter = custom_.Text("eclusa.counter");
    contract_.rows_per_part = custom_.Number("eclusa.rowsPerPart");
    contract_.max_file_bytes = custom_.Number("eclusa.maxFileBytes");
    if (custom_.Text("eclusa.onMissingReference") == "wait") {
      problems_.Add(*custom_.Find("eclusa.onMissingReference"), code::contract_waiting);
    }
  }

  void ReadColumns() {
    contract_.tenant_columns = custom_.Texts("eclusa.tenantColumns");
    contract_.version_column = custom_.Text("eclusa.versionColumn");
    contract_.operation_column = custom_.Text("eclusa.operationColumn");
    contract_.provenance_columns = custom_.Texts("eclusa.provenanceColumns");
    const YamlNode* provenance = custom_.Find("eclusa.provenanceColumns");
    if (provenance != nullptr && contract_.provenance_columns.size() != 2) {
      problems_.Add(*provenance, code::contract_value,
                    {{"word", "eclusa.provenanceColumns"},
                     {"value", ClipValue(YamlOnOneLine(*provenance))},
                     {"expected", "[load_id, row_number]"}});
    }
    for (const std::string& column : contract_.provenance_columns) {
      const Property* filled = contract_.FindByColumn(column);
      if (filled == nullptr) continue;
      problems_.Add(*provenance, code::contract_word_conflict,
                    {{"word", "eclusa.provenanceColumns: " + column},
                     {"other", "name: " + filled->QualifiedName()}});
    }
    if (custom_.Has("eclusa.versionColumn") && contract_.duplicates &&
        contract_.duplicates != Duplicates::kHighestVersion) {
      problems_.Add(*custom_.Find("eclusa.duplicates"), code::contract_word_conflict,
                    {{"word", "eclusa.duplicates: " + custom_.Text("eclusa.duplicates")},
                     {"other", "eclusa.versionColumn"}});
    }
  }

  void ReadDialect(const YamlNode& node) {
    const WordMap words = ReadWords(node, WordLevel::kDialect, problems_);
    Dialect& dialect = contract_.dialect;
    dialect.encoding = words.OptionalText("encoding");
    dialect.delimiter = CharacterOf(words, "delimiter");
    dialect.quote = CharacterOf(words, "quote");
    dialect.decimal = CharacterOf(words, "decimal");
    dialect.thousands = CharacterOf(words, "thousands");
    dialect.date_patterns = words.Texts("datePatterns");
    dialect.timestamp_patterns = words.Texts("timestampPatterns");
    dialect.null_markers = words.Texts("nullMarkers");
    dialect.true_values = words.Texts("trueValues");
    dialect.false_values = words.Texts("falseValues");
    dialect.portuguese_booleans = words.Text("booleans") == "pt";
    dialect.pivot_year = ReadPivotYear(words, "pivotYear", problems_);
    dialect.header = words.OptionalFlag("header");
    dialect.empty_is_null = words.OptionalFlag("emptyIsNull");
    dialect.row_bytes_max = words.Number("rowBytesMax");
    dialect.pointer = words.OptionalText("pointer");
    ReadFixedWidth(words);
    const std::string_view missing_pivot = words.Has("pivotYear") ? "" : "pivotYear";
    CheckDatePatterns(words, "datePatterns", missing_pivot, problems_);
    CheckDatePatterns(words, "timestampPatterns", missing_pivot, problems_);
    CheckDiffer(words, "delimiter", dialect.delimiter, "quote", dialect.quote);
    CheckDiffer(words, "decimal", dialect.decimal, "thousands", dialect.thousands);
    for (const std::string& text : dialect.true_values) {
      if (std::ranges::find(dialect.false_values, text) == dialect.false_values.end()) continue;
      problems_.Add(*words.Find("trueValues"), code::contract_word_conflict,
                    {{"word", "trueValues: " + ClipValue(text)}, {"other", "falseValues"}});
    }
  }

  // Words of fixed width, and those that have no meaning beside it.
  void ReadFixedWidth(const WordMap& words) {
    Dialect& dialect = contract_.dialect;
    dialect.header_lines = words.Number("headerLines");
    dialect.padding = CharacterOf(words, "padding");
    dialect.padding_side = ParsePaddingSide(words.Text("paddingSide"));
    dialect.line_length = words.Number("lineLength");
    if (words.Has("shortLines")) dialect.pad_short_lines = words.Text("shortLines") == "pad";
    const bool fixed = contract_.IsFixedWidth();
    for (const std::string_view word :
         {"headerLines", "padding", "paddingSide", "lineLength", "shortLines"}) {
      if (fixed || !words.Has(word)) continue;
      problems_.Add(*words.Find(word), code::contract_word_needs,
                    {{"word", std::string(word)}, {"other", "eclusa.offset"}});
    }
    for (const std::string_view word : {"delimiter", "quote", "header", "emptyIsNull"}) {
      if (!fixed || !words.Has(word)) continue;
      problems_.Add(*words.Find(word), code::contract_word_conflict,
                    {{"word", std::string(word)}, {"other", "eclusa.offset"}});
    }
  }

  // Fixed width: each property has a place, unless its value comes from elsewhere, and no two
  // share a character.
  const YamlNode& NodeOf(const Property& property) const {
    const YamlNode& list = *words_.Find("properties");
    for (const YamlNode& node : list.values) {
      const YamlNode* name = node.Find("name");
      if (name != nullptr && name->text == property.name) return node;
    }
    return list;
  }

  void CheckPlaces() {
    std::vector<size_t> order;
    for (size_t i = 0; i < contract_.properties.size(); ++i) {
      const Property& property = contract_.properties[i];
      if (property.offset) {
        order.push_back(i);
      } else if (!property.constant && !property.join && !property.default_value) {
        problems_.Add(NodeOf(property), code::contract_place_missing,
                      {{"property", ClipValue(property.name)}});
      }
    }
    std::ranges::stable_sort(order, {}, [&](size_t i) { return *contract_.properties[i].offset; });
    for (size_t k = 1; k < order.size(); ++k) {
      const Property& before = contract_.properties[order[k - 1]];
      const Property& property = contract_.properties[order[k]];
      if (before.width && *before.offset + *before.width <= *property.offset) continue;
      problems_.Add(NodeOf(property), code::contract_places_overlap,
                    {{"property", ClipValue(property.name)}, {"other", ClipValue(before.name)}});
    }
    const auto& length = contract_.dialect.line_length;
    if (!length || order.empty()) return;
    const Property& last = contract_.properties[order.back()];
    if (*last.offset + last.width.value_or(1) <= *length) return;
    problems_.Add(NodeOf(last), code::contract_place_outside,
                  {{"property", ClipValue(last.name)}, {"length", std::to_string(*length)}});
  }

  void CheckDiffer(const WordMap& words, std::string_view word, std::optional<char> value,
                   std::string_view other, std::optional<char> other_value) {
    if (!value || value != other_value) return;
    problems_.Add(*words.Find(word), code::contract_word_conflict,
                  {{"word", std::string(word)}, {"other", std::string(other)}});
  }

  void ReadMaxFailures(const YamlNode& node) {
    if (node.IsScalar()) {
      contract_.max_failures = ToleranceOf(node);
      return;
    }
    const WordMap words = ReadWords(node, WordLevel::kMaxFailures, problems_);
    if (words.Has("total")) contract_.max_failures = ToleranceOf(*words.Find("total"));
    if (words.Has("perFile")) contract_.max_failures_per_file = ToleranceOf(*words.Find("perFile"));
    const YamlNode* codes = words.Find("perCode");
    if (codes == nullptr) return;
    for (size_t i = 0; i < codes->keys.size(); ++i) {
      const std::string& name = codes->keys[i].text;
      if (FindCode(name) == nullptr) {
        problems_.Add(codes->keys[i], code::contract_code_unknown, {{"name", ClipValue(name)}});
        continue;
      }
      contract_.max_failures_by_code.emplace_back(name, ToleranceOf(codes->values[i]));
    }
    std::ranges::sort(contract_.max_failures_by_code, {},
                      [](const auto& entry) { return entry.first; });
  }

  Contract& contract_;
  Problems& problems_;
  WordMap words_;
  WordMap custom_;
};

void ReadDocument(const YamlNode& root, Contract& contract, Problems& problems) {
  WordMap words = ReadWords(root, WordLevel::kDocument, problems);
  if (root.kind != YamlNode::Kind::kMap) return;
  for (const std::string_view word : {"apiVersion", "kind", "id", "version", "status", "schema"}) {
    Require(words, WordLevel::kDocument, word, problems);
  }
  contract.id = words.Text("id");
  contract.name = words.Text("name");
  contract.version = words.Text("version");
  contract.status = words.Text("status");
  WordMap custom =
      ReadCustomWords(words.Find("customProperties"), root, WordLevel::kDocumentCustom, problems);
  for (WordMap* map : {&words, &custom}) {
    for (KeptWord& kept : map->kept()) contract.kept.push_back(std::move(kept));
  }
  std::ranges::stable_sort(contract.kept, {}, &KeptWord::word);
  const YamlNode* schema = words.Find("schema");
  if (schema == nullptr) return;
  if (schema->values.size() != 1) {
    problems.Add(*schema, code::contract_datasets,
                 {{"count", std::to_string(schema->values.size())}});
    return;
  }
  DatasetReader(schema->values[0], contract, problems).Read();
}

int64_t PlaceOf(const Error& error, std::string_view which) {
  for (const auto& [name, value] : error.arguments()) {
    if (name == which) return ReadWhole(value).value_or(0);
  }
  return 0;
}

// In the order of the document, whatever the order in which they were found.
void SortByPlace(std::vector<Error>& errors) {
  std::ranges::stable_sort(errors, {}, [](const Error& error) {
    return std::pair(PlaceOf(error, "line"), PlaceOf(error, "column"));
  });
}

}  // namespace

ParsedContract ParseContract(std::string_view text) {
  ParsedContract parsed;
  auto root = ReadYaml(text);
  if (!root.ok()) {
    parsed.errors.push_back(std::move(root).error());
    return parsed;
  }
  Contract contract;
  Problems problems;
  ReadDocument(*root, contract, problems);
  if (problems.any()) {
    parsed.errors_left_out = problems.left_out();
    parsed.errors = problems.TakeErrors();
    SortByPlace(parsed.errors);
    return parsed;
  }
  contract.digest = DigestOf(contract);
  parsed.contract = std::move(contract);
  return parsed;
}

Result<Contract> ParseContractOrFirstError(std::string_view text) {
  ParsedContract parsed = ParseContract(text);
  if (!parsed.errors.empty()) return std::move(parsed.errors.front());
  return *std::move(parsed.contract);
}

}  // namespace eclusa
