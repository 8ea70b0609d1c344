#include "contract/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "contract/names.h"
#include "model/codes.h"

namespace eclusa {
namespace {

enum class TypeFit : uint8_t {
  kFits,
  kSometimes,  // some values of the contract's type have no place in the column
  kNever,
};

TypeFit FitOf(LogicalType logical, TypeKind kind) {
  const bool text = IsTextKind(kind);
  const bool json = kind == TypeKind::kJson || kind == TypeKind::kJsonb;
  const bool whole = kind == TypeKind::kInt2 || kind == TypeKind::kInt4 || kind == TypeKind::kInt8;
  const bool fraction =
      kind == TypeKind::kNumeric || kind == TypeKind::kFloat4 || kind == TypeKind::kFloat8;
  const auto first = [](bool fits, bool sometimes) {
    return fits ? TypeFit::kFits : sometimes ? TypeFit::kSometimes : TypeFit::kNever;
  };
  switch (logical) {
    case LogicalType::kString:
      // What a column of another type makes of a text is decided value by value.
      return first(text || kind == TypeKind::kBytea || kind == TypeKind::kUuid ||
                       kind == TypeKind::kInet || kind == TypeKind::kCidr ||
                       kind == TypeKind::kInterval,
                   kind != TypeKind::kArray);
    case LogicalType::kInteger:
      return first(whole || fraction || text, false);
    case LogicalType::kNumber:
      return first(fraction || text, whole);
    case LogicalType::kBoolean:
      return first(kind == TypeKind::kBoolean || whole || text, kind == TypeKind::kNumeric);
    case LogicalType::kDate:
      return first(kind == TypeKind::kDate || kind == TypeKind::kTimestamp ||
                       kind == TypeKind::kTimestamptz || text,
                   false);
    case LogicalType::kTimestamp:
      return first(kind == TypeKind::kTimestamp || kind == TypeKind::kTimestamptz || text,
                   kind == TypeKind::kDate);
    case LogicalType::kTime:
      return first(kind == TypeKind::kTime || kind == TypeKind::kInterval || text, false);
    case LogicalType::kArray:
      return first(kind == TypeKind::kArray, false);
    case LogicalType::kObject:
      // Its JSON text.
      return first(json || text, false);
  }
  return TypeFit::kNever;
}

// How many bits an integer has; 0: not an integer.
int Bits(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInt2:
      return 16;
    case TypeKind::kInt4:
      return 32;
    case TypeKind::kInt8:
      return 64;
    default:
      return 0;
  }
}

// The characters that the contract allows; nothing: it does not say.
std::optional<int64_t> LengthOf(const Property& property) {
  std::optional<int64_t> length;
  const auto tighten = [&](int64_t limit) { length = std::min(length.value_or(limit), limit); };
  if (property.physical_type && property.physical_type->length_max > 0) {
    tighten(property.physical_type->length_max);
  }
  for (const Rule& rule : property.rules) {
    if (rule.kind == Rule::Kind::kMaxLength) tighten(std::stoll(rule.text));
  }
  return length;
}

class Comparison {
 public:
  // `filled`: columns that do not come from the file and that the match includes.
  Comparison(const Contract& contract, const TableDescription& table, Mode mode,
             std::vector<std::string> key, std::vector<std::string> filled)
      : contract_(contract),
        table_(table),
        mode_(mode),
        key_(key.empty() ? contract.KeyColumns() : std::move(key)),
        filled_(std::move(filled)) {}

  std::vector<Drift> Run() {
    for (const Property& property : contract_.properties) CompareProperty(property);
    CompareNamedColumns();
    CompareUncovered();
    CompareKey();
    return std::move(drifts_);
  }

 private:
  void Add(std::string_view code, bool fatal, ErrorArguments arguments) {
    arguments.emplace_back("table", table_.name.Display());
    drifts_.push_back({Error(ErrorKind::kInvalid, code, std::move(arguments)), fatal});
  }

  void CompareProperty(const Property& property) {
    const ColumnDescription* column = table_.Find(property.column);
    if (column == nullptr) {
      // Says where the file tells what to do with a row: no column of the target.
      if (contract_.IsOperation(property)) return;
      Add(code::contract_drift_column_missing, true,
          {{"column", property.column}, {"property", property.name}});
      return;
    }
    if (column->generated) {
      Add(code::contract_drift_generated, true, {{"column", column->name}});
      return;
    }
    if (column->identity == Identity::kAlways && mode_ != Mode::kDelete) {
      // A key is needed to find rows even where the database numbers the new ones.
      Add(code::contract_drift_identity, property.key_position == 0, {{"column", column->name}});
    }
    CompareType(property, *column);
    CompareLimits(property, *column);
    CompareNull(property, *column);
    CompareLists(property, *column);
  }

