#include "contract/derive.h"

#include <fmt/format.h>

#include <algorithm>

#include "contract/derive_table.h"
#include "contract/names.h"
#include "contract/write.h"
#include "contract/yaml.h"
#include "model/codes.h"

namespace eclusa {
namespace {

template <class Range, class Project>
std::string Join(const Range& range, Project project) {
  std::string out;
  for (const auto& item : range) out += (out.empty() ? "" : ", ") + project(item);
  return out;
}

void AddLimits(const PgType& type, Property& property) {
  if ((type.kind == TypeKind::kVarchar || type.kind == TypeKind::kBpchar) && type.length_max > 0) {
    Rule rule;
    rule.kind = Rule::Kind::kMaxLength;
    rule.text = std::to_string(type.length_max);
    property.rules.push_back(std::move(rule));
  }
  if (type.kind == TypeKind::kEnum) {
    Rule rule;
    rule.kind = Rule::Kind::kInList;
    rule.list = type.enum_labels;
    property.rules.push_back(std::move(rule));
  }
}

Property PropertyOf(const ColumnDescription& column, int key_position) {
  Property property;
  property.name = column.name;
  property.column = column.name;
  property.description = column.comment;
  property.physical_type_name = column.type.name;
  property.physical_type = column.type;
  property.logical_type = LogicalTypeOf(column.type);
  if (column.type.element) property.item_type = LogicalTypeOf(*column.type.element);
  const bool not_null = column.not_null || (column.type.domain && column.type.domain->not_null);
  property.required = not_null && !column.has_default && column.identity == Identity::kNone;
  property.key_position = key_position;
  AddLimits(column.type, property);
  return property;
}

// "customers.id": ODCS names the other end by table and column.
std::string EndOf(const TableName& table, const std::string& column) {
  return YamlScalar(table.name + "." + column);
}

void AddReference(const TableDescription& table, const ForeignKey& reference, Contract& contract) {
  const auto own = [&](int column) { return table.columns[static_cast<size_t>(column)].name; };
  if (reference.columns.size() == 1) {
    const std::string column = own(reference.columns[0]);
    const auto property = std::ranges::find(contract.properties, column, &Property::column);
    if (property == contract.properties.end()) return;
    const std::string entry = fmt::format("{{to: {}, type: foreignKey}}",
                                          EndOf(reference.other, reference.other_columns[0]));
    const auto kept = std::ranges::find(property->kept, "relationships", &KeptWord::word);
    if (kept == property->kept.end()) {
      property->kept.push_back({"relationships", "[" + entry + "]"});
    } else {
      kept->yaml.insert(kept->yaml.size() - 1, ", " + entry);
    }
    return;
  }
  const std::string from =
      Join(reference.columns, [&](int column) { return EndOf(table.name, own(column)); });
  const std::string to = Join(reference.other_columns, [&](const std::string& column) {
    return EndOf(reference.other, column);
  });
  const std::string entry = fmt::format("{{from: [{}], to: [{}], type: foreignKey}}", from, to);
  if (contract.dataset_kept.empty()) {
    contract.dataset_kept.push_back({"relationships", "[" + entry + "]"});
  } else {
    std::string& yaml = contract.dataset_kept.front().yaml;
    yaml.insert(yaml.size() - 1, ", " + entry);
  }
}

}  // namespace

Contract DraftContract(const std::string& dataset) {
  Contract contract;
  contract.id = "urn:eclusa:" + dataset;
  contract.name = dataset;
  contract.dataset = dataset;
  contract.version = "1.0.0";
  contract.status = "draft";
  contract.derived = true;
  return contract;
}

int KeyPosition(const std::vector<std::string>& key, const std::string& column) {
  const auto found = std::ranges::find(key, column);
  return found == key.end() ? 0 : static_cast<int>(found - key.begin()) + 1;
}

Error UnknownKey(const std::string& column, const std::string& table, std::string columns) {
  return Error(ErrorKind::kInvalid, code::contract_key_unknown,
               {{"column", column}, {"table", table}, {"columns", std::move(columns)}});
}

LogicalType LogicalTypeOf(const PgType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return LogicalType::kBoolean;
    case TypeKind::kInt2:
    case TypeKind::kInt4:
    case TypeKind::kInt8:
      return LogicalType::kInteger;
    case TypeKind::kFloat4:
    case TypeKind::kFloat8:
    case TypeKind::kNumeric:
      return LogicalType::kNumber;
    case TypeKind::kDate:
      return LogicalType::kDate;
    case TypeKind::kTime:
      return LogicalType::kTime;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      return LogicalType::kTimestamp;
    case TypeKind::kArray:
      return LogicalType::kArray;
    default:
      return LogicalType::kString;
  }
}

std::vector<std::string> PrimaryKeyOf(const TableDescription& table) {
  std::vector<std::string> key;
  const UniqueKey* primary = table.PrimaryKey();
  if (primary == nullptr) return key;
  for (const int column : primary->columns) {
    key.push_back(table.columns[static_cast<size_t>(column)].name);
  }
  return key;
}

void DeriveTable(const TableDescription& table, const DerivedPart& part, Contract& contract) {
  contract.target = table.name;
  contract.description = table.comment;
  for (const ColumnDescription& column : table.columns) {
    const int position = KeyPosition(part.key, column.name);
    if (column.generated || (column.identity == Identity::kAlways && position == 0)) continue;
    if (std::ranges::find(part.filled, column.name) != part.filled.end()) continue;
    contract.properties.push_back(PropertyOf(column, position));
    contract.properties.back().order = static_cast<int>(contract.properties.size());
  }
  for (const ForeignKey& reference : table.references) {
    if (part.tie.empty() || reference.name != part.tie) AddReference(table, reference, contract);
  }
}

Result<Contract> DeriveFromTable(const TableDescription& table,
                                 const std::vector<std::string>& key) {
  Contract contract = DraftContract(table.name.name);
  const std::vector<std::string> columns = key.empty() ? PrimaryKeyOf(table) : key;
  for (const std::string& column : columns) {
    const ColumnDescription* found = table.Find(column);
    if (found != nullptr && !found->generated) continue;
    return UnknownKey(column, table.name.Display(),
                      Join(table.columns, [](const ColumnDescription& c) { return c.name; }));
  }
  DeriveTable(table, {.key = columns, .filled = {}, .tie = {}}, contract);
  contract.digest = DigestOf(contract);
  return contract;
}

}  // namespace eclusa
