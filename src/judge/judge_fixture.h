// A target and a stage for tests of judge and merge: tables by SQL, staged rows by SQL, verdicts as
// text that a reader can check.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "judge/judge.h"
#include "pg/catalog.h"
#include "pg/identifier.h"
#include "pg/test_database.h"

namespace eclusa {

class JudgeFixture : public testing::Test {
 protected:
  JudgeFixture() : database_("judge_test") {}

  // The target, named t, and whatever it needs.
  void Target(const std::string& sql) { database_.Run(sql); }

  // Stages rows of the given columns, in this order: "(1, 'a'), (2, 'b')". With operations, the
  // first value of each row is 'U', 'I' or 'D'.
  void Stage(const std::string& columns, const std::string& rows) {
    auto table = DescribeTable(database_.connection(), {.schema = database_.schema(), .name = "t"});
    ASSERT_TRUE(table.ok()) << table.error().code();
    plan_.table = *table;
    plan_.target = QuoteQualified(plan_.table.name);
    plan_.stage = QuoteQualified({database_.schema(), "s_1"});
    plan_.verdicts = QuoteQualified({database_.schema(), "v_1"});
    plan_.has_operations = plan_.mode == Mode::kMixed || plan_.mode == Mode::kReplace;
    std::string list = plan_.has_operations ? "_eclusa_op, " : "";
    std::string definition = plan_.has_operations ? "_eclusa_op \"char\", " : "";
    for (const ColumnDescription& column : plan_.table.columns) {
      if ((", " + columns + ",").find(", " + column.name + ",") == std::string::npos) continue;
      plan_.columns.push_back({.name = QuoteIdentifier(column.name),
                               .type = column.type.name,
                               .table_index = plan_.table.IndexOf(column.name),
                               .needs_cast = column.type.name != column.type.stage_name});
      definition += QuoteIdentifier(column.name) + " " + column.type.stage_name + ", ";
    }
    if (const UniqueKey* primary = plan_.table.PrimaryKey();
        primary != nullptr && plan_.mode != Mode::kAppend) {
      plan_.match_key = primary;
      for (const int column : primary->columns) {
        plan_.key.push_back(plan_.Bound(column));
        plan_.columns[plan_.key.back()].key = true;
      }
    }
    database_.Run("CREATE TABLE " + plan_.stage + " (" + definition +
                  "_eclusa_row bigint GENERATED ALWAYS AS IDENTITY)");
    database_.Run("INSERT INTO " + plan_.stage + " (" + list + columns + ") VALUES " + rows);
    for (const std::string& statement : Judge::CreateStatements(plan_.verdicts)) {
      database_.Run(statement);
    }
  }

  // "1:check.violated(t_price_check) 2:duplicate(3)": by row; the row that caused it in
  // parentheses, or the rule.
  std::string Verdicts() {
    Judge judge(database_.connection(), plan_);
    database_.Run("BEGIN");
    auto counts = judge.Run([] { return Ok(); });
    if (!counts.ok()) return "error: " + Describe(counts.error());
    counts_ = *counts;
    const std::string text = database_.Text(
        "SELECT coalesce(string_agg(_eclusa_row || ':' || CASE outcome WHEN 'D' THEN 'duplicate' "
        "WHEN"
        " 'S' THEN 'superseded' ELSE code END || coalesce('(' || coalesce(other::text,"
        " CASE WHEN outcome = 'F' THEN rule END) || ')', ''), ' '"
        " ORDER BY _eclusa_row, code, rule), '') FROM " +
        plan_.verdicts);
    database_.Run("ROLLBACK");
    return text;
  }

  static std::string Describe(const Error& error) {
    std::string text = error.code();
    for (const auto& [name, value] : error.arguments()) text += " " + name + "=" + value;
    return text;
  }

  TestDatabase database_;
  LoadPlan plan_;
  JudgeCounts counts_;
};

}  // namespace eclusa
