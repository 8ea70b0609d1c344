#include "load/planning.h"

#include <algorithm>

#include "check/split_documents.h"
#include "control/stage_tables.h"
#include "model/codes.h"
#include "pg/identifier.h"
#include "pg/privileges.h"

namespace eclusa {
namespace {

// Of PostgreSQL's 1,600 (MaxHeapAttributeNumber) the stage needs up to six for itself.
constexpr size_t kColumnsMost = 1594;

bool NeedsKey(Mode mode) { return mode != Mode::kAppend; }

NeededPrivileges Needed(Mode mode) {
  const bool updates = mode == Mode::kUpsert || mode == Mode::kMixed || mode == Mode::kReplace;
  const bool deletes = mode == Mode::kDelete || mode == Mode::kMixed || mode == Mode::kReplace;
  return {.select = mode != Mode::kAppend,
          .insert = mode != Mode::kDelete,
          .update = updates,
          .remove = deletes};
}

// Of a table whose statements the server rewrites, or whose rows it hides, nobody could say what
// became of each.
Status CheckTable(Connection& connection, const TableDescription& table,
                  const NeededPrivileges& needed) {
  TRY(RequirePrivileges(connection, table, needed));
  if (table.has_rules) {
    return Error(ErrorKind::kInvalid, code::table_rules, {{"table", table.name.Display()}});
  }
  if (!table.has_row_security) return Ok();
  return Error(ErrorKind::kInvalid, code::table_row_security,
               {{"table", table.name.Display()}, {"role", TRY(CurrentRole(connection))}});
}

bool Cascades(const ForeignKey& reference) {
  return reference.on_delete == ReferenceAction::kCascade ||
         reference.on_delete == ReferenceAction::kSetNull ||
         reference.on_delete == ReferenceAction::kSetDefault;
}

bool HangsOn(const std::vector<DatasetNode>& nodes, size_t node, size_t above) {
  int at = nodes[node].parent;
  while (at > static_cast<int>(above)) at = nodes[static_cast<size_t>(at)].parent;
  return at == static_cast<int>(above);
}

// Deletes and removals that would take rows of other tables along, or change them. A document's own
// go before it.
Status CheckCascades(const LoadRequest& request) {
  const std::vector<DatasetNode> nodes = DatasetNodes(request.contract);
  const auto table_of = [&](size_t node) -> const TableDescription& {
    return node == 0 ? request.table : request.children.at(node - 1).table;
  };
  std::vector<bool> goes(nodes.size());
  goes[0] = Needed(request.mode).remove;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (i > 0) {
      goes[i] = goes[static_cast<size_t>(nodes[i].parent)] ||
                nodes[i].child->list == ListMeans::kReplaces;
    }
    if (!goes[i] || request.contract.cascade_allowed || nodes[i].dataset->cascade_allowed) continue;
    for (const ForeignKey& reference : table_of(i).referenced_by) {
      bool own = false;
      for (size_t below = i + 1; below < nodes.size(); ++below) {
        own = own || (table_of(below).name == reference.other && HangsOn(nodes, below, i));
      }
      if (!Cascades(reference) || own) continue;
      return Error(ErrorKind::kInvalid, code::load_would_cascade,
                   {{"table", table_of(i).name.Display()},
                    {"other", reference.other.Display()},
                    {"constraint", reference.name}});
    }
  }
  return Ok();
}

// Uniqueness that the contract asks for is kept by the table's own unique keys, or not at all.
Status CheckUniqueRules(const LoadRequest& request) {
  std::vector<std::vector<std::string>> asked;
  for (const Property& property : request.contract.properties) {
    if (property.unique) asked.push_back({property.column});
  }
  for (const SetRule& rule : request.contract.set_rules) {
    if (rule.kind == SetRule::Kind::kDuplicateValues) asked.push_back(rule.properties);
  }
  for (std::vector<std::string>& names : asked) {
    for (std::string& name : names) {
      const Property* property = request.contract.FindByName(name);
      if (property != nullptr) name = property->column;
    }
    bool kept = false;
    for (const UniqueKey& key : request.table.unique_keys) {
      if (key.has_expressions || !key.predicate.empty()) continue;
      kept = kept || std::all_of(key.columns.begin(), key.columns.end(), [&](int column) {
               return std::find(names.begin(), names.end(), request.table.columns[column].name) !=
                      names.end();
             });
    }
    if (!kept) {
      return Error(ErrorKind::kInvalid, code::load_rule_needs_key,
                   {{"column", Join(names, ", ")}, {"table", request.table.name.Display()}});
    }
  }
  return Ok();
}

}  // namespace

std::vector<std::string> MatchColumns(const LoadRequest& request) {
  std::vector<std::string> columns;
  for (const auto& [name, value] : request.tenants) columns.push_back(name);
  for (const std::string& name : request.key_columns) {
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
  }
  return columns;
}

