#include "check/plan_columns.h"

#include <arrow/api.h>

#include <algorithm>
#include <map>

#include "check/compare.h"
#include "check/convert_arrow.h"
#include "check/plan_value.h"
#include "check/read_value.h"
#include "model/codes.h"

namespace eclusa {
namespace {

template <class T>
bool Contains(const std::vector<T>& list, const T& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

Error ColumnError(std::string_view code, const std::string& column, ErrorArguments more = {}) {
  more.insert(more.begin(), {"column", column});
  return Error(ErrorKind::kInvalid, code, std::move(more));
}

bool IsNested(const arrow::DataType& type) {
  return type.id() == arrow::Type::STRUCT || type.id() == arrow::Type::MAP ||
         (type.id() == arrow::Type::LIST && type.field(0)->type()->num_fields() > 0);
}

class Planner {
 public:
  Planner(const Contract& contract, const TableDescription& table, const arrow::Schema& source,
          const CheckerOptions& options)
      : contract_(contract), table_(table), source_(source), options_(options) {}

  Result<Plan> Make() {
    BindingRequest request;
    request.file_columns = source_.field_names();
    if (options_.mode == Mode::kMixed) request.operation_column = options_.operation_column;
    request.by_order = options_.text_format && !contract_.dialect.header.value_or(true);
    Binding binding = TRY(BindColumns(contract_, request));
    plan_.operation = binding.operation;
    plan_.strict_operations = contract_.strict_operations;
    plan_.unknown = std::move(binding.unknown);
    TRY(PlanTenants());
    for (size_t i = 0; i < contract_.properties.size(); ++i) {
      if (IsLeftToOthers(contract_.properties[i])) continue;
      TRY(PlanProperty(contract_.properties[i], binding.sources[i]));
    }
    TRY(CheckKeysAndVersion());
    TRY(PlanFlags());
    std::sort(plan_.columns.begin(), plan_.columns.end(),
              [](const ColumnPlan& a, const ColumnPlan& b) {
                return a.bound.table_index < b.bound.table_index;
              });
    TRY(PlanFilter());
    ListWanted();
    return std::move(plan_);
  }

 private:
  bool IsKey(const std::string& column) const { return Contains(options_.key_columns, column); }
  bool IsTenant(const std::string& column) const {
    return std::any_of(options_.tenants.begin(), options_.tenants.end(),
                       [&](const auto& tenant) { return tenant.first == column; });
  }

  // Tenants come from the job, provenance from the load; a delete reads keys and versions only.
  bool IsLeftToOthers(const Property& property) const {
    if (IsTenant(property.column) || Contains(contract_.provenance_columns, property.column))
      return true;
    return options_.mode == Mode::kDelete && !IsKey(property.column) &&
           property.column != options_.version_column;
  }

  // A BEFORE ROW trigger may fill what is null.
  bool TriggersMayFill() const {
    return table_.triggers.before_insert_row || table_.triggers.before_update_row;
  }

  bool IsRequired(const Property& property, const ColumnDescription& column) const {
    const bool domain = column.type.domain && column.type.domain->not_null;
    if (domain || (property.required && !contract_.derived)) return true;
    return (property.required || column.not_null) && !TriggersMayFill();
  }

  // A column that the file does not have: whether the load writes it all the same.
  Result<bool> PlanAbsent(const Property& property, const ColumnDescription& column) const {
    if (property.default_value) return true;
    if (IsKey(property.column) && options_.mode != Mode::kAppend) {
      return ColumnError(code::column_key_missing, property.column, {{"name", property.name}});
    }
    if (property.column == options_.version_column) {
      return ColumnError(code::column_version_missing, property.column, {{"name", property.name}});
    }
    const bool fills_itself =
        column.has_default || column.generated || column.identity != Identity::kNone;
    const bool excused = contract_.derived && (fills_itself || TriggersMayFill());
    if (property.required && !excused) {
      return ColumnError(code::column_missing, property.column, {{"name", property.name}});
    }
    if (contract_.when_absent != WhenAbsent::kNull || column.generated ||
        column.identity != Identity::kNone) {
      return false;
    }
    if (IsRequired(property, column)) {
      return ColumnError(code::column_missing, property.column, {{"name", property.name}});
    }
    return true;
  }

  Status PlanProperty(const Property& property, const std::vector<std::string>& sources) {
    const int index = table_.IndexOf(property.column);
    const bool bound = !sources.empty() || property.constant;
    if (index < 0) {
      if (!bound || contract_.IsOperation(property)) return Ok();
      return ColumnError(code::column_not_in_table, property.column,
                         {{"table", table_.name.Display()}});
    }
    const ColumnDescription& column = table_.columns[static_cast<size_t>(index)];
    if (!bound && !TRY(PlanAbsent(property, column))) return Ok();
    TRY(CheckWritable(column));
    for (const ColumnPlan& other : plan_.columns) {
      if (other.bound.table_index == index)
        return ColumnError(code::column_target_twice, property.column);
    }
    ColumnPlan plan = TRY(Begin(column, index));
    plan.sources = sources;
    plan.join = property.join;
    plan.bound.no_update = property.no_update;
    plan.null_is = IsKey(property.column) && options_.mode != Mode::kAppend ? NullIs::kKey
                   : property.column == options_.version_column             ? NullIs::kVersion
                   : IsRequired(property, column)                           ? NullIs::kRequired
                                                                            : NullIs::kAllowed;
    ValuePlanner values(contract_, options_, counters_);
    TRY(values.Plan(property, plan));
    for (const std::string& source : sources) TRY(CheckSource(source, plan));
    plan_.columns.push_back(std::move(plan));
    return Ok();
  }

  Status CheckWritable(const ColumnDescription& column) const {
    if (column.generated) return ColumnError(code::column_generated, column.name);
    if (column.identity == Identity::kAlways && options_.mode != Mode::kDelete) {
      return ColumnError(code::column_identity, column.name);
    }
    return Ok();
  }

  Result<ColumnPlan> Begin(const ColumnDescription& column, int index) const {
    const PgType& type = column.type;
    const bool supported =
        type.kind != TypeKind::kUnsupported &&
        (type.kind != TypeKind::kArray ||
         (type.element != nullptr && type.element->kind != TypeKind::kUnsupported &&
          type.element->kind != TypeKind::kArray));
    if (!supported)
      return ColumnError(code::column_unsupported, column.name, {{"type", type.name}});
    ColumnPlan plan;
    plan.bound = {column.name, type, index, IsKey(column.name), false};
    plan.value.type = type;
    plan.value.fraction.digits_max = type.fraction_max;
    plan.value.enum_labels = {type.enum_labels.begin(), type.enum_labels.end()};
    plan.counts_for_delete =
        plan.bound.key || IsTenant(column.name) || column.name == options_.version_column;
    return plan;
  }

  // Whether the file's column can become the target's type.
  Status CheckSource(const std::string& name, const ColumnPlan& plan) const {
    const auto field = source_.GetFieldByName(name);
    const ErrorArguments arguments = {
        {"name", name}, {"found", field->type()->ToString()}, {"type", plan.value.type.name}};
    if (IsNested(*field->type()))
      return ColumnError(code::column_nested, plan.bound.name, arguments);
    ValueReading reading = plan.value;
    if (plan.join) reading.type.kind = TypeKind::kText;
    switch (ChoosePath(*field->type(), reading)) {
      case ArrowPath::kNone:
        return ColumnError(code::column_type, plan.bound.name, arguments);
      case ArrowPath::kNeedsZone:
        return ColumnError(code::column_time_zone, plan.bound.name, arguments);
      default:
        return Ok();
    }
  }

  Status PlanTenants() {
    for (const std::string& name : contract_.tenant_columns) {
      if (!IsTenant(name)) return ColumnError(code::load_tenant_missing, name);
    }
    for (const auto& [name, text] : options_.tenants) {
      const int index = table_.IndexOf(name);
      if (index < 0)
        return ColumnError(code::tenant_column, name, {{"table", table_.name.Display()}});
      ColumnPlan plan = TRY(Begin(table_.columns[static_cast<size_t>(index)], index));
      plan.fixed_value = ReadValue(plan.value, text);
      if (plan.fixed_value == nullptr) {
        return ColumnError(code::tenant_value, name,
                           {{"value", text}, {"type", plan.value.type.name}});
      }
      plan_.columns.push_back(std::move(plan));
    }
    return Ok();
  }

  bool IsBound(const std::string& column) const {
    return std::any_of(plan_.columns.begin(), plan_.columns.end(),
                       [&](const ColumnPlan& plan) { return plan.bound.name == column; });
  }

  // A key or version that no property speaks of.
  Status CheckKeysAndVersion() const {
    for (const std::string& key : options_.key_columns) {
      if (options_.mode != Mode::kAppend && !IsBound(key)) {
        return ColumnError(code::column_key_missing, key, {{"name", key}});
      }
    }
    const std::string& version = options_.version_column;
    if (!version.empty() && !IsBound(version)) {
      return ColumnError(code::column_version_missing, version, {{"name", version}});
    }
    return Ok();
  }

  Status PlanFlags() {
    plan_.counters = counters_.names();
    plan_.flag_count = counters_.flags().size();
    if (options_.mode == Mode::kDelete) return Ok();
    for (size_t flag = 0; flag < counters_.flags().size(); ++flag) {
      const std::string& name = counters_.flags()[flag];
      const int index = table_.IndexOf(name);
      if (index < 0 || IsBound(name) ||
          table_.columns[static_cast<size_t>(index)].type.kind != TypeKind::kBoolean) {
        return ColumnError(code::rule_flag_column, name, {{"table", table_.name.Display()}});
      }
      ColumnPlan plan = TRY(Begin(table_.columns[static_cast<size_t>(index)], index));
      plan.flag = static_cast<int>(flag);
      plan_.columns.push_back(std::move(plan));
    }
    return Ok();
  }

  Status PlanFilter() {
    for (const FilterTerm& term : options_.filter) {
      CompiledFilter filter;
      const auto column =
          std::find_if(plan_.columns.begin(), plan_.columns.end(),
                       [&](const ColumnPlan& plan) { return plan.bound.name == term.column; });
      if (column == plan_.columns.end()) return ColumnError(code::filter_column, term.column);
      const PgType& type = column->value.type;
      const bool equality = term.op == "=" || term.op == "<>";
      // Order of texts is the database's collation, equality of citext its case mapping.
      const bool comparable =
          equality ? type.kind != TypeKind::kCitext && type.kind != TypeKind::kJson &&
                         type.kind != TypeKind::kJsonb && type.kind != TypeKind::kArray
                   : HasOrder(type.kind);
      if (!comparable) {
        return ColumnError(code::filter_operator, term.column,
                           {{"operator", term.op}, {"type", type.name}});
      }
      PgType wide = type;
      wide.domain.reset();
      filter.column = static_cast<size_t>(column - plan_.columns.begin());
      filter.op = term.op;
      filter.value = ReadValue(wide, term.value, nullptr);
      filter.text = term.column + " " + term.op + " " + term.value;
      if (filter.value == nullptr) {
        return ColumnError(code::filter_value, term.column,
                           {{"value", term.value}, {"type", type.name}});
      }
      plan_.filter.push_back(std::move(filter));
    }
    return Ok();
  }

  void ListWanted() {
    for (const std::string& name : source_.field_names()) {
      const bool used =
          name == plan_.operation ||
          std::any_of(plan_.columns.begin(), plan_.columns.end(),
                      [&](const ColumnPlan& plan) { return Contains(plan.sources, name); });
      if (used && !name.empty()) plan_.wanted.push_back(name);
    }
  }

  const Contract& contract_;
  const TableDescription& table_;
  const arrow::Schema& source_;
  const CheckerOptions& options_;
  CounterNames counters_;
  Plan plan_;
};

}  // namespace

Result<Plan> PlanColumns(const Contract& contract, const TableDescription& table,
                         const arrow::Schema& source, const CheckerOptions& options) {
  return Planner(contract, table, source, options).Make();
}

}  // namespace eclusa
