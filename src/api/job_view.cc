#include "api/job_view.h"

#include <boost/json.hpp>

#include "api/sql.h"
#include "control/error_json.h"
#include "failures/causes.h"
#include "failures/reason_json.h"
#include "model/codes.h"
#include "model/outcome.h"
#include "model/table.h"

namespace eclusa::api {
namespace {

namespace json = boost::json;

// A cause that this share of the rows has is rather a fault of the file than of rows.
constexpr double kLikelyShare = 0.1;
constexpr int64_t kLikelyRows = 20;  // of fewer no share says much

// Columns of select_status.sql.
// clang-format off
enum Column : int {
  kId, kUid, kTenant, kDataset, kPath, kDatabase, kSchema, kTable, kMode, kDryRun, kState, kAttempt, kError,
  kReport, kOpen, kRead, kInserted, kUpdated, kUnchanged, kDeleted, kSuperseded, kDuplicate,
  kWaiting, kFailed, kSkipped, kRemoved, kCascaded, kParent, kVersion, kCanceling, kPosition, kRetry,
  kCreated, kStarted, kFinished, kDuration, kProgress, kParts,
  kStamp
};
// clang-format on

json::value TextOrNull(const QueryResult& row, int column) {
  return row.IsNull(0, column) ? json::value(nullptr) : json::value(row.Text(0, column));
}

json::value NumberOrNull(const QueryResult& row, int column) {
  return row.IsNull(0, column) ? json::value(nullptr) : json::value(row.Int(0, column));
}

std::optional<OutcomeCounts> CountsOf(const QueryResult& row) {
  if (row.IsNull(0, kRead)) return std::nullopt;
  const auto count = [&](Column column) { return row.Int(0, column); };
  return OutcomeCounts{.read = count(kRead),
                       .inserted = count(kInserted),
                       .updated = count(kUpdated),
                       .unchanged = count(kUnchanged),
                       .deleted = count(kDeleted),
                       .superseded = count(kSuperseded),
                       .duplicate = count(kDuplicate),
                       .waiting = count(kWaiting),
                       .failed = count(kFailed),
                       .skipped = count(kSkipped),
                       .removed = count(kRemoved),
                       .cascaded = count(kCascaded)};
}

json::value Outcomes(const std::optional<OutcomeCounts>& counts) {
  if (!counts) return nullptr;
  return json::object{{"read", counts->read},           {"inserted", counts->inserted},
                      {"updated", counts->updated},     {"unchanged", counts->unchanged},
                      {"deleted", counts->deleted},     {"superseded", counts->superseded},
                      {"duplicate", counts->duplicate}, {"waiting", counts->waiting},
                      {"failed", counts->failed},       {"skipped", counts->skipped},
                      {"removed", counts->removed},     {"cascaded", counts->cascaded}};
}

// The seed's four numbers.
void AddTotals(const std::optional<OutcomeCounts>& counts, json::object& document) {
  if (!counts) {
    for (const char* name : {"successes", "failures", "pending", "total"}) document[name] = nullptr;
    return;
  }
  document["successes"] = counts->read - counts->failed - counts->skipped - counts->waiting;
  document["failures"] = counts->failed;
  document["pending"] = counts->waiting + counts->skipped;
  document["total"] = counts->read;
}

// What is said of a cause that so many rows have that the file itself must be meant.
json::value LikelyFault(const Cause& cause, const std::optional<OutcomeCounts>& counts,
                        Language language) {
  if (!counts || counts->read < kLikelyRows) return nullptr;
  if (static_cast<double>(cause.count) < kLikelyShare * static_cast<double>(counts->read)) {
    return nullptr;
  }
  const Error fault(ErrorKind::kInvalid, code::api_likely_file_fault,
                    {{"code", cause.code},
                     {"column", cause.column},
                     {"share", std::to_string(100 * cause.count / counts->read)}});
  return json::value(Text(fault, language));
}

json::array Causes(const std::vector<Cause>& causes, const std::optional<OutcomeCounts>& counts,
                   Language language) {
  json::array array;
  for (const Cause& cause : causes) {
    array.push_back(json::object{{"code", cause.code},
                                 {"column", cause.column},
                                 {"count", cause.count},
                                 {"sample", json::object{{"file", cause.sample_place.file},
                                                         {"row", cause.sample_place.row},
                                                         {"line", cause.sample_place.line},
                                                         {"path", cause.sample.path},
                                                         {"value", cause.sample.value},
                                                         {"rule", cause.sample.rule},
                                                         {"message", Text(cause.sample, language)},
                                                         {"hint", Hint(cause.sample, language)}}},
                                 {"likely_fault", LikelyFault(cause, counts, language)}});
  }
  return array;
}

json::value ErrorOf(const QueryResult& row, Language language) {
  if (row.IsNull(0, kError)) return nullptr;
  const std::optional<Error> error = ErrorFromJson(row.Text(0, kError));
  if (!error) return nullptr;
  return json::object{{"code", error->code()},
                      {"message", Text(*error, language)},
                      {"hint", Hint(*error, language)}};
}

json::object Links(const JobKey& key, const JobViewOptions& options) {
  const std::string status = options.public_url + key.dataset_path + "/_bulk/status/" + key.uid;
  return {{"self", status},
          {"failures", status + "/failures"},
          {"cancel", status + "/cancel"},
          {"resubmit", status + "/resubmit"},
          {"waive", status + "/waive"}};
}

}  // namespace

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
      return false;
    }
  }
  return true;
}

