#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "contract/derive.h"
#include "contract/derive_table.h"
#include "contract/write.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// What a declared width or precision is called in PostgreSQL; empty: nothing is declared.
std::string PhysicalTypeOf(const ColumnSample& column) {
  if (!column.from_schema) return column.type == SampledType::kUuid ? "uuid" : std::string();
  switch (column.type) {
    case SampledType::kInteger:
    case SampledType::kNumber:
      if (column.precision > 0)
        return fmt::format("numeric({},{})", column.precision, column.scale);
      if (column.type == SampledType::kNumber)
        return column.bits == 32 ? "real" : "double precision";
      if (column.bits == 16) return "smallint";
      return column.bits == 32 ? "integer" : "bigint";
    case SampledType::kTimestamp:
      return "timestamp without time zone";
    case SampledType::kTimestamptz:
      return "timestamp with time zone";
    case SampledType::kUuid:
      return "uuid";
    case SampledType::kBinary:
      return "bytea";
    default:
      return {};
  }
}

LogicalType LogicalTypeOf(SampledType type) {
  switch (type) {
    case SampledType::kBoolean:
      return LogicalType::kBoolean;
    case SampledType::kInteger:
      return LogicalType::kInteger;
    case SampledType::kNumber:
      return LogicalType::kNumber;
    case SampledType::kDate:
      return LogicalType::kDate;
    case SampledType::kTime:
      return LogicalType::kTime;
    case SampledType::kTimestamp:
    case SampledType::kTimestamptz:
      return LogicalType::kTimestamp;
    case SampledType::kList:
      return LogicalType::kArray;
    default:
      return LogicalType::kString;
  }
}

Property PropertyOf(const ColumnSample& column, int key_position) {
  Property property;
  property.name = column.name;
  property.column = column.name;
  property.logical_type = LogicalTypeOf(column.type);
  property.physical_type_name = PhysicalTypeOf(column);
  // Only values have shown a zone: the type that keeps it must be asked for.
  if (column.type == SampledType::kTimestamptz) {
    property.physical_type_name = "timestamp with time zone";
  }
  property.physical_type = ParseTypeName(property.physical_type_name);
  if (column.type == SampledType::kList) property.item_type = LogicalTypeOf(column.item);
  if (!column.date_pattern.empty()) property.date_patterns = {column.date_pattern};
  property.key_position = key_position;
  property.required = key_position > 0;
  return property;
}

void AddNote(std::vector<Error>& notes, std::string_view code, const std::string& column) {
  notes.emplace_back(ErrorKind::kInvalid, code, ErrorArguments{{"column", column}});
}

// The list that stands deeper than tables do; empty: none around the column does.
std::string TooDeepList(const ColumnSample& column) {
  std::string path;
  int tables = 1;
  for (const SampledStep& step : column.inside) {
    path += (path.empty() ? "" : ".") + step.name;
    if (step.list && ++tables > kContractTablesDeep) return path;
  }
  return {};
}

std::vector<Error> NotesOf(const FileSample& sample) {
  std::vector<Error> notes;
  notes.emplace_back(ErrorKind::kInvalid,
                     sample.whole ? code::contract_sample_whole : code::contract_sample_rows,
                     ErrorArguments{{"file", sample.file}, {"rows", std::to_string(sample.rows)}});
  std::string too_deep;
  for (const ColumnSample& column : sample.columns) {
    const std::string name = column.QualifiedName();
    if (const std::string list = TooDeepList(column); !list.empty()) {
      if (list != too_deep) AddNote(notes, code::contract_sample_nested, list);
      too_deep = list;
      continue;
    }
    if (column.type == SampledType::kNested) AddNote(notes, code::contract_sample_nested, name);
    if (column.type == SampledType::kUnknown) AddNote(notes, code::contract_sample_nulls, name);
    if (column.ambiguous_date) AddNote(notes, code::contract_sample_date, name);
    if (column.ambiguous_number) AddNote(notes, code::contract_sample_number, name);
  }
  return notes;
}

bool HasColumn(const Contract& table, const std::string& column) {
  return std::ranges::find(table.properties, column, &Property::column) != table.properties.end();
}

// "contatos.emails.": the way to the table that the column is of; empty: the root.
std::string ListOf(const ColumnSample& column) {
  std::string path;
  std::string list;
  for (const SampledStep& step : column.inside) {
    path += step.name + ".";
    if (step.list) list = path;
  }
  return list;
}

// A document, column by column.
class SampledTables {
 public:
  // `key`: the columns that rows are found by, of all tables.
  SampledTables(Contract& root, std::vector<const ColumnSample*> key)
      : root_(root), key_(std::move(key)) {}

