#include "judge/judge.h"

#include <algorithm>
#include <utility>

#include "model/codes.h"
#include "pg/identifier.h"
#include "pg/sql_state.h"

namespace eclusa {
namespace {

// So many verdicts are worth the server's knowing of them: it takes them for a handful otherwise,
// and plans loops.
constexpr int64_t kVerdictsAnalyzed = 1000;

std::vector<std::string> ParseTextArray(std::string_view text) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find('\x1f', begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

Judge::Judge(Connection& connection, const LoadPlan& plan, std::vector<const LoadPlan*> others)
    : connection_(connection), plan_(plan), others_(std::move(others)), image_(plan) {}

// eclusa_stage.v_7 -> v_7_rows, quoted or not: an index stands in its table's schema.
std::string Judge::RowsIndex(const std::string& verdicts) {
  std::string name = verdicts.substr(verdicts.find('.') + 1);
  if (!name.ends_with('"')) return name + "_rows";
  return name.substr(0, name.size() - 1) + "_rows\"";
}

std::string Judge::TouchedTable(const std::string& verdicts) {
  // eclusa_stage.v_7 -> eclusa_stage.v_7_touched, quoted or not
  if (!verdicts.ends_with('"')) return verdicts + "_touched";
  return verdicts.substr(0, verdicts.size() - 1) + "_touched\"";
}

std::vector<std::string> Judge::CreateStatements(const std::string& verdicts) {
  return {"CREATE UNLOGGED TABLE " + verdicts +
              " (_eclusa_row bigint NOT NULL, step int NOT NULL, outcome \"char\" NOT NULL,"
              " code text, cols text, rule text, value text, other bigint, arguments text)"
              " WITH (autovacuum_enabled = off)",
          "CREATE UNLOGGED TABLE " + TouchedTable(verdicts) +
              " (_eclusa_row bigint NOT NULL, held text) WITH (autovacuum_enabled = off)"};
}

Result<int64_t> Judge::Add(const std::string& select, Adds adds) {
  const std::string columns = "(_eclusa_row, step, outcome, code, cols, rule, value, other)";
  const std::string rows = stand_aside_ ? "SELECT - _eclusa_row, step, outcome, code, cols, rule, "
                                          "value, other FROM (" +
                                              select + ") _eclusa_found " + columns
                                        : select;
  QueryResult result =
      TRY(connection_.Execute("INSERT INTO " + plan_.verdicts + " " + columns + " " + rows));
  added_ += result.affected();
  if (adds == Adds::kLosers) losers_ += result.affected();
  if (stand_aside_) aside_ += result.affected();
  if (result.affected() >= kVerdictsAnalyzed) {
    // Whoever asks for the first row of what has no verdict gets a plan that looks row by row.
    TRY(connection_.Execute("CREATE INDEX IF NOT EXISTS " + RowsIndex(plan_.verdicts) + " ON " +
                            plan_.verdicts + " (_eclusa_row)"));
    TRY(connection_.Execute("ANALYZE " + plan_.verdicts + " (_eclusa_row, step, outcome)"));
  }
  return result.affected();
}

Result<int64_t> Judge::AddGuarded(const std::string& select, bool* raised) {
  *raised = false;
  TRY(connection_.Execute("SAVEPOINT eclusa_expression"));
  auto added = Add(select);
  if (added.ok()) {
    TRY(connection_.Execute("RELEASE SAVEPOINT eclusa_expression"));
    return added;
  }
  if (!IsRowsFault(added.error().sql_state())) return added;
  TRY(connection_.Execute(
      "ROLLBACK TO SAVEPOINT eclusa_expression; RELEASE SAVEPOINT eclusa_expression"));
  *raised = true;
  return int64_t{0};
}

std::string Judge::Survives(std::string_view alias) const {
  std::string condition =
      plan_.has_present_rows() ? std::string(alias) + "._eclusa_op <> 'P'" : "true";
  if (added_ == 0) return condition;
  return condition + " AND NOT EXISTS (SELECT FROM " + plan_.verdicts +
         " v WHERE v._eclusa_row = " + std::string(alias) + "._eclusa_row AND v.step < " +
         std::to_string(step_) + ")";
}

std::string Judge::Touched(std::string_view alias, bool all) const {
  if (all) return "true";
  return std::string(alias) + "._eclusa_row IN (SELECT _eclusa_row FROM " +
         TouchedTable(plan_.verdicts) + ")";
}

std::string Judge::ColumnNames(const std::vector<int>& table_columns) const {
  std::vector<std::string> names;
  for (const int index : table_columns) names.push_back(plan_.table.columns[index].name);
  return QuoteLiteral(Join(names, ", "));
}

std::string Judge::ValueText(const std::vector<std::string>& columns) const {
  std::vector<std::string> texts;
  for (const std::string& column : columns)
    texts.push_back("coalesce(" + column + "::text, 'null')");
  return "left(concat_ws(', ', " + Join(texts, ", ") + "), 100)";
}

bool Judge::IsMatchKey(const UniqueKey& key) const {
  return plan_.match_key != nullptr && plan_.match_key->name == key.name &&
         plan_.mode != Mode::kAppend;
}

Result<JudgeCounts> Judge::Run(const std::function<Status()>& try_suspects) {
  TRY(Start(try_suspects));
  TRY(Take(Step::kOperations, /*all=*/true));
  TRY(Rounds(/*all=*/true));
  return Count();
}

Status Judge::Take(Step step, bool all) {
  ++step_;
  switch (step) {
    case Step::kOperations:
      return JudgeOperations();
    case Step::kWinners:
      return plan_.key.empty() || plan_.mode == Mode::kAppend ? Ok() : ChooseWinners(all);
    case Step::kReferences:
      stand_aside_ = !others_.empty();
      TRY(JudgeReferencesWithin(all));
      TRY(JudgeReferencesAcross());
      TRY(JudgeDeletes(all));
      return JudgeGivenUp(all);
    case Step::kUniqueness:
      stand_aside_ = !others_.empty();
      return JudgeUniqueKeys(all);
  }
  return Ok();
}

Status Judge::Publish() {
  stand_aside_ = false;
  if (std::exchange(aside_, 0) == 0) return Ok();
  TRY(connection_.Execute("UPDATE " + plan_.verdicts +
                          " SET _eclusa_row = - _eclusa_row WHERE _eclusa_row < 0"));
  return Ok();
}

Status Judge::Start(const std::function<Status()>& try_suspects) {
  counts_ = {};
  added_ = 0;
  aside_ = 0;
  stand_aside_ = false;
  losers_ = 0;
  duplicates_ = 0;
  TRY(connection_.Execute("TRUNCATE " + plan_.verdicts + ", " + TouchedTable(plan_.verdicts)));
  step_ = 1;
  TRY(JudgeSingleRows());
  if (added_ > 0) TRY(try_suspects());
  return Ok();
}

Result<JudgeCounts> Judge::Count() {
  if (added_ == 0) return counts_;
  QueryResult counts = TRY(connection_.Execute(
      "SELECT count(DISTINCT _eclusa_row) FILTER (WHERE outcome = 'F'),"
      " count(*) FILTER (WHERE outcome = 'D'), count(*) FILTER (WHERE outcome = 'S'),"
      " count(*) FILTER (WHERE outcome = 'K') FROM " +
      plan_.verdicts));
  counts_.failed = counts.Int(0, 0);
  counts_.duplicate = counts.Int(0, 1);
  counts_.superseded = counts.Int(0, 2);
  counts_.skipped = counts.Int(0, 3);
  return counts_;
}

void Judge::BeginCondemning() {
  ++step_;
  round_first_step_ = step_;
}

Status Judge::Condemn(int64_t stage_place, const Reason& reason) {
  std::vector<std::string> arguments;
  for (const auto& [name, value] : reason.arguments) {
    arguments.push_back(name);
    arguments.push_back(value);
  }
  TRY(connection_.Query(
      "INSERT INTO " + plan_.verdicts +
          " (_eclusa_row, step, outcome, code, cols, rule, value,"
          " arguments) VALUES ($1, $2, 'F', $3, $4, $5, $6, $7)",
      {std::to_string(stage_place), std::to_string(step_), reason.code, reason.column, reason.rule,
       ClipValue(reason.value), Join(arguments, "\x1f")}));
  ++added_;
  return Ok();
}

Result<int64_t> Judge::Skip(const std::string& condition) {
  return Add("SELECT s._eclusa_row, " + std::to_string(step_) +
                 ", 'K', NULL, NULL, NULL, NULL, NULL::bigint FROM " + plan_.stage + " s WHERE " +
                 condition,
             Adds::kLosers);
}

Result<JudgeCounts> Judge::FinishCondemning() {
  if (TRY(FindTouched())) TRY(Rounds(/*all=*/false));
  return Count();
}

// It ends: only failures touch other rows, so that each round but the last fails a row or more.
Status Judge::Rounds(bool all) {
  for (int round = 1;; ++round, all = false) {
    counts_.rounds = std::max(counts_.rounds, round);
    BeginCondemning();
    for (const Step step : {Step::kWinners, Step::kReferences, Step::kUniqueness}) {
      TRY(Take(step, all));
      TRY(Publish());
    }
    if (added_ == 0 || !TRY(FindTouched())) return Ok();
  }
}

// A child's key in two documents fails in both: none is more right than the other.
Status Judge::ChooseDocuments() {
  std::vector<std::string> names;
  std::vector<int> table_columns;
  for (const int index : plan_.key) {
    names.push_back("s." + plan_.columns[index].name);
    table_columns.push_back(plan_.columns[index].table_index);
  }
  const std::string key = plan_.KeyList("s");
  const std::string window = "OVER (PARTITION BY " + key + " ORDER BY s._eclusa_row)";
  TRY(Add("SELECT s._eclusa_row, " + std::to_string(step_) + ", 'F', 'unique.in_file', " +
          ColumnNames(table_columns) + ", 'key', " + ValueText(names) +
          ", coalesce(lag(s._eclusa_row) " + window + ", lead(s._eclusa_row) " + window +
          ") FROM " + plan_.stage + " s JOIN (SELECT " + key + " FROM " + plan_.stage +
          " s WHERE " + Survives("s") + " GROUP BY " + key +
          " HAVING min(s._eclusa_doc) <> max(s._eclusa_doc)) d ON " + plan_.KeyMatch("d", "s") +
          " WHERE " + Survives("s")));
  ++step_;
  return Ok();
}

// One winner for each key among the rows that have not failed; the others are duplicates, or all
// fail where the rule is to reject. Then the winners that are older than the target's row.
Status Judge::ChooseWinners(bool all) {
  const std::string key = plan_.KeyList("s");
  if (plan_.is_child() && all) {
    // Most loads have no such key: one look instead of the two that tell them apart.
    QueryResult twice =
        TRY(connection_.Execute("SELECT EXISTS (SELECT FROM " + plan_.stage + " s WHERE " +
                                Survives("s") + " GROUP BY " + key + " HAVING count(*) > 1)"));
    if (!twice.Bool(0, 0)) return Ok();
    TRY(ChooseDocuments());
  }
  std::string order = "s._eclusa_row DESC";
  if (plan_.duplicates == Duplicates::kFirst) order = "s._eclusa_row";
  if (plan_.duplicates == Duplicates::kHighestVersion) {
    order = "s." + plan_.columns[plan_.version].name + " DESC NULLS LAST, s._eclusa_row DESC";
  }
  const std::string several = "(SELECT " + key + " FROM " + plan_.stage + " s WHERE " +
                              Survives("s") + " GROUP BY " + key + " HAVING count(*) > 1)";
  const std::string step = std::to_string(step_);
  const bool reject = plan_.duplicates == Duplicates::kReject;
  // In later rounds only keys that still have a row without a verdict and lost a winner matter;
  // FindTouched has withdrawn the duplicate verdicts of exactly those keys.
  if (all || duplicates_ > 0) {
    const std::string window = "OVER (PARTITION BY " + key + " ORDER BY " + order + ")";
    const std::string other =
        reject ? "coalesce(lag(s._eclusa_row) " + window + ", lead(s._eclusa_row) " + window + ")"
               : "first_value(s._eclusa_row) " + window;
    std::vector<std::string> names;
    std::vector<int> table_columns;
    for (const int index : plan_.key) {
      names.push_back("s." + plan_.columns[index].name);
      table_columns.push_back(plan_.columns[index].table_index);
    }
    const std::string rows = "(SELECT s._eclusa_row, " + other + " AS other, " + ValueText(names) +
                             " AS value FROM " + plan_.stage + " s JOIN " + several + " d ON " +
                             plan_.KeyMatch("d", "s") + " WHERE " + Survives("s") + ") q";
    const std::string outcome = reject ? "'F', 'unique.in_file'" : "'D', NULL";
    const int64_t losers = TRY(
        Add("SELECT q._eclusa_row, " + step + ", " + outcome + ", " + ColumnNames(table_columns) +
                ", " + QuoteLiteral(Name(plan_.duplicates)) + ", q.value, q.other FROM " + rows +
                (reject ? "" : " WHERE q._eclusa_row <> q.other"),
            reject ? Adds::kFailures : Adds::kLosers));
    if (!reject) duplicates_ += losers;
  }
  if (plan_.version < 0) return Ok();
  ++step_;
  const std::string& version = plan_.columns[plan_.version].name;
  TRY(Add("SELECT s._eclusa_row, " + std::to_string(step_) +
              ", 'S', NULL, NULL, NULL, NULL, NULL::bigint FROM " + plan_.stage + " s JOIN " +
              plan_.target + " t ON " + plan_.KeyMatch("t", "s") + " WHERE t." + version + " > s." +
              version + " AND " + Survives("s") + " AND " + Touched("s", all),
          Adds::kLosers));
  return Ok();
}

// What the failures of this round may have changed: losers that move up, rows that referred to a
// failed one, rows that hold a unique value which a failed one was to give up, deletes of rows that
// are referred to after all.
Result<bool> Judge::FindTouched() {
  TRY(TouchRows());
  QueryResult touched =
      TRY(connection_.Execute("SELECT EXISTS (SELECT FROM " + TouchedTable(plan_.verdicts) + ")"));
  return touched.Bool(0, 0);
}

Status Judge::TouchRows() {
  const std::string touched = TouchedTable(plan_.verdicts);
  TRY(connection_.Execute("TRUNCATE " + touched));
  const bool by_key = !plan_.key.empty() && plan_.mode != Mode::kAppend;
  const std::string failed =
      !by_key
          ? ""
          : "(SELECT DISTINCT " + plan_.KeyList("s") + " FROM " + plan_.stage + " s JOIN " +
                plan_.verdicts + " f ON f._eclusa_row = s._eclusa_row" +
                " WHERE f.outcome = 'F' AND f.step >= " + std::to_string(round_first_step_) + ")";
  const std::string insert = "INSERT INTO " + touched + " SELECT DISTINCT s._eclusa_row FROM ";
  ++step_;
  if (duplicates_ > 0) {
    TRY(connection_.Execute(
        "WITH up AS (DELETE FROM " + plan_.verdicts + " v USING " + plan_.stage + " s, " + failed +
        " k WHERE v.outcome = 'D' AND v.rule <> " + QuoteLiteral(kSharedRule) +
        " AND v._eclusa_row = s._eclusa_row AND " + plan_.KeyMatch("k", "s") +
        " RETURNING v._eclusa_row) INSERT INTO " + touched + " SELECT _eclusa_row FROM up"));
  }
  for (const ForeignKey& reference : plan_.table.references) {
    if (!reference.self) continue;
    std::vector<std::string> child, row, parent;
    for (size_t i = 0; i < reference.columns.size(); ++i) {
      const std::string from = QuoteIdentifier(plan_.table.columns[reference.columns[i]].name);
      const std::string to = QuoteIdentifier(reference.other_columns[i]);
      child.push_back("s." + from + " = p." + to);
      row.push_back("t2." + from + " = t." + to);
      parent.push_back("t." + to + " = u." + from);
    }
    const std::vector<int> columns = reference.columns;
    std::vector<int> both = columns;
    for (const std::string& name : reference.other_columns)
      both.push_back(plan_.table.IndexOf(name));
    if (!image_.CanKnow(both)) continue;
    const std::string failed_rows = "JOIN " + plan_.verdicts +
                                    " f ON f._eclusa_row = p._eclusa_row AND f.outcome = 'F'"
                                    " AND f.step >= " +
                                    std::to_string(round_first_step_);
    TRY(connection_.Execute(insert + image_.Upserts(columns, Survives("s")) +
                            " s JOIN (SELECT p.* FROM " + image_.Upserts(both, "true") + " p " +
                            failed_rows + ") p ON " + Join(child, " AND ")));
    if (!by_key) continue;
    TRY(connection_.Execute(insert + plan_.stage + " s JOIN " + plan_.target + " t ON " +
                            plan_.KeyMatch("t", "s") + " JOIN " + plan_.target + " t2 ON " +
                            Join(row, " AND ") + " JOIN " + failed + " k ON " +
                            plan_.KeyMatch("t2", "k") + " WHERE " + Survives("s")));
    if (!plan_.Deletes()) continue;
    TRY(connection_.Execute(
        insert + plan_.stage + " s JOIN " + plan_.target + " t ON " + plan_.KeyMatch("t", "s") +
        " JOIN " + image_.Upserts(columns, Survives("s")) + " u ON " + Join(parent, " AND ") +
        " WHERE " + image_.IsDelete() + " AND " + Survives("s")));
  }
  if (!by_key) return Ok();
  TRY(TouchReferrers(insert));
  for (const UniqueKey& key : plan_.table.unique_keys) {
    if (!IsMatchKey(key)) TRY(TouchUnique(key, failed));
  }
  return Ok();
}

// Rows that refer to a value which a row that has moved up now changes.
Status Judge::TouchReferrers(const std::string& insert) {
  for (const ForeignKey& reference : plan_.table.references) {
    if (!reference.self || !image_.CanKnow(reference.columns)) continue;
    std::vector<std::string> match;
    for (size_t i = 0; i < reference.columns.size(); ++i) {
      match.push_back("s." + QuoteIdentifier(plan_.table.columns[reference.columns[i]].name) +
                      " = t." + QuoteIdentifier(reference.other_columns[i]));
    }
    TRY(connection_.Execute(insert + image_.Upserts(reference.columns, Survives("s")) + " s JOIN " +
                            plan_.target + " t ON " + Join(match, " AND ") + " JOIN " +
                            plan_.stage + " k ON " + plan_.KeyMatch("t", "k") + " WHERE " +
                            Touched("k", false)));
  }
  return Ok();
}

Result<std::vector<Verdict>> Judge::Failures() const {
  const bool child = plan_.is_child();
  const std::string select =
      child ? "SELECT s._eclusa_doc, v.code, coalesce(v.cols, ''), coalesce(v.rule, ''),"
              " coalesce(v.value, ''), o._eclusa_doc, coalesce(v.arguments, ''), " +
                  plan_.PathOf("s") + ", " + plan_.PathOf("o") + " FROM " + plan_.verdicts +
                  " v JOIN " + plan_.stage + " s ON s._eclusa_row = v._eclusa_row LEFT JOIN " +
                  plan_.stage + " o ON o._eclusa_row = v.other" + plan_.PathJoins("s") +
                  plan_.PathJoins("o")
            : "SELECT v._eclusa_row, v.code, coalesce(v.cols, ''), coalesce(v.rule, ''),"
              " coalesce(v.value, ''), v.other, coalesce(v.arguments, '') FROM " +
                  plan_.verdicts + " v";
  QueryResult rows = TRY(
      connection_.Execute(select + " WHERE v.outcome = 'F' AND v.code <> 'group.failed' ORDER BY "
                                   "v._eclusa_row, v.step, v.code, v.cols, v.rule"));
  std::vector<Verdict> verdicts;
  verdicts.reserve(static_cast<size_t>(rows.rows()));
  for (int i = 0; i < rows.rows(); ++i) {
    Verdict verdict{.stage_place = rows.Int(i, 0),
                    .reason = {.code = std::string(rows.Text(i, 1)),
                               .column = std::string(rows.Text(i, 2)),
                               .value = ClipValue(rows.Text(i, 4)),
                               .rule = std::string(rows.Text(i, 3)),
                               .arguments = {}}};
    if (!rows.IsNull(i, 5)) {
      const int64_t other = rows.Int(i, 5);
      std::string place = std::to_string(RowOfStagePlace(other));
      if (child) place.append(", ").append(rows.Text(i, 8));
      verdict.reason.arguments.emplace_back("other_row", std::move(place));
      verdict.reason.arguments.emplace_back("other_file", std::to_string(FileOfStagePlace(other)));
    }
    if (child) verdict.reason.path = rows.Text(i, 7);
    // name and value in turn, separated by the unit separator
    const std::vector<std::string> arguments = ParseTextArray(rows.Text(i, 6));
    for (size_t k = 0; k + 1 < arguments.size(); k += 2) {
      verdict.reason.arguments.emplace_back(arguments[k], arguments[k + 1]);
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace eclusa
