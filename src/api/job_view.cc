#include "api/job_view.h"

#include <boost/json.hpp>

#include "api/sql.h"
#include "failures/causes.h"
#include "failures/reason_json.h"
#include "model/codes.h"

namespace eclusa::api {
namespace {

namespace json = boost::json;

// A cause that this share of the rows has is rather a fault of the file than of rows.
constexpr double kLikelyShare = 0.1;
constexpr int64_t kLikelyRows = 20;  // of fewer no share says much

template <class T>
json::value OrNull(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

json::value TextOrNull(const QueryResult& row, int column) {
  return row.IsNull(0, column) ? json::value(nullptr) : json::value(row.Text(0, column));
}

json::value NumberOrNull(const QueryResult& row, int column) {
  return row.IsNull(0, column) ? json::value(nullptr) : json::value(row.Int(0, column));
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
                                                         {"value", cause.sample.value},
                                                         {"message", Text(cause.sample, language)},
                                                         {"hint", Hint(cause.sample, language)}}},
                                 {"likely_fault", LikelyFault(cause, counts, language)}});
  }
  return array;
}

json::array Parts(const QueryResult& parts) {
  json::array array;
  for (int row = 0; row < parts.rows(); ++row) {
    const auto number = [&](int column) {
      return parts.IsNull(row, column) ? json::value(nullptr) : json::value(parts.Int(row, column));
    };
    array.push_back(json::object{{"part", parts.Int(row, 0)},
                                 {"file", parts.Int(row, 1)},
                                 {"state", parts.Text(row, 2)},
                                 {"attempt", parts.Int(row, 3)},
                                 {"read", number(4)},
                                 {"staged", number(5)},
                                 {"failed", number(6)}});
  }
  return array;
}

json::value ErrorOf(const JobRecord& job, Language language) {
  const std::optional<Error> error = RecordedError(job);
  if (!error) return nullptr;
  return json::object{{"code", error->code()},
                      {"message", Text(*error, language)},
                      {"hint", Hint(*error, language)}};
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
  const QueryResult found = TRY(connection.Query(std::string(sql::kSelectJobKey), {uid}));
  if (found.rows() == 0) return none;
  return JobKey{.id = found.Int(0, 0),
                .uid = std::string(found.Text(0, 1)),
                .tenant = std::string(found.Text(0, 2)),
                .dataset = std::string(found.Text(0, 3)),
                .dataset_path = std::string(found.Text(0, 4))};
}

std::string_view SeedStatus(std::string_view state) {
  if (state == "QUEUED") return "enqueued";
  if (state.starts_with("SUCCEEDED")) return "complete";
  if (state == "REJECTED" || state == "FAILED" || state == "CANCELED") return "error";
  return "processing";
}

Result<json::object> StatusDocument(Connection& connection, const JobKey& key,
                                    const JobViewOptions& options) {
  const JobRecord job = TRY(ReadJob(connection, key.id));
  const QueryResult facts =
      TRY(connection.Query(std::string(sql::kSelectJobFacts), {std::to_string(key.id)}));
  const bool canceling = facts.Bool(0, 0) && !job.finished_at;
  const std::string state = canceling ? "CANCELING" : job.state;
  json::object document{{"id", key.uid},
                        {"dataset", key.dataset},
                        {"tenant", key.tenant},
                        {"target", job.target.Display()},
                        {"mode", job.mode},
                        {"dry_run", job.dry_run},
                        {"state", state},
                        {"status", SeedStatus(state)},
                        {"message", StateText(state, options.language)},
                        {"error", ErrorOf(job, options.language)}};
  AddTotals(job.counts, document);
  document["outcomes"] = Outcomes(job.counts);
  document["position_in_queue"] = NumberOrNull(facts, 1);
  document["created_at"] = TextOrNull(facts, 2);
  document["started_at"] = TextOrNull(facts, 3);
  document["finished_at"] = TextOrNull(facts, 4);
  document["duration_ms"] = OrNull(job.duration_ms);
  document["attempt"] = job.attempt;
  document["open_failures"] = job.counts ? json::value(job.open_failures) : nullptr;
  document["parent_id"] = TextOrNull(facts, 5);
  document["contract_version"] = NumberOrNull(facts, 6);
  const QueryResult parts =
      TRY(connection.Query(std::string(sql::kSelectJobParts), {std::to_string(key.id)}));
  document["parts"] = Parts(parts);
  std::vector<Cause> causes;
  if (job.counts && job.counts->failed > 0) causes = TRY(ReadCauses(connection, key.id));
  document["causes"] = Causes(causes, job.counts, options.language);
  document["warnings"] = json::array();
  document["phases"] = json::object();
  document["files"] = json::array();
  document["tables"] = json::array();
  if (job.report_json) {
    const json::object report = json::parse(*job.report_json).as_object();
    for (const char* name : {"warnings", "phases", "files", "tables", "unknown_columns"}) {
      if (const json::value* value = report.if_contains(name)) document[name] = *value;
    }
  }
  document["links"] = Links(key, options);
  return document;
}

}  // namespace eclusa::api