Status CheckRequest(Connection& connection, const LoadRequest& request) {
  const std::string table = request.table.name.Display();
  TRY(CheckTable(connection, request.table, Needed(request.mode)));
  TRY(CheckCascades(request));
  TRY(CheckUniqueRules(request));
  if (!request.children.empty() && request.mode == Mode::kAppend) {
    return Error(ErrorKind::kInvalid, code::load_children_append, {{"table", table}});
  }
  for (const ChildTarget& child : request.children) {
    TRY(CheckTable(connection, child.table, Needed(Mode::kReplace)));
  }
  if (NeedsKey(request.mode) && request.key_columns.empty()) {
    return Error(ErrorKind::kInvalid, code::load_key_needed,
                 {{"table", table}, {"mode", std::string(Name(request.mode))}});
  }
  for (const std::string& name : MatchColumns(request)) {
    if (request.table.Find(name) == nullptr) {
      return Error(ErrorKind::kInvalid, code::load_key_unknown,
                   {{"column", name}, {"table", table}});
    }
  }
  if (request.duplicates == Duplicates::kHighestVersion && request.version_column.empty()) {
    return Error(ErrorKind::kInvalid, code::load_version_needed, {{"table", table}});
  }
  if (!request.version_column.empty() && request.duplicates != Duplicates::kHighestVersion) {
    return Error(ErrorKind::kInvalid, code::load_version_duplicates,
                 {{"duplicates", std::string(Name(request.duplicates))}});
  }
  if (request.mode == Mode::kMixed && request.operation_column.empty()) {
    return Error(ErrorKind::kInvalid, code::load_operation_needed, {{"table", table}});
  }
  if (!request.filter.empty() && request.mode != Mode::kReplace && !request.parent_job) {
    return Error(ErrorKind::kInvalid, code::load_filter_mode,
                 {{"mode", std::string(Name(request.mode))}});
  }
  for (const FilterTerm& term : request.filter) {
    if (request.table.Find(term.column) == nullptr) {
      return Error(ErrorKind::kInvalid, code::load_key_unknown,
                   {{"column", term.column}, {"table", table}});
    }
  }
  return Ok();
}

