#include "judge/row_image.h"

#include <algorithm>

#include "pg/identifier.h"

namespace eclusa {

bool RowImage::CanKnow(const std::vector<int>& table_columns) const {
  return std::all_of(table_columns.begin(), table_columns.end(), [&](int index) {
    const ColumnDescription& column = plan_.table.columns[index];
    if (column.generated || plan_.FillsItself(index)) return false;
    return plan_.Bound(index) >= 0 || !(column.has_default || column.identity != Identity::kNone);
  });
}

bool RowImage::WritesAny(const std::vector<int>& table_columns) const {
  return std::any_of(table_columns.begin(), table_columns.end(), [&](int index) {
    return plan_.Bound(index) >= 0 || plan_.FillsItself(index);
  });
}

std::vector<int> RowImage::KnownColumns() const {
  std::vector<int> known;
  for (int index = 0; index < static_cast<int>(plan_.table.columns.size()); ++index) {
    if (CanKnow({index})) known.push_back(index);
  }
  return known;
}

std::string RowImage::IsUpsert() const {
  if (plan_.mode == Mode::kDelete) return "false";
  return plan_.has_operations ? "s._eclusa_op IN ('U', 'I')" : "true";
}

std::string RowImage::IsDelete() const {
  if (plan_.mode == Mode::kDelete) return "true";
  return plan_.has_operations ? "s._eclusa_op = 'D'" : "false";
}

std::string RowImage::Value(int table_column, bool* needs_target) const {
  const std::string name = QuoteIdentifier(plan_.table.columns[table_column].name);
  const int bound = plan_.Bound(table_column);
  const bool can_match = plan_.mode != Mode::kInsert && !plan_.key.empty();
  if (bound >= 0) {
    const PlanColumn& column = plan_.columns[bound];
    const std::string staged = plan_.Cast(column, "s");
    if (!column.no_update || !can_match) return staged;
    *needs_target = true;
    const std::string& key = plan_.columns[plan_.key.front()].name;
    return "CASE WHEN t." + key + " IS NULL THEN " + staged + " ELSE t." + name + " END";
  }
  if (!can_match) return "NULL::" + plan_.table.columns[table_column].type.name;
  *needs_target = true;
  return "t." + name;
}

std::string RowImage::Upserts(const std::vector<int>& table_columns,
                              const std::string& condition) const {
  bool needs_target = false;
  std::string list = "s._eclusa_row";
  std::vector<int> wanted = table_columns;
  for (const int index : plan_.key) {
    const int table_index = plan_.columns[index].table_index;
    if (std::find(wanted.begin(), wanted.end(), table_index) == wanted.end()) {
      wanted.push_back(table_index);
    }
  }
  for (const int index : wanted) {
    list += ", " + Value(index, &needs_target) + " AS " +
            QuoteIdentifier(plan_.table.columns[index].name);
  }
  std::string from = plan_.stage + " s";
  if (needs_target) from += " LEFT JOIN " + plan_.target + " t ON " + plan_.KeyMatch("t", "s");
  return "(SELECT " + list + " FROM " + from + " WHERE " + IsUpsert() + " AND " + condition + ")";
}

}  // namespace eclusa
