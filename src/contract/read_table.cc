#include "contract/read_table.h"

#include <algorithm>

#include "contract/names.h"
#include "contract/parse.h"
#include "contract/read_property.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using Path = std::vector<std::string>;

enum class Shape : uint8_t {
  kValue,   // one column
  kObject,  // names properties: columns of the same table
  kList,    // its items name properties: a table of its own
};

bool NamesProperties(const YamlNode* node) {
  const YamlNode* properties = node == nullptr ? nullptr : node->Find("properties");
  return properties != nullptr && properties->kind != YamlNode::Kind::kNull;
}

Shape ShapeOf(const YamlNode& node) {
  if (NamesProperties(&node)) return Shape::kObject;
  return NamesProperties(node.Find("items")) ? Shape::kList : Shape::kValue;
}

// False for an object that holds nothing but lists, at any depth.
bool HoldsColumns(const YamlNode& node) {
  const Shape shape = ShapeOf(node);
  if (shape != Shape::kObject) return shape == Shape::kValue;
  return std::ranges::any_of(node.Find("properties")->values, HoldsColumns);
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

void Conflict(const YamlNode& at, std::string word, std::string_view other, Problems& problems) {
  problems.Add(at, code::contract_word_conflict,
               {{"word", std::move(word)}, {"other", std::string(other)}});
}

// Words of one column mean nothing on what is none; `false` asks for nothing.
void RefuseColumnWords(const WordMap& words, const WordMap& custom, std::string_view other,
                       Problems& problems) {
  for (const std::string_view word : {"required", "unique", "primaryKey"}) {
    if (words.Flag(word)) Conflict(*words.Find(word), std::string(word), other, problems);
  }
  for (const std::string_view word : {"physicalName", "quality"}) {
    if (words.Has(word)) Conflict(*words.Find(word), std::string(word), other, problems);
  }
  const YamlNode* options = words.Find("logicalTypeOptions");
  if (options != nullptr) {
    ReadWords(*options, WordLevel::kTypeOptions, problems);
    for (const YamlNode& key : options->keys) {
      const Word* word = FindWord(WordLevel::kTypeOptions, key.text);
      if (word != nullptr && word->use != WordUse::kRefused) {
        Conflict(key, "logicalTypeOptions." + key.text, other, problems);
      }
    }
  }
  for (const Word& word : Words()) {
    if (word.level != WordLevel::kPropertyCustom || !custom.Has(word.name)) continue;
    Conflict(*custom.Find(word.name), std::string(word.name), other, problems);
  }
}

// What eclusa does not use of an object or a list; what the two call their type is of no column.
std::vector<KeptWord> TakeKept(WordMap& words, WordMap& custom) {
  std::vector<KeptWord> kept;
  for (WordMap* map : {&words, &custom}) {
    for (KeptWord& word : map->kept()) kept.push_back(std::move(word));
  }
  if (words.Has("physicalType")) {
    kept.push_back({"physicalType", YamlOnOneLine(*words.Find("physicalType"))});
  }
  std::ranges::stable_sort(kept, {}, &KeptWord::word);
  return kept;
}

}  // namespace

// One table being read.
class TableReader::Table {
 public:
  Table(TableReader& reader, const TablePlace& place, Contract& table)
      : reader_(reader), problems_(reader.problems_), place_(place), table_(table) {}

  void Read(const YamlNode& list) {
    ReadLevel(list, {});
    NumberKey(list);
    const std::vector<std::string> key = table_.KeyColumns();
    for (const auto& [index, node] : lists_) MatchParentKey(table_.children[index], key, *node);
  }

  bool Knows(const std::string& property) const { return names_.contains(property); }

 private:
  // Columns in the order of the document, then lists: the order in which they are written too.
  void ReadLevel(const YamlNode& list, const Path& inside) {
    for (const YamlNode& node : list.values) {
      const Shape shape = ShapeOf(node);
      if (shape == Shape::kValue) ReadColumn(node, inside);
      if (shape == Shape::kObject && HoldsColumns(node)) ReadObject(node, inside);
    }
    for (const YamlNode& node : list.values) {
      const Shape shape = ShapeOf(node);
      if (shape == Shape::kList) ReadList(node, inside);
      if (shape == Shape::kObject && !HoldsColumns(node)) ReadObject(node, inside);
    }
  }

  // False: the name stands there already.
  bool TakeName(const YamlNode& node, const std::string& name) {
    if (taken_.insert(name).second) return true;
    problems_.Add(node, code::contract_property_twice, {{"property", ClipValue(name)}});
    return false;
  }

  void ReadColumn(const YamlNode& node, const Path& inside) {
    auto property =
        ReadProperty(node, {inside, reader_.dialect_has_pivot_}, table_.set_rules, problems_);
    if (!property) return;
    names_.insert(property->QualifiedName());
    if (TakeName(node, property->QualifiedName()) && !columns_.insert(property->column).second) {
      problems_.Add(node, code::contract_column_twice,
                    {{"property", ClipValue(property->QualifiedName())},
                     {"target", ClipValue(property->column)}});
    }
    property->order = static_cast<int>(table_.properties.size()) + 1;
    table_.properties.push_back(*std::move(property));
  }