namespace {

Status CheckColumnCount(const LoadRequest& request, const std::vector<BoundColumn>& columns) {
  if (columns.size() <= kColumnsMost) return Ok();
  return Error(ErrorKind::kInvalid, code::load_too_many_columns,
               {{"table", request.table.name.Display()},
                {"columns", std::to_string(columns.size())},
                {"most", std::to_string(kColumnsMost)}});
}

Result<LoadPlan> BuildPlan(const LoadRequest& request, const std::vector<BoundColumn>& columns,
                           int64_t job_id) {
  TRY(CheckColumnCount(request, columns));
  LoadPlan plan;
  plan.table = request.table;
  plan.target = QuoteQualified(request.table.name);
  plan.stage = StageTable(job_id);
  plan.verdicts = VerdictTable(job_id);
  plan.mode = request.mode;
  plan.duplicates = request.duplicates;
  plan.strict_operations = request.contract.strict_operations;
  plan.cascade_allowed = request.contract.cascade_allowed;
  plan.has_operations = request.mode == Mode::kMixed || request.mode == Mode::kReplace;
  plan.filter = request.filter;
  for (const BoundColumn& column : columns) {
    plan.columns.push_back({.name = QuoteIdentifier(column.name),
                            .type = column.type.name,
                            .table_index = column.table_index,
                            .no_update = column.no_update,
                            .needs_cast = column.type.name != column.type.stage_name,
                            .domain = column.type.domain.has_value()});
  }
  for (const std::string& name : MatchColumns(request)) {
    const int bound = plan.Bound(plan.table.IndexOf(name));
    if (bound < 0) {
      if (request.mode == Mode::kAppend) continue;
      return Error(ErrorKind::kInvalid, code::load_key_unbound,
                   {{"column", name}, {"table", request.table.name.Display()}});
    }
    plan.columns[bound].key = true;
    plan.key.push_back(bound);
  }
  const std::vector<std::string> filled = {
      std::to_string(job_id) + "::bigint",
      "(s._eclusa_row & " + std::to_string((int64_t{1} << kStagePlaceRowBits) - 1) + ")"};
  for (size_t i = 0; i < request.contract.provenance_columns.size(); ++i) {
    const std::string& name = request.contract.provenance_columns[i];
    plan.provenance.push_back({QuoteIdentifier(name), filled.at(i), plan.table.IndexOf(name)});
  }
  for (const auto& [name, value] : request.tenants) {
    plan.tenants.push_back(plan.Bound(plan.table.IndexOf(name)));
    // The file stands for this tenant's rows, whatever it was filtered by besides.
    if (request.mode == Mode::kReplace) plan.filter.push_back({name, "=", value});
  }
  if (!request.version_column.empty()) {
    plan.version = plan.Bound(plan.table.IndexOf(request.version_column));
  }
  if (request.mode == Mode::kAppend) plan.key.clear();
  // The unique key that the match rests on: the same columns, or some of them (a tenant besides).
  const UniqueKey* unique = nullptr;
  for (const UniqueKey& key : plan.table.unique_keys) {
    if (key.has_expressions || !key.predicate.empty()) continue;
    size_t inside = 0;
    for (const int column : key.columns) {
      const int bound = plan.Bound(column);
      if (bound >= 0 && plan.columns[bound].key) ++inside;
    }
    if (inside != key.columns.size()) continue;
    if (key.columns.size() == plan.key.size()) plan.match_key = &key;
    if (unique == nullptr) unique = &key;
  }
  if (NeedsKey(request.mode) && unique == nullptr) {
    return Error(
        ErrorKind::kInvalid, code::load_key_not_unique,
        {{"columns", Join(MatchColumns(request), ", ")}, {"table", request.table.name.Display()}});
  }
  return plan;
}

// The key, tenants and the columns of the parent: what a child without rows is known by.
std::vector<BoundColumn> TiesOf(const LoadRequest& own, const ChildTarget& target,
                                const ChildDataset& child) {
  std::vector<std::string> names = MatchColumns(own);
  for (const std::string& name : child.parent_columns) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  std::vector<BoundColumn> columns;
  for (const std::string& name : names) {
    const int index = target.table.IndexOf(name);
    if (index < 0) continue;
    columns.push_back({name, target.table.columns[static_cast<size_t>(index)].type, index});
  }
  return columns;
}

// A child's table as if it were loaded alone.
LoadRequest RequestOfChild(const LoadRequest& request, const ChildTarget& target,
                           const ChildDataset& child) {
  LoadRequest own;
  own.contract = child.dataset;
  own.table = target.table;
  own.mode = request.mode == Mode::kInsert ? Mode::kInsert : Mode::kUpsert;
  own.key_columns = target.key_columns;
  for (const auto& tenant : request.tenants) {
    if (target.table.IndexOf(tenant.first) >= 0) own.tenants.push_back(tenant);
  }
  return own;
}

Status PlaceInDocument(const DatasetNode& node, const LoadPlan& parent, LoadPlan& plan) {
  DocumentPlace& place = plan.document;
  place.parent = &parent;
  place.list = node.child->QualifiedName();
  place.bit = node.bit;
  place.replaces = node.child->list == ListMeans::kReplaces;
  place.fails_alone = node.child->failure == ChildFailure::kItself;
  const std::vector<std::string>& key = node.child->parent_key;
  for (size_t i = 0; i < node.child->parent_columns.size(); ++i) {
    const int column = plan.Bound(plan.table.IndexOf(node.child->parent_columns[i]));
    const int above = i < key.size() ? parent.Bound(parent.table.IndexOf(key[i])) : -1;
    if (column < 0 || above < 0) {
      return Error(
          ErrorKind::kInvalid, code::load_key_unbound,
          {{"column", node.child->parent_columns[i]}, {"table", plan.table.name.Display()}});
    }
    place.columns.push_back(column);
    place.parent_key.push_back(above);
  }
  return Ok();
}

}  // namespace

Result<std::vector<LoadPlan>> BuildPlans(const LoadRequest& request,
                                         const std::vector<std::vector<BoundColumn>>& columns,
                                         int64_t job_id) {
  const std::vector<DatasetNode> nodes = DatasetNodes(request.contract);
  std::vector<LoadPlan> plans;
  plans.reserve(nodes.size());
  plans.push_back(TRY(BuildPlan(request, columns.front(), job_id)));
  for (size_t i = 1; i < nodes.size(); ++i) {
    const DatasetNode& node = nodes[i];
    const ChildTarget& target = request.children.at(i - 1);
    LoadPlan& parent = plans[static_cast<size_t>(node.parent)];
    const LoadRequest own = RequestOfChild(request, target, *node.child);
    LoadPlan plan = TRY(
        BuildPlan(own, columns[i].empty() ? TiesOf(own, target, *node.child) : columns[i], job_id));
    plan.stage = StageTable(job_id, static_cast<int>(i));
    plan.verdicts = VerdictTable(job_id, static_cast<int>(i));
    plan.cascade_allowed = request.contract.cascade_allowed;
    TRY(PlaceInDocument(node, parent, plan));
    plan.has_operations = plan.document.replaces && plan.document.fails_alone;
    parent.has_children = true;
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace eclusa
