#include "judge/plan.h"

#include <algorithm>

#include "pg/identifier.h"

namespace eclusa {

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (const std::string& part : parts) {
    if (!joined.empty()) joined += separator;
    joined += part;
  }
  return joined;
}

std::string LoadPlan::KeyMatch(std::string_view left, std::string_view right) const {
  std::vector<std::string> terms;
  for (const int index : key) {
    const std::string& name = columns[index].name;
    terms.push_back(std::string(left) + "." + name + " = " + std::string(right) + "." + name);
  }
  return Join(terms, " AND ");
}

std::string LoadPlan::KeyList(std::string_view alias) const {
  std::vector<std::string> terms;
  for (const int index : key) terms.push_back(std::string(alias) + "." + columns[index].name);
  return Join(terms, ", ");
}

std::string LoadPlan::Cast(const PlanColumn& column, std::string_view alias) const {
  std::string text = std::string(alias) + "." + column.name;
  if (column.needs_cast) text += "::" + column.type;
  return text;
}

int LoadPlan::Bound(int table_index) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].table_index == table_index) return static_cast<int>(i);
  }
  return -1;
}

bool LoadPlan::FillsItself(int table_index) const {
  return std::any_of(provenance.begin(), provenance.end(),
                     [&](const LoadedColumn& column) { return column.table_index == table_index; });
}

std::string LoadPlan::FilterCondition(std::string_view alias) const {
  std::vector<std::string> terms;
  for (const FilterTerm& term : filter) {
    const ColumnDescription* column = table.Find(term.column);
    terms.push_back(std::string(alias) + "." + QuoteIdentifier(term.column) + " " + term.op + " " +
                    QuoteLiteral(term.value) + "::" + column->type.name);
  }
  return terms.empty() ? "true" : Join(terms, " AND ");
}

std::string LoadPlan::DocumentOf(std::string_view alias) const {
  return std::string(alias) + (is_child() ? "._eclusa_doc" : "._eclusa_row");
}

std::string LoadPlan::PathOf(std::string_view alias) const {
  const std::string own =
      QuoteLiteral(document.list + "[") + " || " + std::string(alias) + "._eclusa_item || ']'";
  if (document.parent == nullptr || !document.parent->is_child()) return own;
  const std::string above = std::string(alias) + "p";
  return "(SELECT " + document.parent->PathOf(above) + " FROM " + document.parent->stage + " " +
         above + " WHERE " + above + "._eclusa_row = " + std::string(alias) +
         "._eclusa_parent) || '.' || " + own;
}

std::string LoadPlan::WithoutVerdict(std::string_view alias) const {
  return "NOT EXISTS (SELECT FROM " + verdicts +
         " _eclusa_v WHERE _eclusa_v._eclusa_row = " + std::string(alias) + "._eclusa_row)";
}

namespace {

// Row `child` of the child's target (or stage) hangs on row `parent` of the parent's.
std::string Hangs(const LoadPlan& plan, std::string_view child, std::string_view parent) {
  std::vector<std::string> terms;
  for (size_t i = 0; i < plan.document.columns.size(); ++i) {
    const auto column = static_cast<size_t>(plan.document.columns[i]);
    const auto key = static_cast<size_t>(plan.document.parent_key[i]);
    terms.push_back(std::string(child) + "." + plan.columns[column].name + " = " +
                    std::string(parent) + "." + plan.document.parent->columns[key].name);
  }
  return Join(terms, " AND ");
}

// A row of a plan's target goes, whatever for.
std::string Goes(const LoadPlan& plan, std::string_view alias) {
  if (plan.is_child()) {
    return "(" + plan.LeftOutOfList(alias) + " OR " + plan.GoesWithParent(alias) + ")";
  }
  const std::string staged =
      "SELECT FROM " + plan.stage + " _eclusa_d WHERE " + plan.KeyMatch(alias, "_eclusa_d");
  if (plan.mode == Mode::kReplace) {
    return "(" + plan.FilterCondition(alias) + " AND NOT EXISTS (" + staged + "))";
  }
  if (plan.mode == Mode::kDelete) {
    return "EXISTS (" + staged + " AND " + plan.WithoutVerdict("_eclusa_d") + ")";
  }
  if (plan.mode != Mode::kMixed) return "false";
  return "EXISTS (" + staged + " AND _eclusa_d._eclusa_op = 'D' AND " +
         plan.WithoutVerdict("_eclusa_d") + ")";
}

}  // namespace

std::string LoadPlan::LeftOutOfList(std::string_view alias) const {
  if (!document.replaces || document.parent->mode == Mode::kDelete) return "false";
  const LoadPlan& parent = *document.parent;
  const std::string upserted =
      parent.has_operations ? " AND _eclusa_p._eclusa_op IN ('U', 'I')" : "";
  return "EXISTS (SELECT FROM " + parent.stage + " _eclusa_p WHERE " +
         Hangs(*this, alias, "_eclusa_p") + upserted + " AND (_eclusa_p._eclusa_lists & " +
         std::to_string(1 << document.bit) + ") <> 0 AND " + parent.WithoutVerdict("_eclusa_p") +
         ") AND NOT EXISTS (SELECT FROM " + stage + " _eclusa_k WHERE " +
         KeyMatch(alias, "_eclusa_k") + ")";
}

std::string LoadPlan::GoesWithParent(std::string_view alias) const {
  const std::string goes = Goes(*document.parent, std::string(alias) + "p");
  if (goes == "false" || goes == "(false OR false)") return "false";
  return "EXISTS (SELECT FROM " + document.parent->target + " " + std::string(alias) + "p WHERE " +
         Hangs(*this, alias, std::string(alias) + "p") + " AND " + goes + ")";
}

std::string LoadPlan::Stays(std::string_view alias) const {
  if (is_child()) {
    const std::string goes = Goes(*this, alias);
    return goes == "(false OR false)" ? "true" : "NOT " + goes;
  }
  if (mode != Mode::kReplace) return "true";
  // Alone under AND it is a join; under OR the server may scan the stage once a row.
  if (filter.empty()) {
    return "EXISTS (SELECT FROM " + stage + " _eclusa_k WHERE " + KeyMatch(alias, "_eclusa_k") +
           ")";
  }
  return "((" + FilterCondition(alias) + ") IS NOT TRUE OR EXISTS (SELECT FROM " + stage +
         " _eclusa_k WHERE " + KeyMatch(alias, "_eclusa_k") + "))";
}

}  // namespace eclusa