  void CompareType(const Property& property, const ColumnDescription& column) {
    // A list of objects that is one value is JSON text as an object is.
    const LogicalType logical =
        property.item_type == LogicalType::kObject ? LogicalType::kObject : property.logical_type;
    TypeFit fit = FitOf(logical, column.type.kind);
    if (fit == TypeFit::kFits && property.item_type && column.type.element) {
      fit = FitOf(*property.item_type, column.type.element->kind);
    }
    const PgType* written = property.physical_type ? &*property.physical_type : nullptr;
    const bool wider_integer = written != nullptr && Bits(written->kind) > Bits(column.type.kind) &&
                               Bits(column.type.kind) > 0;
    const bool other_type =
        written != nullptr && written->kind != column.type.kind && !wider_integer;
    if (fit == TypeFit::kFits && !other_type) return;
    std::string expected(Name(property.logical_type));
    if (!property.physical_type_name.empty()) expected += " (" + property.physical_type_name + ")";
    Add(code::contract_drift_type, fit == TypeFit::kNever,
        {{"column", column.name}, {"expected", std::move(expected)}, {"found", column.type.name}});
  }

  void AddWider(const ColumnDescription& column, std::string expected, std::string found) {
    Add(code::contract_drift_wider, false,
        {{"column", column.name}, {"expected", std::move(expected)}, {"found", std::move(found)}});
  }

  void CompareLimits(const Property& property, const ColumnDescription& column) {
    const PgType& type = column.type;
    const auto length = LengthOf(property);
    if (length && type.length_max > 0 && *length > type.length_max) {
      AddWider(column, std::to_string(*length), std::to_string(type.length_max));
    }
    if (!property.physical_type) return;
    const PgType& written = *property.physical_type;
    const bool both_numeric =
        written.kind == TypeKind::kNumeric && type.kind == TypeKind::kNumeric && type.precision > 0;
    const bool wider_numeric =
        both_numeric && (written.precision < 0 || written.scale > type.scale ||
                         written.precision - written.scale > type.precision - type.scale);
    const bool wider_integer = Bits(written.kind) > Bits(type.kind) && Bits(type.kind) > 0;
    const bool wider_fraction =
        written.kind == type.kind && written.fraction_max > type.fraction_max;
    if (wider_numeric || wider_integer || wider_fraction) AddWider(column, written.name, type.name);
  }

  void CompareNull(const Property& property, const ColumnDescription& column) {
    const bool not_null = column.not_null || (column.type.domain && column.type.domain->not_null);
    const bool filled = property.required || property.constant || property.default_value ||
                        property.key_position > 0 || column.has_default ||
                        column.identity != Identity::kNone;
    if (!not_null || filled || mode_ == Mode::kDelete) return;
    Add(code::contract_drift_optional, false, {{"column", column.name}});
  }

  void CompareLists(const Property& property, const ColumnDescription& column) {
    if (column.type.kind != TypeKind::kEnum) return;
    std::string strange;
    for (const Rule& rule : property.rules) {
      if (rule.kind != Rule::Kind::kInList) continue;
      for (const std::string& value : rule.list) {
        const auto& labels = column.type.enum_labels;
        if (std::ranges::find(labels, value) != labels.end()) continue;
        strange += (strange.empty() ? "" : ", ") + value;
      }
    }
    if (!strange.empty()) {
      Add(code::contract_drift_list, false, {{"column", column.name}, {"values", strange}});
    }
  }

  // The load's id and the row's number are bigint.
  static bool TakesNumbers(const ColumnDescription& column) {
    return column.type.kind == TypeKind::kInt8 || column.type.kind == TypeKind::kNumeric ||
           column.type.kind == TypeKind::kText;
  }

  void RequireColumn(const std::string& word, const std::string& column) {
    if (column.empty() || table_.Find(column) != nullptr) return;
    Add(code::contract_drift_named_column, true, {{"word", word}, {"column", column}});
  }

  void CompareNamedColumns() {
    for (const std::string& column : contract_.tenant_columns) {
      RequireColumn("eclusa.tenantColumns", column);
    }
    RequireColumn("eclusa.versionColumn", contract_.version_column);
    for (const std::string& column : contract_.provenance_columns) {
      RequireColumn("eclusa.provenanceColumns", column);
      const ColumnDescription* found = table_.Find(column);
      if (found == nullptr || TakesNumbers(*found)) continue;
      Add(code::contract_drift_type, true,
          {{"column", column}, {"expected", "bigint"}, {"found", found->type.name}});
    }
    std::set<std::string> flags;
    for (const Property& property : contract_.properties) {
      for (const Rule& rule : property.rules) flags.insert(rule.flag_column);
    }
    for (const std::string& column : flags) RequireColumn("eclusa.flagColumn", column);
  }

  bool Covers(const std::string& column) const {
    const auto names = [&](const std::vector<std::string>& list) {
      return std::ranges::find(list, column) != list.end();
    };
    return contract_.FindByColumn(column) != nullptr || names(filled_) ||
           names(contract_.provenance_columns);
  }

