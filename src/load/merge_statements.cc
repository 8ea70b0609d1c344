#include "load/merge_statements.h"

#include <vector>

#include "judge/row_image.h"

namespace eclusa {
namespace {

// Columns that an update may set.
std::vector<const PlanColumn*> Updatable(const LoadPlan& plan) {
  std::vector<const PlanColumn*> columns;
  for (const PlanColumn& column : plan.columns) {
    if (!column.key && !column.no_update) columns.push_back(&column);
  }
  return columns;
}

// As record images: = calls json incomparable, and 1.0 and 1.00 the same.
std::string Differs(const LoadPlan& plan, std::string_view target, std::string_view stage) {
  std::vector<std::string> held, asked;
  for (const PlanColumn* column : Updatable(plan)) {
    held.push_back(std::string(target) + "." + column->name);
    asked.push_back(plan.Cast(*column, stage));
  }
  if (held.empty()) return "false";
  return "ROW(" + Join(held, ", ") + ")::record *<> ROW(" + Join(asked, ", ") + ")::record";
}

std::string Upserting(const LoadPlan& plan, const std::string& condition) {
  return RowImage(plan).IsUpsert() + " AND " + condition;
}

}  // namespace

std::string WithoutVerdict(const LoadPlan& plan, bool has_verdicts) {
  std::string condition = plan.mode == Mode::kReplace && plan.has_operations
                              ? "s._eclusa_op <> 'P'"
                              : "true";
  if (has_verdicts) {
    condition += " AND NOT EXISTS (SELECT FROM " + plan.verdicts +
                 " v WHERE v._eclusa_row = s._eclusa_row)";
  }
  return condition;
}

std::string BuildUpsert(const LoadPlan& plan, const std::string& condition) {
  std::vector<std::string> names, values, sets;
  for (const PlanColumn& column : plan.columns) {
    names.push_back(column.name);
    values.push_back(plan.Cast(column, "s"));
  }
  const std::string rows =
      "(SELECT * FROM " + plan.stage + " s WHERE " + Upserting(plan, condition) + ") s";
  if (plan.key.empty() || plan.mode == Mode::kAppend || plan.mode == Mode::kInsert) {
    return "INSERT INTO " + plan.target + " (" + Join(names, ", ") + ") SELECT " +
           Join(values, ", ") + " FROM " + rows;
  }
  std::string merge = "MERGE INTO " + plan.target + " t USING " + rows + " ON " +
                      plan.KeyMatch("t", "s");
  for (const PlanColumn* column : Updatable(plan)) {
    sets.push_back(column->name + " = " + plan.Cast(*column, "s"));
  }
  if (!sets.empty()) {
    merge += " WHEN MATCHED AND " + Differs(plan, "t", "s") + " THEN UPDATE SET " +
             Join(sets, ", ");
  }
  return merge + " WHEN NOT MATCHED THEN INSERT (" + Join(names, ", ") + ") VALUES (" +
         Join(values, ", ") + ")";
}

std::string BuildDelete(const LoadPlan& plan, const std::string& condition) {
  return "DELETE FROM " + plan.target + " t USING " + plan.stage + " s WHERE " +
         plan.KeyMatch("t", "s") + " AND " + RowImage(plan).IsDelete() + " AND " + condition;
}

std::string BuildRemoval(const LoadPlan& plan) {
  return "DELETE FROM " + plan.target + " t WHERE " + plan.FilterCondition("t") +
         " AND NOT EXISTS (SELECT FROM " + plan.stage + " s WHERE " + plan.KeyMatch("t", "s") + ")";
}

std::string BuildHasChanges(const LoadPlan& plan, const std::string& condition, int sample) {
  const std::string limit = sample > 0 ? " LIMIT " + std::to_string(sample) : "";
  const std::string& key = plan.columns[plan.key.front()].name;
  return "SELECT EXISTS (SELECT FROM (SELECT * FROM " + plan.stage + " s WHERE " +
         Upserting(plan, condition) + limit + ") s LEFT JOIN " + plan.target + " t ON " +
         plan.KeyMatch("t", "s") + " WHERE t." + key + " IS NULL OR " + Differs(plan, "t", "s") +
         ")";
}

std::string BuildDiffering(const LoadPlan& plan, const std::string& condition) {
  const std::string& key = plan.columns[plan.key.front()].name;
  return "SELECT s._eclusa_row, t.tableoid::text || t.ctid::text FROM " + plan.stage + " s LEFT JOIN " + plan.target + " t ON " +
         plan.KeyMatch("t", "s") + " WHERE " + Upserting(plan, condition) + " AND (t." + key +
         " IS NULL OR " + Differs(plan, "t", "s") + ")";
}

}  // namespace eclusa
