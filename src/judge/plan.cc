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

std::string LoadPlan::Stays(std::string_view alias) const {
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