  // Columns that every new row would leave null although they must not be.
  void CompareUncovered() {
    if (mode_ == Mode::kDelete) return;
    for (const ColumnDescription& column : table_.columns) {
      const bool fills_itself =
          column.has_default || column.generated || column.identity != Identity::kNone;
      const bool not_null = column.not_null || (column.type.domain && column.type.domain->not_null);
      if (!not_null || fills_itself || Covers(column.name)) continue;
      // Rows that are there already can still be updated.
      const bool only_new = mode_ == Mode::kInsert || mode_ == Mode::kAppend;
      Add(code::contract_drift_not_null, only_new, {{"column", column.name}});
    }
  }

  std::string NamesOf(const UniqueKey& key) const {
    std::string out;
    for (const int column : key.columns) {
      out += (out.empty() ? "" : ", ") + table_.columns[static_cast<size_t>(column)].name;
    }
    return out;
  }

  static bool IsUsable(const UniqueKey& key) {
    return !key.has_expressions && key.predicate.empty() && !key.columns.empty();
  }

  // What is filled is part of the match, so that it counts as part of the key.
  void CompareKey() {
    if (!NeedsKey(mode_)) return;
    if (key_.empty()) {
      if (table_.PrimaryKey() == nullptr) {
        Add(code::contract_drift_key_missing, true, {{"mode", std::string(Name(mode_))}});
      }
      return;
    }
    const std::set<std::string> match = [&] {
      std::set<std::string> columns(key_.begin(), key_.end());
      columns.insert(filled_.begin(), filled_.end());
      return columns;
    }();
    std::string others;
    for (const UniqueKey& unique : table_.unique_keys) {
      if (!IsUsable(unique)) continue;
      const bool inside = std::ranges::all_of(unique.columns, [&](int column) {
        return match.contains(table_.columns[static_cast<size_t>(column)].name);
      });
      if (inside) return;
      others += (others.empty() ? "" : "; ") + NamesOf(unique);
    }
    std::string columns;
    for (const std::string& column : match) columns += (columns.empty() ? "" : ", ") + column;
    Add(code::contract_drift_key, true, {{"columns", columns}, {"keys", others}});
  }

  const Contract& contract_;
  const TableDescription& table_;
  Mode mode_;
  const std::vector<std::string> key_;
  const std::vector<std::string> filled_;
  std::vector<Drift> drifts_;
};

// Whether values of one column can be held by the other.
bool TakesKeyOf(const PgType& column, const PgType& key) {
  if (Bits(key.kind) > 0) return Bits(column.kind) > 0 || column.kind == TypeKind::kNumeric;
  return column.kind == key.kind || (IsTextKind(column.kind) && IsTextKind(key.kind));
}

// The columns of a list's table that hold its parent's key.
void CompareParentColumns(const ChildDataset& child, const TableDescription& parent_table,
                          const TableDescription& child_table, std::vector<Drift>& drifts) {
  const auto add = [&](std::string_view code, bool fatal, ErrorArguments arguments) {
    arguments.emplace_back("table", child_table.name.Display());
    drifts.push_back({Error(ErrorKind::kInvalid, code, std::move(arguments)), fatal});
  };
  for (size_t i = 0; i < child.parent_columns.size(); ++i) {
    const std::string& name = child.parent_columns[i];
    const ColumnDescription* column = child_table.Find(name);
    if (column == nullptr) {
      add(code::contract_drift_named_column, true,
          {{"word", "eclusa.parentColumns"}, {"column", name}});
      continue;
    }
    if (column->generated) add(code::contract_drift_generated, true, {{"column", name}});
    if (column->identity == Identity::kAlways) {
      add(code::contract_drift_identity, true, {{"column", name}});
    }
    // That the parent's table lacks a column of its key is the parent's drift.
    const ColumnDescription* key =
        i < child.parent_key.size() ? parent_table.Find(child.parent_key[i]) : nullptr;
    if (key == nullptr) continue;
    const bool takes = TakesKeyOf(column->type, key->type);
    if (takes && Bits(column->type.kind) >= Bits(key->type.kind)) continue;
    if (takes && column->type.kind == TypeKind::kNumeric) continue;
    add(code::contract_drift_parent_type, !takes,
        {{"column", name},
         {"found", column->type.name},
         {"parent", parent_table.name.Display() + "." + key->name},
         {"expected", key->type.name}});
  }
}

}  // namespace

bool NeedsKey(Mode mode) { return mode != Mode::kAppend; }

std::vector<Drift> CompareWithTable(const Contract& contract, const TableDescription& table,
                                    Mode mode, const std::vector<std::string>& key) {
  return Comparison(contract, table, mode, key, contract.tenant_columns).Run();
}

std::vector<Drift> CompareChildWithTable(const ChildDataset& child, const Contract& document,
                                         const TableDescription& parent_table,
                                         const TableDescription& child_table, Mode mode) {
  std::vector<std::string> filled = child.parent_columns;
  for (const std::string& column : document.tenant_columns) {
    if (child_table.Find(column) != nullptr) filled.push_back(column);
  }
  std::vector<Drift> drifts;
  CompareParentColumns(child, parent_table, child_table, drifts);
  for (Drift& drift : Comparison(child.dataset, child_table, mode, {}, filled).Run()) {
    drifts.push_back(std::move(drift));
  }
  return drifts;
}

}  // namespace eclusa