Result<JobKey> FindJob(Connection& connection, const std::string& uid) {
  const Error none(ErrorKind::kNotFound, code::api_no_job, {{"job", uid}});
  if (!IsUuid(uid)) return none;
  const QueryResult found = TRY(connection.QueryPrepared(sql::kSelectJobKey, {uid}));
  if (found.rows() == 0) return none;
  return JobKey{.id = found.Int(0, 0),
                .uid = std::string(found.Text(0, 1)),
                .tenant = std::string(found.Text(0, 2)),
                .dataset = std::string(found.Text(0, 3)),
                .dataset_path = std::string(found.Text(0, 4))};
}

std::string_view StateText(std::string_view state, Language language) {
  struct Texts {
    std::string_view state, english, portuguese;
  };
  static constexpr Texts kTexts[] = {
      {"QUEUED", "waits for its turn", "aguarda a vez"},
      {"LOADING", "its rows are read and checked", "as linhas estão sendo lidas e conferidas"},
      {"MERGING", "its rows are written", "as linhas estão sendo gravadas"},
      {"CANCELING", "it will stop", "vai parar"},
      {"SUCCEEDED", "every row has its place", "todas as linhas foram aplicadas"},
      {"SUCCEEDED_WITH_FAILURES", "loaded; some rows failed and can be fixed and handed in again",
       "carregado; algumas linhas falharam e podem ser corrigidas e reenviadas"},
      {"REJECTED", "more rows failed than allowed: nothing was changed",
       "falharam mais linhas do que o permitido: nada foi alterado"},
      {"FAILED", "it could not be done: nothing was changed",
       "não pôde ser feito: nada foi alterado"},
      {"CANCELED", "it was canceled: nothing was changed", "foi cancelado: nada foi alterado"},
  };
  for (const Texts& texts : kTexts) {
    if (texts.state == state) {
      return language == Language::kPortuguese ? texts.portuguese : texts.english;
    }
  }
  return state;
}

std::string_view SeedStatus(std::string_view state) {
  if (state == "QUEUED") return "enqueued";
  if (state.starts_with("SUCCEEDED")) return "complete";
  if (state == "REJECTED" || state == "FAILED" || state == "CANCELED") return "error";
  return "processing";
}