  void Add(const ColumnSample& column) {
    Contract* table = &root_;
    std::vector<std::string> inside;
    for (const SampledStep& step : column.inside) {
      if (!step.list) {
        inside.push_back(step.name);
        continue;
      }
      table = &ListIn(*table, step.name, inside).dataset;
      inside.clear();
    }
    std::vector<std::string> own;  // the part of the key that is of this table
    for (const ColumnSample* const part : key_) {
      if (ListOf(*part) == ListOf(column)) own.push_back(part->QualifiedName());
    }
    Property property = PropertyOf(column, KeyPosition(own, column.QualifiedName()));
    property.inside = std::move(inside);
    property.order = static_cast<int>(table->properties.size()) + 1;
    table->properties.push_back(std::move(property));
  }

  // When all columns are there: no two of a table in one column of the target, and what the lists
  // hang on. What there is to say of these goes to `notes`.
  void Finish(std::vector<Error>& notes) const { Finish(root_, "", notes); }

 private:
  // Members of objects give way to what stands outside of them.
  static void NameColumns(Contract& table) {
    std::vector<Property*> outer_first;
    for (Property& property : table.properties) outer_first.push_back(&property);
    std::ranges::stable_sort(outer_first, {},
                             [](const Property* property) { return property->inside.size(); });
    std::set<std::string> taken;
    for (Property* const property : outer_first) {
      size_t up = property->inside.size();
      while (!taken.insert(property->column).second) {
        property->column = (up > 0 ? property->inside[--up] : "") + "_" + property->column;
      }
    }
  }

  static void Finish(Contract& table, const std::string& list, std::vector<Error>& notes) {
    NameColumns(table);
    for (ChildDataset& child : table.children) {
      child.parent_key = table.KeyColumns();
      std::vector<std::string> keys = child.parent_key;
      if (keys.empty()) keys = {"id"};
      std::string columns;
      for (const std::string& key : keys) {
        std::string column = table.dataset + "_" + key;
        while (HasColumn(child.dataset, column)) column += "_";
        columns += (columns.empty() ? "" : ", ") + column;
        child.parent_columns.push_back(std::move(column));
      }
      const std::string name = list + child.QualifiedName();
      notes.emplace_back(
          ErrorKind::kInvalid, code::contract_sample_list,
          ErrorArguments{
              {"column", name}, {"table", child.dataset.target.name}, {"columns", columns}});
      Finish(child.dataset, name + ".", notes);
    }
  }

  ChildDataset& ListIn(Contract& table, const std::string& name,
                       const std::vector<std::string>& inside) {
    for (ChildDataset& child : table.children) {
      if (child.name == name && child.inside == inside) return child;
    }
    ChildDataset& child = table.children.emplace_back();
    child.name = name;
    child.inside = inside;
    child.dataset.dataset = name;
    child.dataset.status.clear();
    std::string target = name;
    if (tables_.contains(target)) target = table.dataset + "_" + name;
    while (!tables_.insert(target).second) target += "_";
    child.dataset.target = {"", target};
    return child;
  }

  Contract& root_;
  std::set<std::string> tables_{root_.target.name};
  const std::vector<const ColumnSample*> key_;
};

}  // namespace

Result<SampledContract> DeriveFromSample(const FileSample& sample, const std::string& dataset,
                                         const std::vector<std::string>& key) {
  SampledContract sampled{DraftContract(dataset), NotesOf(sample)};
  Contract& contract = sampled.contract;
  contract.target = {"", dataset};
  contract.dialect = sample.dialect;
  std::string known;
  for (const ColumnSample& column : sample.columns) {
    known += (known.empty() ? "" : ", ") + column.QualifiedName();
  }
  std::vector<const ColumnSample*> key_columns;
  for (const std::string& name : key) {
    const auto found = std::ranges::find_if(sample.columns, [&](const ColumnSample& column) {
      return column.QualifiedName() == name && column.type != SampledType::kNested &&
             TooDeepList(column).empty();
    });
    if (found == sample.columns.end()) return UnknownKey(name, sample.file, known);
    key_columns.push_back(&*found);
  }
  SampledTables tables(contract, std::move(key_columns));
  for (const ColumnSample& column : sample.columns) {
    if (column.type != SampledType::kNested && TooDeepList(column).empty()) tables.Add(column);
  }
  tables.Finish(sampled.notes);
  contract.digest = DigestOf(contract);
  return sampled;
}

}  // namespace eclusa
