// The judge's step of uniqueness: each unique key but the one that rows are matched by, within the
// load and against the target as the load leaves it.

#include "judge/judge.h"
#include "pg/identifier.h"
#include "pg/sql_state.h"

namespace eclusa {

// How one unique key is written: its parts as _eclusa_u1.. over staged and over target rows.
struct Judge::UniqueSource {
  bool judged = false;             // false: the merge finds out
  std::vector<int> columns;        // of the table, that must be known
  std::vector<std::string> parts;  // _eclusa_u1, ...
  std::string select;              // ", (code) AS _eclusa_u1 ..." over unqualified columns
  std::string condition;           // predicate AND parts not null, over unqualified columns

  std::string Equal(std::string_view a, std::string_view b, bool nulls_equal) const {
    std::vector<std::string> terms;
    if (nulls_equal) {
      // As records, for nulls are equal there and the join can hash.
      std::vector<std::string> left, right;
      for (const std::string& part : parts) {
        left.push_back(std::string(a) + "." + part);
        right.push_back(std::string(b) + "." + part);
      }
      return "ROW(" + Join(left, ", ") + ")::record = ROW(" + Join(right, ", ") + ")::record";
    }
    for (const std::string& part : parts) {
      terms.push_back(std::string(a) + "." + part + " = " + std::string(b) + "." + part);
    }
    return Join(terms, " AND ");
  }
  std::string List(std::string_view alias) const {
    std::vector<std::string> terms;
    for (const std::string& part : parts) terms.push_back(std::string(alias) + "." + part);
    return Join(terms, ", ");
  }
};

// Fragments that both statements of one key share.
struct Judge::UniqueText {
  std::string staged;  // the relation of staged rows
  std::string head;    // SELECT row, step, outcome,
  std::string tail;    // columns, rule, value
};

Judge::UniqueSource Judge::SourceOf(const UniqueKey& key) const {
  UniqueSource source;
  const bool plain = !key.has_expressions && key.predicate.empty();
  source.columns = plain ? key.columns : image_.KnownColumns();
  // Without SELECT nobody but the server can look at the target.
  source.judged = key.immutable && key.by_equality && !left_to_merge_.contains(key.name) &&
                  plan_.table.privileges.select && image_.CanKnow(source.columns) &&
                  image_.CanKnow(key.reads) && (plain || !key.reads.empty()) &&
                  (key.nulls_not_distinct || image_.WritesAny(source.columns));
  std::vector<std::string> not_null;
  const size_t count = key.has_expressions ? key.expressions.size() : key.columns.size();
  for (size_t i = 0; i < count; ++i) {
    const std::string part = key.has_expressions
                                 ? key.expressions[i]
                                 : QuoteIdentifier(plan_.table.columns[key.columns[i]].name);
    source.parts.push_back("_eclusa_u" + std::to_string(i + 1));
    // A domain is compared as its base type, as it is staged.
    const bool domain =
        !key.has_expressions && plan_.table.columns[key.columns[i]].type.domain.has_value();
    source.select += ", (" + part + ")" +
                     (domain ? "::" + plan_.table.columns[key.columns[i]].type.name : "") + " AS " +
                     source.parts.back();
    if (!key.nulls_not_distinct) not_null.push_back("(" + part + ") IS NOT NULL");
  }
  if (!key.predicate.empty()) not_null.push_back("(" + key.predicate + ")");
  source.condition = not_null.empty() ? "true" : Join(not_null, " AND ");
  return source;
}

namespace {

// `SELECT list of columns FROM relation`, for a relation whose columns are unqualified.
std::string Narrow(const std::string& relation, const std::string& columns,
                   const std::string& select, const std::string& condition) {
  return "(SELECT " + columns + select + " FROM " + relation + " i WHERE " + condition + ")";
}

}  // namespace

// Where an expression raises for some rows, these must be gone before it is evaluated for the
// others.
std::string Judge::Fenced(const UniqueKey& key, const std::string& relation) const {
  if (!raising_.contains(key.name)) return relation;
  return "(SELECT * FROM " + relation + " f OFFSET 0)";
}

// Rows for which the index's own expression or predicate raises.
Status Judge::JudgeIndexExpressions(const UniqueKey& key) {
  const UniqueSource source = SourceOf(key);
  if (!source.judged || (!key.has_expressions && key.predicate.empty())) return Ok();
  const std::string relation = image_.Upserts(source.columns, Survives("s"));
  bool raised = false;
  const std::string parts = "concat(" + source.List("q") + ")";
  TRY(AddGuarded("SELECT q._eclusa_row, 0, 'F', " + parts +
                     ", NULL, NULL, NULL, NULL::bigint FROM " +
                     Narrow(relation, "_eclusa_row", source.select, source.condition) +
                     " q WHERE " + parts + " IS NULL",
                 &raised));
  if (!raised) return Ok();
  ++counts_.expressions_raised;
  raising_.insert(key.name);
  std::vector<std::string> fields;
  for (const int index : source.columns) {
    const std::string name = QuoteIdentifier(plan_.table.columns[index].name);
    fields.push_back("_eclusa_r." + name + " AS " + name);
  }
  return RunRowByRow(relation,
                     "SELECT " + parts + " INTO _eclusa_value FROM " +
                         Narrow("(SELECT " + Join(fields, ", ") + ")", "1 AS _eclusa_one",
                                source.select, source.condition) +
                         " q;",
                     "NULL", key.name);
}

Status Judge::JudgeUniqueKeys(bool all) {
  for (const UniqueKey& key : plan_.table.unique_keys) {
    if (!IsMatchKey(key)) TRY(JudgeUnique(key, all));
  }
  return Ok();
}

Status Judge::JudgeUnique(const UniqueKey& key, bool all) {
  const UniqueSource source = SourceOf(key);
  if (!source.judged || plan_.mode == Mode::kDelete) return Ok();
  std::vector<std::string> key_names;
  for (const int index : plan_.key) key_names.push_back(plan_.columns[index].name);
  const std::string keys = key_names.empty() ? "" : ", " + Join(key_names, ", ");
  const std::string staged = Narrow(Fenced(key, image_.Upserts(source.columns, Survives("s"))),
                                    "_eclusa_row" + keys, source.select, source.condition);
  const std::string columns =
      key.has_expressions ? QuoteLiteral(Join(key.expressions, ", ")) : ColumnNames(key.columns);
  std::vector<std::string> parts;
  for (const std::string& part : source.parts) parts.push_back("s." + part);
  const std::string head = "SELECT s._eclusa_row, " + std::to_string(step_) + ", 'F', ";
  const std::string tail = columns + ", " + QuoteLiteral(key.name) + ", " + ValueText(parts);

  // Within the load: all rows of one value fail, each names its neighbour in the load's order.
  std::string several = "(SELECT " + source.List("x") + " FROM " + staged + " x";
  if (!all) {
    several += " WHERE EXISTS (SELECT FROM " + staged + " y WHERE " + Touched("y", false) +
               " AND " + source.Equal("y", "x", key.nulls_not_distinct) + ")";
  }
  several += " GROUP BY " + source.List("x") + " HAVING count(*) > 1)";
  const std::string window = "OVER (PARTITION BY " + source.List("s") + " ORDER BY s._eclusa_row)";
  const std::string in_file = head + "'unique.in_file', " + tail +
                              ", coalesce(lag(s._eclusa_row) " + window + ", lead(s._eclusa_row) " +
                              window + ") FROM " + staged + " s JOIN " + several + " d ON " +
                              source.Equal("d", "s", key.nulls_not_distinct);
  bool raised = false;
  TRY(AddGuarded(in_file, &raised));
  if (raised) {
    ++counts_.expressions_raised;
    left_to_merge_.insert(key.name);
    return Ok();
  }

  return JudgeUniqueInTarget(key, source, {staged, head, tail}, all);
}

// Against the target: a row that another accepted row replaces gives its value up only where the
// constraint is checked at the end; one that is deleted is gone before the merge. The conflicts are
// few: they are found first, and only then is asked who replaces the rows in the way.
Status Judge::JudgeUniqueInTarget(const UniqueKey& key, const UniqueSource& source,
                                  const UniqueText& text, bool all) {
  const bool by_key = plan_.mode != Mode::kAppend && !plan_.key.empty();
  std::vector<std::string> held_columns, conflict_columns;
  for (const int index : plan_.key) {
    held_columns.push_back(plan_.columns[index].name);
    conflict_columns.push_back("t." + plan_.columns[index].name);
  }
  if (held_columns.empty()) held_columns = {"1 AS _eclusa_any"};
  const std::string held = Narrow(plan_.target, Join(held_columns, ", "), source.select,
                                  source.condition + " AND " + plan_.Stays("i"));
  std::string conflicts = "SELECT s._eclusa_row, " + source.List("s");
  if (by_key) conflicts += ", " + Join(conflict_columns, ", ");
  conflicts += " FROM " + text.staged + " s JOIN " + held + " t ON " +
               source.Equal("t", "s", key.nulls_not_distinct) + " WHERE " + Touched("s", all);
  if (by_key) conflicts += " AND NOT (" + plan_.KeyMatch("t", "s") + ")";
  std::string select = "WITH s AS MATERIALIZED (" + conflicts + ") " + text.head;
  if (!by_key) {
    select += "'unique.in_target', " + text.tail + ", NULL::bigint FROM s";
  } else {
    // A replacing row that keeps the value has met this row within the load already.
    const std::string deleted = plan_.has_operations ? "w._eclusa_op = 'D'" : "false";
    const std::string keeps = "EXISTS (SELECT FROM " + text.staged +
                              " k WHERE k._eclusa_row = w._eclusa_row AND " +
                              source.Equal("k", "s", key.nulls_not_distinct) + ")";
    select += "CASE WHEN w._eclusa_row IS NULL THEN 'unique.in_target' ELSE 'unique.swap' END, " +
              text.tail + ", w._eclusa_row FROM s LEFT JOIN (SELECT s.* FROM " + plan_.stage +
              " s WHERE " + Survives("s") + ") w ON " + plan_.KeyMatch("s", "w") +
              " WHERE w._eclusa_row IS NULL";
    if (!key.deferrable) select += " OR NOT (" + deleted + " OR " + keeps + ")";
  }
  bool raised = false;
  TRY(AddGuarded(select, &raised));
  if (raised) left_to_merge_.insert(key.name);
  return Ok();
}

// Survivors whose unique value is held by a target row that a failed row was to replace.
Status Judge::TouchUnique(const UniqueKey& key, const std::string& failed_keys) {
  const UniqueSource source = SourceOf(key);
  if (!source.judged || plan_.mode == Mode::kDelete) return Ok();
  std::vector<std::string> key_names;
  for (const int index : plan_.key) key_names.push_back(plan_.columns[index].name);
  const std::string staged =
      Narrow(Fenced(key, image_.Upserts(source.columns, Survives("s"))),
             "_eclusa_row, " + Join(key_names, ", "), source.select, source.condition);
  const std::string held = Narrow(plan_.target, Join(key_names, ", "), source.select,
                                  source.condition + " AND " + plan_.Stays("i"));
  auto done = connection_.Execute(
      "INSERT INTO " + TouchedTable(plan_.verdicts) + " SELECT DISTINCT s._eclusa_row FROM " +
      held + " t JOIN " + failed_keys + " k ON " + plan_.KeyMatch("t", "k") + " JOIN " + staged +
      " s ON " + source.Equal("t", "s", key.nulls_not_distinct) + " WHERE NOT (" +
      plan_.KeyMatch("t", "s") + ")");
  if (!done.ok()) return std::move(done).error();
  return Ok();
}

}  // namespace eclusa