namespace {

// What the load's own report tells, once there is one.
void AddReport(const QueryResult& row, json::object& document) {
  document["warnings"] = json::array();
  document["phases"] = json::object();
  document["files"] = json::array();
  document["tables"] = json::array();
  document["unknown_columns"] = json::array();
  document["advice"] = json::array();
  document["closed_failures"] = nullptr;
  document["judgements"] = nullptr;
  if (row.IsNull(0, kReport)) return;
  const json::value report = json::parse(row.Text(0, kReport));
  for (const char* name : {"warnings", "phases", "files", "tables", "unknown_columns", "advice",
                           "closed_failures", "judgements"}) {
    if (const json::value* value = report.as_object().if_contains(name)) document[name] = *value;
  }
}

// How far a running job is; the phase beside it.
json::value ProgressOf(const QueryResult& row, json::object& document) {
  if (row.IsNull(0, kProgress)) return nullptr;
  const json::value told = json::parse(row.Text(0, kProgress));
  const auto number = [&](const char* name) { return told.at(name).to_number<double>(); };
  document["phase"] = told.at("phase");
  const double seconds = std::max(number("seconds"), 0.001);
  json::object progress{{"rows", told.at("rows")},
                        {"failed", told.at("failed")},
                        {"bytes", told.at("bytes")},
                        {"bytes_total", told.at("bytes_total")},
                        {"rows_per_second", static_cast<int64_t>(number("rows") / seconds)},
                        {"bytes_per_second", static_cast<int64_t>(number("bytes") / seconds)},
                        {"seconds_left", nullptr}};
  // Of the reading; how long the merge takes nobody knows yet.
  const double total = number("bytes_total");
  const double read = number("bytes");
  if (read > 0 && total >= read) {
    progress["seconds_left"] = static_cast<int64_t>(seconds * (total - read) / read);
  }
  return progress;
}

json::object DocumentOf(const QueryResult& row, const JobViewOptions& options) {
  const std::string_view state = row.Bool(0, kCanceling) ? "CANCELING" : row.Text(0, kState);
  const std::optional<OutcomeCounts> counts = CountsOf(row);
  const TableName target{std::string(row.Text(0, kSchema)), std::string(row.Text(0, kTable))};
  json::object document{{"id", row.Text(0, kUid)},
                        {"dataset", row.Text(0, kDataset)},
                        {"dataset_path", TextOrNull(row, kPath)},
                        {"tenant", row.Text(0, kTenant)},
                        {"database", TextOrNull(row, kDatabase)},
                        {"target", target.Display()},
                        {"mode", row.Text(0, kMode)},
                        {"dry_run", row.Bool(0, kDryRun)},
                        {"state", state},
                        {"status", SeedStatus(state)},
                        {"message", StateText(state, options.language)},
                        {"error", ErrorOf(row, options.language)}};
  AddTotals(counts, document);
  document["outcomes"] = Outcomes(counts);
  document["position_in_queue"] = NumberOrNull(row, kPosition);
  document["retry"] = row.IsNull(0, kRetry) ? json::value() : json::parse(row.Text(0, kRetry));
  document["created_at"] = TextOrNull(row, kCreated);
  document["started_at"] = TextOrNull(row, kStarted);
  document["finished_at"] = TextOrNull(row, kFinished);
  document["duration_ms"] = NumberOrNull(row, kDuration);
  document["attempt"] = row.Int(0, kAttempt);
  document["open_failures"] = counts ? json::value(row.Int(0, kOpen)) : nullptr;
  document["parent_id"] = TextOrNull(row, kParent);
  document["contract_version"] = NumberOrNull(row, kVersion);
  document["phase"] = nullptr;
  document["progress"] = ProgressOf(row, document);
  document["parts"] = row.IsNull(0, kParts) ? json::array() : json::parse(row.Text(0, kParts));
  return document;
}

}  // namespace

Result<JobView> ReadJobView(Connection& connection, const std::string& uid,
                            const JobViewOptions& options) {
  const Error none(ErrorKind::kNotFound, code::api_no_job, {{"job", uid}});
  if (!IsUuid(uid)) return none;
  const QueryResult row = TRY(connection.QueryPrepared(sql::kSelectStatus, {uid}));
  if (row.rows() == 0) return none;
  JobView view{.key = {.id = row.Int(0, kId),
                       .uid = std::string(row.Text(0, kUid)),
                       .tenant = std::string(row.Text(0, kTenant)),
                       .dataset = std::string(row.Text(0, kDataset)),
                       .dataset_path = std::string(row.Text(0, kPath))},
               .document = DocumentOf(row, options),
               .stamp = std::string(row.Text(0, kStamp))};
  const std::optional<OutcomeCounts> counts = CountsOf(row);
  std::vector<Cause> causes;
  if (counts && counts->failed > 0) causes = TRY(ReadCauses(connection, view.key.id));
  view.document["causes"] = Causes(causes, counts, options.language);
  AddReport(row, view.document);
  view.document["links"] = Links(view.key, options);
  return view;
}

}  // namespace eclusa::api