  // The words of an object or a list; `type` is what it must be called for its properties to count.
  WordMap ReadNested(const YamlNode& node, std::string_view word, std::string_view type) {
    WordMap words = ReadWords(node, WordLevel::kProperty, problems_);
    Require(words, WordLevel::kProperty, "name", problems_);
    Require(words, WordLevel::kProperty, "logicalType", problems_);
    if (words.Has("logicalType")) {
      Needs(words, word, words.Text("logicalType") == type, "logicalType: " + std::string(type),
            problems_);
    }
    return words;
  }

  void ReadObject(const YamlNode& node, const Path& inside) {
    WordMap words = ReadNested(node, "properties", "object");
    WordMap custom = ReadCustomWords(words.Find("customProperties"), node,
                                     WordLevel::kPropertyCustom, problems_);
    RefuseColumnWords(words, custom, "properties", problems_);
    if (words.Has("items")) Conflict(*words.Find("items"), "items", "properties", problems_);
    if (words.Text("name").empty()) return;
    if (inside.size() == static_cast<size_t>(kContractObjectsDeep)) {
      problems_.Add(node, code::contract_too_deep,
                    {{"limit", std::to_string(kContractObjectsDeep)}});
      return;
    }
    Path path = inside;
    path.push_back(words.Text("name"));
    TakeName(node, QualifiedName(inside, path.back()));
    FlattenedObject object{path, words.Text("description"), TakeKept(words, custom)};
    if (!object.description.empty() || !object.kept.empty()) table_.objects.push_back(object);
    const YamlNode* properties = FindProperties(words);
    if (properties != nullptr) ReadLevel(*properties, path);
  }

  // Null: none that can be read, which has been reported.
  const YamlNode* FindProperties(const WordMap& words) {
    const YamlNode* properties = words.Find("properties");
    if (properties == nullptr || !properties->values.empty()) return properties;
    problems_.Add(*properties, code::contract_value,
                  {{"word", "properties"}, {"value", "[]"}, {"expected", "[{...}, {...}]"}});
    return nullptr;
  }

  void ReadList(const YamlNode& node, const Path& inside) {
    WordMap words = ReadNested(node, "items", "array");
    ChildDataset child;
    child.line = node.line;
    child.name = words.Text("name");
    child.inside = inside;
    ReadListWords(node, words, child);
    if (!child.name.empty()) TakeName(node, child.QualifiedName());
    const YamlNode* items = words.Find("items");
    if (items == nullptr) return;
    if (place_.level == kContractTablesDeep) {
      problems_.Add(node, code::contract_too_many_tables,
                    {{"property", ClipValue(child.QualifiedName())},
                     {"limit", std::to_string(kContractTablesDeep)}});
      return;
    }
    ReadItems(*items, child);
    lists_.emplace_back(table_.children.size(), &node);
    table_.children.push_back(std::move(child));
  }

  // Of the array itself.
  void ReadListWords(const YamlNode& node, WordMap& words, ChildDataset& child) {
    WordMap custom = ReadCustomWords(words.Find("customProperties"), node,
                                     WordLevel::kPropertyCustom, problems_);
    child.from = custom.Texts("eclusa.from");
    child.required = words.Flag("required");
    custom.Forget("eclusa.from");
    words.Forget("required");
    if (const YamlNode* table = words.Find("physicalName"); table != nullptr) {
      problems_.Add(*table, code::contract_word_misplaced,
                    {{"word", "physicalName"},
                     {"where", std::string(LevelPath(WordLevel::kProperty))},
                     {"place", std::string(LevelPath(WordLevel::kItems))}});
      words.Forget("physicalName");
    }
    RefuseColumnWords(words, custom, "items.properties", problems_);
    child.kept = TakeKept(words, custom);
    child.dataset.description = words.Text("description");
  }

  void ReadItems(const YamlNode& items, ChildDataset& child) {
    WordMap words = ReadWords(items, WordLevel::kItems, problems_);
    WordMap custom =
        ReadCustomWords(words.Find("customProperties"), items, WordLevel::kItemsCustom, problems_);
    Require(words, WordLevel::kItems, "logicalType", problems_);
    if (words.Has("logicalType")) {
      Needs(words, "properties", words.Text("logicalType") == "object", "logicalType: object",
            problems_);
    }
    Contract& dataset = child.dataset;
    dataset.dataset = child.name;
    dataset.status.clear();
    dataset.target = ReadTarget(words, child.name, problems_).value_or(TableName{"", child.name});
    ReadParentColumns(custom, child);
    if (custom.Text("eclusa.children") == "replace") child.list = ListMeans::kReplaces;
    if (custom.Text("eclusa.onChildFailure") == "itself") child.failure = ChildFailure::kItself;
    reader_.Read(words, {place_.level + 1, child.parent_columns}, dataset);
    for (WordMap* map : {&words, &custom}) {
      for (KeptWord& word : map->kept()) dataset.dataset_kept.push_back(std::move(word));
    }
    std::ranges::stable_sort(dataset.dataset_kept, {}, &KeptWord::word);
    if (words.Has("properties") && dataset.KeyColumns().empty()) {
      problems_.Add(items, code::contract_list_key,
                    {{"property", ClipValue(child.QualifiedName())}});
    }
    const std::set<std::string> filled(child.parent_columns.begin(), child.parent_columns.end());
    for (const Property& property : dataset.properties) {
      if (!filled.contains(property.column)) continue;
      Conflict(*custom.Find("eclusa.parentColumns"),
               "eclusa.parentColumns: " + ClipValue(property.column),
               "name: " + ClipValue(property.QualifiedName()), problems_);
    }
  }

