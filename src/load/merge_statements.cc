#include "load/merge_statements.h"

#include <algorithm>
#include <vector>

#include "judge/row_image.h"
#include "pg/identifier.h"

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
    held.push_back(std::string(target) + "." + column->name +
                   (column->domain ? "::" + column->type : ""));
    asked.push_back(plan.Cast(*column, stage));
  }
  if (held.empty()) return "false";
  return "ROW(" + Join(held, ", ") + ")::record *<> ROW(" + Join(asked, ", ") + ")::record";
}

// Row t of the target is not newer than staged row s. The judge has seen to it; a row that somebody
// else has written since is not overwritten either.
std::string NotNewer(const LoadPlan& plan) {
  if (plan.version < 0) return {};
  const std::string& version = plan.columns[plan.version].name;
  return "(t." + version + " > s." + version + ") IS NOT TRUE AND ";
}

std::string Upserting(const LoadPlan& plan, const std::string& condition) {
  return RowImage(plan).IsUpsert() + " AND " + condition;
}

}  // namespace

std::string WithoutVerdict(const LoadPlan& plan, bool has_verdicts) {
  const std::string condition = plan.has_present_rows() ? "s._eclusa_op <> 'P'" : "true";
  return has_verdicts ? condition + " AND " + plan.WithoutVerdict("s") : condition;
}

std::string BuildUpsert(const LoadPlan& plan, const std::string& condition, Part part) {
  std::vector<std::string> names, values, sets;
  for (const PlanColumn& column : plan.columns) {
    names.push_back(column.name);
    values.push_back(plan.Cast(column, "s"));
  }
  for (const LoadedColumn& column : plan.provenance) {
    names.push_back(column.name);
    values.push_back(column.value);
  }
  const std::string rows =
      "(SELECT * FROM " + plan.stage + " s WHERE " + Upserting(plan, condition) + ") s";
  if (plan.key.empty() || plan.mode == Mode::kAppend || plan.mode == Mode::kInsert ||
      part == Part::kInserts) {
    return "INSERT INTO " + plan.target + " (" + Join(names, ", ") + ") SELECT " +
           Join(values, ", ") + " FROM " + rows;
  }
  std::string merge =
      "MERGE INTO " + plan.target + " t USING " + rows + " ON " + plan.KeyMatch("t", "s");
  for (const PlanColumn* column : Updatable(plan)) {
    sets.push_back(column->name + " = " + plan.Cast(*column, "s"));
  }
  if (!sets.empty()) {
    for (const LoadedColumn& column : plan.provenance) {
      sets.push_back(column.name + " = " + column.value);
    }
    merge += " WHEN MATCHED AND " + NotNewer(plan) + Differs(plan, "t", "s") + " THEN UPDATE SET " +
             Join(sets, ", ");
  }
  if (part == Part::kUpdates) return merge + " WHEN NOT MATCHED THEN DO NOTHING";
  return merge + " WHEN NOT MATCHED THEN INSERT (" + Join(names, ", ") + ") VALUES (" +
         Join(values, ", ") + ")";
}

bool RefersToItself(const LoadPlan& plan) {
  return std::any_of(plan.table.references.begin(), plan.table.references.end(),
                     [](const ForeignKey& reference) { return reference.self; });
}

namespace {

// Row t of the target is not referred to by a row that the load writes. Each EXISTS stands alone
// under AND: so the server joins, where under OR it would scan the stage once a row.
std::string FreeOfStagedRows(const LoadPlan& plan) {
  std::string free = "true";
  for (const ForeignKey& reference : plan.table.references) {
    if (!reference.self) continue;
    std::vector<std::string> match;
    for (size_t i = 0; i < reference.columns.size(); ++i) {
      match.push_back("o." + QuoteIdentifier(plan.table.columns[reference.columns[i]].name) +
                      " = t." + QuoteIdentifier(reference.other_columns[i]));
    }
    free += " AND NOT EXISTS (SELECT FROM " + plan.target + " o JOIN " + plan.stage + " w ON " +
            plan.KeyMatch("o", "w") + " WHERE " + Join(match, " AND ") +
            " AND w._eclusa_op IN ('U', 'I'))";
  }
  return free;
}

std::string At(const LoadPlan& plan, When when) {
  if (when == When::kAfterMerge || !plan.has_operations || !RefersToItself(plan)) return "true";
  return FreeOfStagedRows(plan);
}

}  // namespace

std::string BuildDelete(const LoadPlan& plan, const std::string& condition, When when) {
  return "DELETE FROM " + plan.target + " t USING " + plan.stage + " s WHERE " +
         plan.KeyMatch("t", "s") + " AND " + NotNewer(plan) + RowImage(plan).IsDelete() + " AND " +
         condition + " AND " + At(plan, when);
}

std::string BuildRemoval(const LoadPlan& plan, When when) {
  return "DELETE FROM " + plan.target + " t WHERE " + plan.FilterCondition("t") +
         " AND NOT EXISTS (SELECT FROM " + plan.stage + " s WHERE " + plan.KeyMatch("t", "s") +
         ") AND " + At(plan, when);
}

std::string BuildCountNew(const LoadPlan& plan, const std::string& condition) {
  return "SELECT count(*) FROM " + plan.stage + " s WHERE " + Upserting(plan, condition) +
         " AND NOT EXISTS (SELECT FROM " + plan.target + " t WHERE " + plan.KeyMatch("t", "s") +
         ")";
}

std::string BuildHasChanges(const LoadPlan& plan, const std::string& condition, int sample) {
  const std::string limit = sample > 0 ? " LIMIT " + std::to_string(sample) : "";
  const std::string& key = plan.columns[plan.key.front()].name;
  // Counted, not asked with EXISTS: that is planned as if a change came soon, one look-up a row.
  return "SELECT count(*) > 0 FROM (SELECT * FROM " + plan.stage + " s WHERE " +
         Upserting(plan, condition) + limit + ") s LEFT JOIN " + plan.target + " t ON " +
         plan.KeyMatch("t", "s") + " WHERE t." + key + " IS NULL OR " + Differs(plan, "t", "s");
}

std::string BuildUpsertPlaces(const LoadPlan& plan, const std::string& condition) {
  return "SELECT s._eclusa_row FROM " + plan.stage + " s WHERE " + Upserting(plan, condition);
}

std::string BuildDiffering(const LoadPlan& plan, const std::string& condition) {
  const std::string& key = plan.columns[plan.key.front()].name;
  return "SELECT s._eclusa_row, t.tableoid::text || t.ctid::text FROM " + plan.stage +
         " s LEFT JOIN " + plan.target + " t ON " + plan.KeyMatch("t", "s") + " WHERE " +
         Upserting(plan, condition) + " AND (t." + key + " IS NULL OR " + Differs(plan, "t", "s") +
         ")";
}

}  // namespace eclusa
