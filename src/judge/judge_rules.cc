// The judge's rules of single rows, and its references: what a row must meet whatever the other
// rows of the load do, and what it needs of other rows to stand.

#include <algorithm>
#include <cctype>

#include "judge/judge.h"
#include "model/codes.h"
#include "pg/identifier.h"
#include "pg/sql_state.h"

namespace eclusa {

// An expression of the user over the columns of the target, false for a row that breaks it.
struct Judge::Expression {
  std::string code;
  std::vector<int> columns;
  std::string rule;
  std::string text;
};

namespace {

// A domain's check speaks of VALUE; here of a column. Quoted text is left alone.
std::string ReplaceValueWord(const std::string& expression, const std::string& column) {
  std::string out;
  char quote = 0;
  for (size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (expression.compare(i, 5, "VALUE") == 0) {
      const auto is_word = [&](size_t at) {
        return at < expression.size() &&
               (isalnum(static_cast<unsigned char>(expression[at])) != 0 || expression[at] == '_');
      };
      if ((i == 0 || !is_word(i - 1)) && !is_word(i + 5)) {
        out += column;
        i += 4;
        continue;
      }
    }
    out += c;
  }
  return out;
}

// The reference that ties a child's rows to the parent's: where these go, the child's go first.
bool IsTie(const ForeignKey& reference, const LoadPlan& child, const LoadPlan& parent) {
  if (child.document.parent != &parent) return false;
  return std::ranges::all_of(reference.other_columns, [&](const std::string& name) {
    return std::ranges::any_of(child.document.columns, [&](int column) {
      return child.columns[static_cast<size_t>(column)].table_index == child.table.IndexOf(name);
    });
  });
}

}  // namespace

// What this row's columns must meet: domains, checks, columns that must not be null.
std::vector<Judge::Expression> Judge::Expressions() const {
  std::vector<Expression> expressions;
  for (int index = 0; index < static_cast<int>(plan_.table.columns.size()); ++index) {
    const ColumnDescription& column = plan_.table.columns[index];
    const std::string name = QuoteIdentifier(column.name);
    if (plan_.Bound(index) < 0) {
      // Kept where the key exists; a new row would have null.
      if (column.not_null && image_.CanKnow({index})) {
        expressions.push_back(
            {std::string(code::value_required), {index}, "not null", name + " IS NOT NULL"});
      }
      continue;
    }
    // The checker has let nulls pass that a BEFORE trigger may fill.
    const Triggers& triggers = plan_.table.triggers;
    if (column.not_null && (triggers.before_insert_row || triggers.before_update_row)) {
      expressions.push_back(
          {std::string(code::value_required), {index}, "not null", name + " IS NOT NULL"});
    }
    if (!column.type.domain) continue;
    for (const DomainConstraints::Check& check : column.type.domain->checks) {
      if (!check.immutable) continue;
      expressions.push_back({std::string(code::check_violated),
                             {index},
                             check.name,
                             ReplaceValueWord(check.expression, name)});
    }
  }
  for (const CheckConstraint& check : plan_.table.checks) {
    if (!check.immutable || !image_.CanKnow(check.columns)) continue;
    expressions.push_back(
        {std::string(code::check_violated), check.columns, check.name, check.expression});
  }
  return expressions;
}

Status Judge::JudgeSingleRows() {
  if (plan_.mode == Mode::kDelete) return JudgeKeyExistence();
  TRY(JudgeChecks());
  TRY(JudgePartitions());
  for (const ForeignKey& reference : plan_.table.references) {
    const bool alone = !reference.self && InLoad(reference.other) == nullptr;
    if (alone && reference.readable) TRY(JudgeOutgoingReference(reference));
  }
  for (const UniqueKey& key : plan_.table.unique_keys) {
    if (!IsMatchKey(key)) TRY(JudgeIndexExpressions(key));
  }
  return JudgeKeyExistence();
}

// All expressions in one pass; where one of them raises, each alone, and that one row by row.
Status Judge::JudgeChecks() {
  const std::vector<Expression> expressions = Expressions();
  if (expressions.empty()) return Ok();
  std::vector<int> columns;
  std::vector<std::string> all, values;
  for (const Expression& expression : expressions) {
    columns.insert(columns.end(), expression.columns.begin(), expression.columns.end());
    all.push_back("(" + expression.text + ")");
    std::vector<std::string> names;
    for (const int index : expression.columns) {
      names.push_back(QuoteIdentifier(plan_.table.columns[index].name));
    }
    values.push_back("(" + QuoteLiteral(expression.code) + ", " + ColumnNames(expression.columns) +
                     ", " + QuoteLiteral(expression.rule) + ", " +
                     (names.empty() ? "''" : ValueText(names)) + ", (" + expression.text + "))");
  }
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  const std::string select =
      "SELECT i._eclusa_row, " + std::to_string(step_) +
      ", 'F', c.code, c.cols, c.rule, c.value, NULL::bigint FROM (SELECT * FROM " +
      image_.Upserts(columns, Survives("s")) + " i WHERE (" + Join(all, " AND ") +
      ") IS FALSE OFFSET 0) i CROSS JOIN LATERAL (VALUES " + Join(values, ", ") +
      ") c(code, cols, rule, value, met) WHERE c.met IS FALSE";
  bool raised = false;
  TRY(AddGuarded(select, &raised));
  if (!raised) return Ok();
  for (const Expression& expression : expressions) TRY(JudgeExpressionAlone(expression));
  return Ok();
}

Status Judge::JudgeExpressionAlone(const Expression& expression) {
  const std::string relation = image_.Upserts(expression.columns, Survives("s"));
  std::vector<std::string> names, fields;
  for (const int index : expression.columns) {
    names.push_back(QuoteIdentifier(plan_.table.columns[index].name));
    fields.push_back("_eclusa_r." + names.back() + " AS " + names.back());
  }
  const std::string value = names.empty() ? "''" : ValueText(names);
  const std::string verdict = std::to_string(step_) + ", 'F', " + QuoteLiteral(expression.code) +
                              ", " + ColumnNames(expression.columns) + ", " +
                              QuoteLiteral(expression.rule) + ", ";
  bool raised = false;
  TRY(AddGuarded("SELECT i._eclusa_row, " + verdict + value + ", NULL::bigint FROM " + relation +
                     " i WHERE (" + expression.text + ") IS FALSE",
                 &raised));
  if (!raised) return Ok();
  ++counts_.expressions_raised;
  return RunRowByRow(
      relation,
      "SELECT (" + expression.text + ") IS FALSE, " + value +
          " INTO _eclusa_broken, _eclusa_value FROM (SELECT " + Join(fields, ", ") +
          ") i;\n"
          "IF _eclusa_broken THEN INSERT INTO " +
          plan_.verdicts +
          " (_eclusa_row, step, outcome, code, cols, rule, value) VALUES (_eclusa_r._eclusa_row, " +
          verdict + "_eclusa_value); END IF;",
      ColumnNames(expression.columns), expression.rule);
}

Status Judge::RunRowByRow(const std::string& relation, const std::string& body,
                          const std::string& columns, const std::string& rule) {
  const std::string block =
      "#variable_conflict use_column\n"
      "DECLARE _eclusa_r record; _eclusa_broken boolean; _eclusa_value text;\n"
      "BEGIN FOR _eclusa_r IN SELECT * FROM " +
      relation + " i LOOP\nBEGIN " + body + "\nEXCEPTION WHEN OTHERS THEN INSERT INTO " +
      plan_.verdicts +
      " (_eclusa_row, step, outcome, code, cols, rule, arguments) VALUES (_eclusa_r._eclusa_row, " +
      std::to_string(step_) + ", 'F', 'database.rejected', " + columns + ", " + QuoteLiteral(rule) +
      ", concat_ws(E'\\x1f', 'sqlstate', SQLSTATE, 'detail', SQLERRM));\nEND; END LOOP; END";
  TRY(connection_.Execute("DO " + QuoteLiteral(block)));
  added_ += 1;  // at least one row raised
  return Ok();
}

// Rows that no partition takes.
Status Judge::JudgePartitions() {
  if (!plan_.table.partitioned || plan_.table.has_default_partition) return Ok();
  std::vector<std::string> oids;
  for (const uint32_t oid : plan_.table.leaf_oids) oids.push_back(std::to_string(oid));
  std::string bounds = "false";
  if (!oids.empty()) {
    QueryResult result = TRY(connection_.Execute(
        "SELECT string_agg('(' || pg_get_partition_constraintdef(oid) || ')', ' OR ') FROM "
        "pg_class WHERE oid IN (" +
        Join(oids, ", ") + ")"));
    if (result.IsNull(0, 0)) return Ok();
    bounds = result.Text(0, 0);
  }
  const std::vector<int> columns = image_.KnownColumns();
  bool raised = false;
  TRY(AddGuarded("SELECT i._eclusa_row, " + std::to_string(step_) +
                     ", 'F', 'check.partition', NULL, " + QuoteLiteral(plan_.table.name.Display()) +
                     ", NULL, NULL::bigint FROM " + image_.Upserts(columns, Survives("s")) +
                     " i WHERE (" + bounds + ") IS NOT TRUE",
                 &raised));
  return Ok();
}

// The plan of a table that the same load writes; null: it does not.
const LoadPlan* Judge::InLoad(const TableName& table) const {
  for (const LoadPlan* other : others_) {
    if (other->table.name == table) return other;
  }
  return nullptr;
}

// The reference is what ties a child to its parent: both come from one document, and stand or fall
// together.
bool Judge::Ties(const ForeignKey& reference) const {
  if (!plan_.is_child() || !(plan_.document.parent->table.name == reference.other)) return false;
  for (size_t i = 0; i < reference.columns.size(); ++i) {
    bool tied = false;
    for (size_t k = 0; k < plan_.document.columns.size(); ++k) {
      const LoadPlan& parent = *plan_.document.parent;
      const PlanColumn& above = parent.columns[plan_.document.parent_key[k]];
      tied =
          tied || (plan_.columns[plan_.document.columns[k]].table_index == reference.columns[i] &&
                   parent.table.columns[above.table_index].name == reference.other_columns[i]);
    }
    if (!tied) return false;
  }
  return true;
}

// References to the load's other tables, to rows that are there when the load is done.
Status Judge::JudgeReferencesAcross() {
  for (const ForeignKey& reference : plan_.table.references) {
    const LoadPlan* other = InLoad(reference.other);
    if (reference.self || other == nullptr || !reference.readable || Ties(reference) ||
        !image_.CanKnow(reference.columns) || !image_.WritesAny(reference.columns)) {
      continue;
    }
    std::vector<int> parent_columns;
    for (const std::string& name : reference.other_columns) {
      parent_columns.push_back(other->table.IndexOf(name));
    }
    const RowImage parents(*other);
    if (!parents.CanKnow(parent_columns)) continue;
    std::vector<std::string> names, not_null, in_load, in_target;
    for (size_t i = 0; i < reference.columns.size(); ++i) {
      names.push_back("s." + QuoteIdentifier(plan_.table.columns[reference.columns[i]].name));
      not_null.push_back(names.back() + " IS NOT NULL");
      in_load.push_back("p." + QuoteIdentifier(reference.other_columns[i]) + " = " + names.back());
      in_target.push_back("t." + QuoteIdentifier(reference.other_columns[i]) + " = " +
                          names.back());
    }
    const std::string accepted = other->WithoutVerdict("s");
    TRY(Add("SELECT s._eclusa_row, " + std::to_string(step_) + ", 'F', 'reference.missing', " +
            ColumnNames(reference.columns) + ", " +
            QuoteLiteral(reference.name + " -> " + reference.other.Display()) + ", " +
            ValueText(names) + ", NULL::bigint FROM " +
            image_.Upserts(reference.columns, Survives("s")) + " s WHERE " +
            Join(not_null, " AND ") + " AND NOT EXISTS (SELECT FROM " +
            parents.Upserts(parent_columns, accepted) + " p WHERE " + Join(in_load, " AND ") +
            ") AND NOT EXISTS (SELECT FROM " + other->target + " t WHERE " +
            Join(in_target, " AND ") + " AND " + other->StaysForReferences("t") + ")"));
  }
  return Ok();
}

// References to tables that this load does not change.
Status Judge::JudgeOutgoingReference(const ForeignKey& reference) {
  if (!image_.CanKnow(reference.columns) || !image_.WritesAny(reference.columns)) return Ok();
  std::vector<std::string> names, not_null, equal, any_null, any_value;
  for (size_t i = 0; i < reference.columns.size(); ++i) {
    const std::string name = "s." + QuoteIdentifier(plan_.table.columns[reference.columns[i]].name);
    names.push_back(name);
    not_null.push_back(name + " IS NOT NULL");
    any_null.push_back(name + " IS NULL");
    equal.push_back("p." + QuoteIdentifier(reference.other_columns[i]) + " = " + name);
  }
  std::string broken = "(" + Join(not_null, " AND ") + " AND NOT EXISTS (SELECT FROM " +
                       QuoteQualified(reference.other) + " p WHERE " + Join(equal, " AND ") + "))";
  if (reference.match_full && names.size() > 1) {
    broken += " OR ((" + Join(any_null, " OR ") + ") AND (" + Join(not_null, " OR ") + "))";
  }
  TRY(Add("SELECT s._eclusa_row, " + std::to_string(step_) + ", 'F', 'reference.missing', " +
          ColumnNames(reference.columns) + ", " +
          QuoteLiteral(reference.name + " -> " + reference.other.Display()) + ", " +
          ValueText(names) + ", NULL::bigint FROM " +
          image_.Upserts(reference.columns, Survives("s")) + " s WHERE " + broken));
  return Ok();
}

// Mode insert: the key is there already. Tenants: the key belongs to somebody else, who is not
// named.
Status Judge::JudgeKeyExistence() {
  if (plan_.key.empty() || plan_.mode == Mode::kAppend) return Ok();
  std::vector<int> key_columns;
  std::vector<std::string> names;
  for (const int index : plan_.key) {
    key_columns.push_back(plan_.columns[index].table_index);
    names.push_back("s." + plan_.columns[index].name);
  }
  const std::string head = "SELECT s._eclusa_row, " + std::to_string(step_) + ", 'F', ";
  const std::string rule =
      QuoteLiteral(plan_.match_key == nullptr ? std::string("key") : plan_.match_key->name);
  if (plan_.mode == Mode::kInsert) {
    TRY(Add(head + "'unique.in_target', " + ColumnNames(key_columns) + ", " + rule + ", " +
            ValueText(names) + ", NULL::bigint FROM " + plan_.stage + " s WHERE " + Survives("s") +
            " AND EXISTS (SELECT FROM " + plan_.target + " t WHERE " + plan_.KeyMatch("t", "s") +
            ")"));
  }
  if (!plan_.filter.empty()) {
    TRY(Add(head + "'value.outside_filter', " + ColumnNames(key_columns) + ", " + rule + ", " +
            ValueText(names) + ", NULL::bigint FROM " + plan_.stage + " s JOIN " + plan_.target +
            " t ON " + plan_.KeyMatch("t", "s") + " WHERE (" + plan_.FilterCondition("t") +
            ") IS NOT TRUE AND " + Survives("s")));
  }
  if (plan_.is_child()) {
    std::vector<std::string> other;
    for (const int index : plan_.document.columns) {
      const std::string& name = plan_.columns[index].name;
      other.push_back("t." + name + " <> s." + name);
    }
    TRY(Add(head + "'key.other_owner', " + ColumnNames(key_columns) + ", " + rule + ", " +
            ValueText(names) + ", NULL::bigint FROM " + plan_.stage + " s JOIN " + plan_.target +
            " t ON " + plan_.KeyMatch("t", "s") + " WHERE (" + Join(other, " OR ") + ") AND " +
            Survives("s")));
  }
  if (plan_.tenants.empty()) return Ok();
  for (const UniqueKey& key : plan_.table.unique_keys) {
    TRY(JudgeOwner(key, key_columns, head));
  }
  return Ok();
}

// A unique key that is the match key without (some of) its tenant columns: the target's row of the
// same key may be another tenant's.
Status Judge::JudgeOwner(const UniqueKey& key, const std::vector<int>& key_columns,
                         const std::string& head) {
  if (key.has_expressions || !key.predicate.empty() || key.columns.size() >= key_columns.size()) {
    return Ok();
  }
  std::vector<std::string> equal, names, other;
  for (const int column : key.columns) {
    if (std::find(key_columns.begin(), key_columns.end(), column) == key_columns.end()) return Ok();
    const std::string name = QuoteIdentifier(plan_.table.columns[column].name);
    equal.push_back("t." + name + " = s." + name);
    names.push_back("s." + name);
  }
  for (const int tenant : plan_.tenants) {
    const std::string& name = plan_.columns[tenant].name;
    other.push_back("t." + name + " IS DISTINCT FROM s." + name);
  }
  TRY(Add(head + "'key.other_owner', " + ColumnNames(key.columns) + ", " + QuoteLiteral(key.name) +
          ", " + ValueText(names) + ", NULL::bigint FROM " + plan_.stage + " s JOIN " +
          plan_.target + " t ON " + Join(equal, " AND ") + " WHERE (" + Join(other, " OR ") +
          ") AND " + Survives("s")));
  return Ok();
}

// strictOperations, when single rows were judged, for an insert that failed makes no key exist:
// whether the key exists before a row is said by the last insert or delete of the
// key before it in the file, or else by the target.
Status Judge::JudgeOperations() {
  if (!plan_.strict_operations || plan_.mode != Mode::kMixed) return Ok();
  std::vector<int> key_columns;
  std::vector<std::string> names;
  for (const int index : plan_.key) {
    key_columns.push_back(plan_.columns[index].table_index);
    names.push_back("s." + plan_.columns[index].name);
  }
  const std::string alive =
      "(SELECT s.*, (" + Survives("s") + ") AS _eclusa_alive FROM " + plan_.stage + " s) s";
  // Place and word of that last operation in one number, so that one window finds both.
  const std::string chain =
      "(SELECT s.*, max(s._eclusa_row * 2 + (s._eclusa_op = 'I')::int) FILTER (WHERE s._eclusa_op "
      "<> 'U' AND s._eclusa_alive) OVER (PARTITION BY " +
      plan_.KeyList("s") +
      " ORDER BY s._eclusa_row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _eclusa_last "
      "FROM " +
      alive + ")";
  const std::string exists = "CASE WHEN s._eclusa_last IS NULL THEN EXISTS (SELECT FROM " +
                             plan_.target + " t WHERE " + plan_.KeyMatch("t", "s") +
                             ") ELSE s._eclusa_last % 2 = 1 END";
  TRY(Add("SELECT q._eclusa_row, " + std::to_string(step_) +
          ", 'F', CASE q._eclusa_op WHEN 'I' THEN 'unique.in_target' ELSE 'key.not_found' END, " +
          ColumnNames(key_columns) +
          ", 'strictOperations', q.value, NULL::bigint FROM (SELECT "
          "s._eclusa_row, s._eclusa_op, " +
          ValueText(names) + " AS value, " + exists + " AS existed FROM " + chain +
          " s WHERE s._eclusa_op IN ('I', 'U')) q WHERE "
          "q.existed = (q._eclusa_op = 'I')"));
  return Ok();
}

// References from the table to itself: to rows that are there when the load is done. A row under
// deletion counts as there, for the delete is the one that loses.
Status Judge::JudgeReferencesWithin(bool all) {
  for (const ForeignKey& reference : plan_.table.references) {
    if (!reference.self || plan_.mode == Mode::kDelete) continue;
    std::vector<int> parent_columns;
    for (const std::string& name : reference.other_columns) {
      parent_columns.push_back(plan_.table.IndexOf(name));
    }
    if (!image_.CanKnow(reference.columns) || !image_.CanKnow(parent_columns)) continue;
    std::vector<std::string> names, not_null, in_load, in_target, keeps;
    for (size_t i = 0; i < reference.columns.size(); ++i) {
      const std::string child =
          "s." + QuoteIdentifier(plan_.table.columns[reference.columns[i]].name);
      const std::string parent = QuoteIdentifier(reference.other_columns[i]);
      names.push_back(child);
      not_null.push_back(child + " IS NOT NULL");
      in_load.push_back("p." + parent + " = " + child);
      in_target.push_back("t." + parent + " = " + child);
      keeps.push_back("w." + parent + " = t." + parent);
    }
    std::string stays = "true";
    if (!plan_.key.empty() && plan_.mode != Mode::kAppend && !IsMatchKeyColumns(parent_columns)) {
      stays = "NOT EXISTS (SELECT FROM " + image_.Upserts(parent_columns, Survives("s")) +
              " w WHERE " + plan_.KeyMatch("t", "w") + " AND (" + Join(keeps, " AND ") +
              ") IS NOT TRUE)";
    }
    const std::string rule = QuoteLiteral(reference.name + " -> " + reference.other.Display());
    TRY(Add("SELECT s._eclusa_row, " + std::to_string(step_) + ", 'F', 'reference.missing', " +
            ColumnNames(reference.columns) + ", " + rule + ", " + ValueText(names) +
            ", NULL::bigint FROM " + image_.Upserts(reference.columns, Survives("s")) +
            " s WHERE " + Join(not_null, " AND ") + " AND " + Touched("s", all) +
            " AND NOT EXISTS (SELECT FROM " + image_.Upserts(parent_columns, Survives("s")) +
            " p WHERE " + Join(in_load, " AND ") + ") AND NOT EXISTS (SELECT FROM " + plan_.target +
            " t WHERE " + Join(in_target, " AND ") + " AND " + stays + " AND " +
            plan_.StaysForReferences("t") + ")"));
  }
  return Ok();
}

bool Judge::IsMatchKeyColumns(const std::vector<int>& table_columns) const {
  for (const int column : table_columns) {
    const int bound = plan_.Bound(column);
    if (bound < 0 || !plan_.columns[bound].key) return false;
  }
  return true;
}

// Updates that give up a value which other rows refer to, and that no other row takes over. Rows of
// the load that refer to it have been asked themselves.
Status Judge::JudgeGivenUp(bool all) {
  if (plan_.mode == Mode::kDelete || plan_.mode == Mode::kInsert || plan_.key.empty()) return Ok();
  for (const ForeignKey& reference : plan_.table.referenced_by) {
    const bool restricts = reference.on_update == ReferenceAction::kNoAction ||
                           reference.on_update == ReferenceAction::kRestrict;
    if (!reference.readable || !restricts || IsMatchKeyColumns(reference.columns) ||
        !image_.CanKnow(reference.columns) || !image_.WritesAny(reference.columns)) {
      continue;
    }
    std::vector<std::string> match, names, keeps, taken;
    for (size_t i = 0; i < reference.columns.size(); ++i) {
      const std::string own = QuoteIdentifier(plan_.table.columns[reference.columns[i]].name);
      match.push_back("o." + QuoteIdentifier(reference.other_columns[i]) + " = t." + own);
      names.push_back("t." + own);
      keeps.push_back("s." + own + " = t." + own);
      taken.push_back("w." + own + " = t." + own);
    }
    const std::string rows = image_.Upserts(reference.columns, Survives("s"));
    const std::string stays = reference.self
                                  ? " AND NOT EXISTS (SELECT FROM " + plan_.stage + " x WHERE " +
                                        plan_.KeyMatch("o", "x") + " AND " + Survives("x") + ")"
                                  : "";
    TRY(Add("SELECT s._eclusa_row, " + std::to_string(step_) + ", 'F', 'reference.in_use', " +
            ColumnNames(reference.columns) + ", " +
            QuoteLiteral(reference.name + " <- " + reference.other.Display()) + ", " +
            ValueText(names) + ", NULL::bigint FROM " + rows + " s JOIN " + plan_.target +
            " t ON " + plan_.KeyMatch("t", "s") + " WHERE (" + Join(keeps, " AND ") +
            ") IS NOT TRUE AND " + Touched("s", all) + " AND EXISTS (SELECT FROM " +
            QuoteQualified(reference.other) + " o WHERE " + Join(match, " AND ") + stays +
            ") AND NOT EXISTS (SELECT FROM " + rows + " w WHERE " + Join(taken, " AND ") + ")"));
  }
  return Ok();
}

// That a row refers to row t of the target when the load is done: one that stays and that the load
// does not write anew, or one that it writes.
std::string Judge::Referrer(const ForeignKey& reference, const std::string& match) const {
  const bool own = reference.other == plan_.table.name;
  const LoadPlan* other = own ? &plan_ : InLoad(reference.other);
  std::string referrer =
      "EXISTS (SELECT FROM " + QuoteQualified(reference.other) + " o WHERE " + match;
  if (other == nullptr) return referrer + ")";
  if (!own) referrer += " AND " + other->Stays("o");
  std::vector<int> columns;
  for (const std::string& name : reference.other_columns) {
    columns.push_back(other->table.IndexOf(name));
  }
  const RowImage image(*other);
  if (!own && !image.CanKnow(columns)) return referrer + ")";
  const auto written = [&](std::string_view alias) {
    return own ? Survives(alias) : other->Writes(alias);
  };
  return referrer + " AND NOT EXISTS (SELECT FROM " + other->stage + " s WHERE " +
         other->KeyMatch("o", "s") + " AND " + written("s") + ")) OR EXISTS (SELECT FROM " +
         image.Upserts(columns, written("s")) + " o WHERE " + match + ")";
}

// Deletes of rows that somebody refers to when the load is done.
Status Judge::JudgeDeletes(bool all) {
  if (!plan_.Deletes()) return Ok();
  for (const ForeignKey& reference : plan_.table.referenced_by) {
    const LoadPlan* other = InLoad(reference.other);
    if (!reference.readable || (other != nullptr && IsTie(reference, *other, plan_))) continue;
    if (reference.on_delete != ReferenceAction::kNoAction &&
        reference.on_delete != ReferenceAction::kRestrict) {
      continue;  // refused before the load, or allowed by the contract
    }
    std::vector<std::string> match, names;
    for (size_t i = 0; i < reference.columns.size(); ++i) {
      const std::string own = QuoteIdentifier(plan_.table.columns[reference.columns[i]].name);
      match.push_back("o." + QuoteIdentifier(reference.other_columns[i]) + " = t." + own);
      names.push_back("t." + own);
    }
    TRY(Add("SELECT s._eclusa_row, " + std::to_string(step_) + ", 'F', 'reference.in_use', " +
            ColumnNames(reference.columns) + ", " +
            QuoteLiteral(reference.name + " <- " + reference.other.Display()) + ", " +
            ValueText(names) + ", NULL::bigint FROM " + plan_.stage + " s JOIN " + plan_.target +
            " t ON " + plan_.KeyMatch("t", "s") + " WHERE " + image_.IsDelete() + " AND " +
            Survives("s") + " AND " + Touched("s", all) + " AND (" +
            Referrer(reference, Join(match, " AND ")) + ")"));
  }
  if (plan_.is_child()) return Ok();
  for (const LoadPlan* below : others_) TRY(JudgeDeletesBelow(*below, all));
  return Ok();
}

// Deletes of documents that take a row of another table along which somebody refers to.
Status Judge::JudgeDeletesBelow(const LoadPlan& below, bool all) {
  for (const ForeignKey& reference : below.table.referenced_by) {
    const LoadPlan* other = InLoad(reference.other);
    if (!reference.readable || !LoadPlan::Restricts(reference)) continue;
    if (other != nullptr && IsTie(reference, *other, below)) continue;
    std::vector<std::string> match;
    for (size_t i = 0; i < reference.columns.size(); ++i) {
      match.push_back("o." + QuoteIdentifier(reference.other_columns[i]) + " = b." +
                      QuoteIdentifier(below.table.columns[reference.columns[i]].name));
    }
    std::string alias = "b";
    std::string found = "(" + Referrer(reference, Join(match, " AND ")) + ")";
    for (const LoadPlan* at = &below; at != &plan_; at = at->document.parent) {
      const std::string above = at->document.parent == &plan_ ? "t" : alias + "p";
      found = "EXISTS (SELECT FROM " + at->target + " " + alias + " WHERE " +
              at->Hangs(alias, above) + " AND " + found + ")";
      alias = above;
    }
    TRY(Add("SELECT s._eclusa_row, " + std::to_string(step_) + ", 'F', 'reference.in_use', NULL, " +
            QuoteLiteral(reference.name + " <- " + reference.other.Display()) +
            ", NULL, NULL::bigint FROM " + plan_.stage + " s JOIN " + plan_.target + " t ON " +
            plan_.KeyMatch("t", "s") + " WHERE " + image_.IsDelete() + " AND " + Survives("s") +
            " AND " + Touched("s", all) + " AND " + found));
  }
  return Ok();
}

}  // namespace eclusa