  void ReadParentColumns(const WordMap& custom, ChildDataset& child) {
    constexpr std::string_view kWord = "eclusa.parentColumns";
    Require(custom, WordLevel::kItemsCustom, kWord, problems_);
    std::set<std::string> seen;
    for (const std::string& column : custom.Texts(kWord)) {
      if (seen.insert(column).second) {
        child.parent_columns.push_back(column);
      } else {
        problems_.Add(*custom.Find(kWord), code::contract_word_twice,
                      {{"word", ClipValue(column)}});
      }
    }
  }

  // Which columns of this table the list's parent columns hold.
  void MatchParentKey(ChildDataset& child, const std::vector<std::string>& key,
                      const YamlNode& node) {
    std::vector<std::string> whole = place_.parent_columns;
    whole.insert(whole.end(), key.begin(), key.end());
    const size_t given = child.parent_columns.size();
    if (key.empty()) {
      // A list without a key has been reported itself.
      if (place_.level > 1) return;
      problems_.Add(node, code::contract_parent_key,
                    {{"property", ClipValue(child.QualifiedName())}, {"dataset", table_.dataset}});
    } else if (given == key.size()) {
      child.parent_key = key;
    } else if (given == whole.size()) {
      child.parent_key = std::move(whole);
    } else if (given > 0) {
      problems_.Add(node, code::contract_parent_columns,
                    {{"property", ClipValue(child.QualifiedName())},
                     {"columns", Joined(child.parent_columns)},
                     {"dataset", table_.dataset},
                     {"key", Joined(key)}});
    }
  }

  // Positions are 1 to n, each once; none written at all: the order of the document.
  void NumberKey(const YamlNode& list) {
    std::vector<int> given;
    int written = 0;
    for (const Property& property : table_.properties) {
      if (property.key_position == 0) continue;
      given.push_back(property.key_position);
      if (property.key_position != kPositionNotGiven) ++written;
    }
    if (written == 0) {
      int next = 0;
      for (Property& property : table_.properties) {
        if (property.key_position != 0) property.key_position = ++next;
      }
      if (next > kKeyColumnsMax) problems_.Add(list, code::contract_key_numbers);
      return;
    }
    std::ranges::sort(given);
    for (size_t i = 0; i < given.size(); ++i) {
      if (given[i] == static_cast<int>(i) + 1) continue;
      problems_.Add(list, code::contract_key_numbers);
      return;
    }
  }

  TableReader& reader_;
  Problems& problems_;
  const TablePlace& place_;
  Contract& table_;
  std::set<std::string> taken_;    // qualified names of properties, objects and lists
  std::set<std::string> names_;    // of properties alone
  std::set<std::string> columns_;  // of the target
  std::vector<std::pair<size_t, const YamlNode*>> lists_;
};

void TableReader::Read(const WordMap& words, const TablePlace& place, Contract& table) {
  const YamlNode* list = words.Find("properties");
  if (!targets_.emplace(table.target.schema, table.target.name).second) {
    problems_.Add(words.at(), code::contract_table_twice,
                  {{"table", ClipValue(WriteTableName(table.target))}});
  }
  Table reader(*this, place, table);
  if (list != nullptr) reader.Read(*list);
  const YamlNode* quality = words.Find("quality");
  if (quality == nullptr) return;
  ReadDatasetQuality(*quality, table.set_rules, table.dataset_kept, problems_);
  for (const SetRule& rule : table.set_rules) {
    for (const std::string& name : rule.properties) {
      if (reader.Knows(name)) continue;
      problems_.Add(*quality, code::contract_property_unknown,
                    {{"word", "duplicateValues"}, {"property", ClipValue(name)}});
    }
  }
}

std::optional<TableName> ReadTarget(const WordMap& words, const std::string& name,
                                    Problems& problems) {
  const YamlNode* physical = words.Find("physicalName");
  if (physical == nullptr) return TableName{"", name};
  auto target = ReadTableName(physical->text);
  if (!target) {
    problems.Add(*physical, code::contract_table_name, {{"table", ClipValue(physical->text)}});
  }
  return target;
}

}  // namespace eclusa
