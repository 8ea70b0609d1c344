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
  return document.parent->PathOf(std::string(alias) + "p") + " || '.' || " + own;
}

std::string LoadPlan::PathJoins(std::string_view alias) const {
  if (document.parent == nullptr || !document.parent->is_child()) return "";
  const std::string above = std::string(alias) + "p";
  return " LEFT JOIN " + document.parent->stage + " " + above + " ON " + above +
         "._eclusa_row = " + std::string(alias) + "._eclusa_parent" +
         document.parent->PathJoins(above);
}

std::string LoadPlan::WithoutVerdict(std::string_view alias) const {
  return "NOT EXISTS (SELECT FROM " + verdicts +
         " _eclusa_v WHERE _eclusa_v._eclusa_row = " + std::string(alias) + "._eclusa_row)";
}

std::string LoadPlan::Writes(std::string_view alias) const {
  const std::string accepted = WithoutVerdict(alias);
  return has_present_rows() ? std::string(alias) + "._eclusa_op <> 'P' AND " + accepted : accepted;
}

std::string LoadPlan::Hangs(std::string_view child, std::string_view parent) const {
  std::vector<std::string> terms;
  for (size_t i = 0; i < document.columns.size(); ++i) {
    const auto column = static_cast<size_t>(document.columns[i]);
    const auto above = static_cast<size_t>(document.parent_key[i]);
    terms.push_back(std::string(child) + "." + columns[column].name + " = " + std::string(parent) +
                    "." + document.parent->columns[above].name);
  }
  return Join(terms, " AND ");
}

namespace {

// Why a row of the root's target goes; nothing: it does not.
std::vector<std::string> RootGoes(const LoadPlan& plan, std::string_view alias,
                                  std::string_view documents) {
  std::string staged =
      "SELECT FROM " + plan.stage + " _eclusa_d WHERE " + plan.KeyMatch(alias, "_eclusa_d");
  if (plan.mode == Mode::kReplace) {
    if (!documents.empty()) return {};  // no document says so
    return {plan.FilterCondition(alias) + " AND NOT EXISTS (" + staged + ")"};
  }
  if (!plan.Deletes()) return {};
  if (!documents.empty()) staged.append(" AND _eclusa_d._eclusa_row").append(documents);
  const std::string only = plan.mode == Mode::kMixed ? " AND _eclusa_d._eclusa_op = 'D'" : "";
  return {"EXISTS (" + staged + only + " AND " + plan.WithoutVerdict("_eclusa_d") + ")"};
}

// Why a row of a plan's target goes, each to stand under AND.
std::vector<std::string> Goes(const LoadPlan& plan, std::string_view alias,
                              std::string_view documents) {
  if (!plan.is_child()) return RootGoes(plan, alias, documents);
  std::vector<std::string> goes = plan.GoesWithParent(alias, documents);
  if (plan.RemovesLeftOut()) goes.push_back(plan.LeftOutOfList(alias, documents));
  return goes;
}

}  // namespace

bool LoadPlan::RemovesLeftOut() const {
  return document.replaces && document.parent->mode != Mode::kDelete;
}

// What a failed or losing parent's list names is not named.
std::string LoadPlan::LeftOutOfList(std::string_view alias, std::string_view documents) const {
  const LoadPlan& parent = *document.parent;
  std::string upserted = parent.has_operations ? " AND _eclusa_p._eclusa_op IN ('U', 'I')" : "";
  if (!documents.empty()) {
    upserted.append(" AND ").append(parent.DocumentOf("_eclusa_p")).append(documents);
  }
  return "EXISTS (SELECT FROM " + parent.stage + " _eclusa_p WHERE " + Hangs(alias, "_eclusa_p") +
         upserted + " AND (_eclusa_p._eclusa_lists & " + std::to_string(1 << document.bit) +
         ") <> 0 AND " + parent.WithoutVerdict("_eclusa_p") + ") AND NOT EXISTS (SELECT FROM " +
         stage + " _eclusa_k JOIN " + parent.stage +
         " _eclusa_q ON _eclusa_q._eclusa_row = _eclusa_k._eclusa_parent WHERE " +
         KeyMatch(alias, "_eclusa_k") + " AND " + parent.WithoutVerdict("_eclusa_q") + ")";
}

std::vector<std::string> LoadPlan::GoesWithParent(std::string_view alias,
                                                  std::string_view documents) const {
  const std::string above = std::string(alias) + "p";
  std::vector<std::string> conditions;
  for (const std::string& goes : Goes(*document.parent, above, documents)) {
    conditions.push_back("EXISTS (SELECT FROM " + document.parent->target + " " + above +
                         " WHERE " + Hangs(alias, above) + " AND " + goes + ")");
  }
  return conditions;
}

std::vector<std::string> LoadPlan::RemovedWithParent(std::string_view alias) const {
  const LoadPlan& parent = *document.parent;
  const std::string above = std::string(alias) + "p";
  std::vector<std::string> removed;
  if (!parent.is_child()) {
    if (!parent.Deletes()) removed = RootGoes(parent, above, {});
  } else {
    removed = parent.RemovedWithParent(above);
    if (parent.RemovesLeftOut()) removed.push_back(parent.LeftOutOfList(above));
  }
  for (std::string& condition : removed) {
    condition = "EXISTS (SELECT FROM " + parent.target + " " + above + " WHERE " +
                Hangs(alias, above) + " AND " + condition + ")";
  }
  return removed;
}

namespace {

// A child's row that does not go with its parent in one of these ways, and that no list leaves out.
std::string StaysOf(const LoadPlan& plan, std::string_view alias,
                    const std::vector<std::string>& goes) {
  std::string stays = "true";
  for (const std::string& condition : goes) stays += " AND NOT " + condition;
  if (!plan.RemovesLeftOut()) return stays;
  // The row once more: under NOT its two conditions would be asked of each row alone.
  const std::string self = std::string(alias) + "_self";
  return stays + " AND NOT EXISTS (SELECT FROM " + plan.target + " " + self + " WHERE " +
         plan.KeyMatch(alias, self) + " AND " + plan.LeftOutOfList(self) + ")";
}

}  // namespace

std::string LoadPlan::StaysForReferences(std::string_view alias) const {
  return is_child() ? StaysOf(*this, alias, RemovedWithParent(alias)) : Stays(alias);
}

std::string LoadPlan::Stays(std::string_view alias) const {
  if (is_child()) return StaysOf(*this, alias, GoesWithParent(alias));
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
