#include "api/splitter_status.h"

#include <fmt/chrono.h>

#include <boost/json.hpp>
#include <map>

#include "api/problem.h"
#include "api/query_words.h"
#include "api/sql.h"
#include "contract/parse.h"
#include "control/error_json.h"
#include "model/codes.h"

namespace eclusa::api {
namespace {

namespace json = boost::json;

// clang-format off
enum Column : int { kId, kUid, kTenant, kDataset, kState, kError, kContract, kParts, kStamp };
// clang-format on

// Names that the contract counts breaches under.
struct Counters {
  std::vector<std::string> names;
  json::object by_column;
  Parameter of_structure;
};

Counters CountersOf(const Contract& contract) {
  Counters counters;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::ranges::find(counters.names, name) == counters.names.end()) {
      counters.names.push_back(name);
    }
  };
  for (const Property& property : contract.properties) {
    add(property.counter);
    for (const Rule& rule : property.rules) add(rule.counter);
    if (!property.counter.empty()) counters.by_column[property.column] = property.counter;
  }
  add(contract.counter);
  if (!contract.counter.empty()) counters.of_structure = contract.counter;
  return counters;
}

using Counts = std::map<std::pair<int64_t, std::string>, int64_t>;  // by part and counter

Result<Counts> CountBreaches(Connection& connection, int64_t job, const Counters& counters) {
  Counts counts;
  if (counters.names.empty()) return counts;
  const QueryResult found = TRY(connection.Query(
      std::string(sql::kCountBreaches),
      {std::to_string(job), json::serialize(counters.by_column), counters.of_structure}));
  for (int row = 0; row < found.rows(); ++row) {
    if (found.IsNull(row, 0)) continue;
    counts[{found.Int(row, 0), std::string(found.Text(row, 1))}] = found.Int(row, 2);
  }
  return counts;
}

json::object Success(const json::object& part, const Counters& counters, const Counts& counts) {
  const int64_t number = part.at("part").as_int64();
  json::object message;
  for (const std::string& name : counters.names) {
    const auto failed = counts.find({number, name});
    message[name] = failed == counts.end() ? 0 : failed->second;
  }
  for (const auto& warning : part.at("warnings").as_object()) {
    json::value& count = message[warning.key()];
    count = (count.is_int64() ? count.as_int64() : 0) + warning.value().as_int64();
  }
  message["total_rows"] = part.at("rows");
  message["total_added"] = part.at("written");
  return {{"part", number + 1}, {"status", "success"}, {"message", std::move(message)}};
}

json::object Failure(const json::object& part, const json::value& error) {
  return {{"part", part.at("part").as_int64() + 1},
          {"status", "fail"},
          {"message", json::object{{"error", error}}}};
}

json::value ErrorText(std::string_view stored, Language language) {
  const std::optional<Error> error = ErrorFromJson(stored);
  return error ? json::value(Text(*error, language)) : json::value(nullptr);
}

// Why nothing of a job that has ended was loaded; nothing: it was, or it has not ended.
std::optional<json::value> WhyNothing(const QueryResult& row, Language language) {
  const std::string_view state = row.Text(0, kState);
  if (SeedStatus(state) != "error") return std::nullopt;
  if (!row.IsNull(0, kError)) return ErrorText(row.Text(0, kError), language);
  return json::value(StateText(state, language));
}

json::object DocumentOf(const QueryResult& row, const Counters& counters, const Counts& counts,
                        Language language) {
  const auto nothing = WhyNothing(row, language);
  const bool committed = SeedStatus(row.Text(0, kState)) == "complete";
  json::array success, failed;
  int64_t staged = 0;
  const json::value parts =
      row.IsNull(0, kParts) ? json::value(json::array()) : json::parse(row.Text(0, kParts));
  for (const json::value& value : parts.as_array()) {
    const json::object& part = value.as_object();
    const bool done = part.at("state") == "STAGED";
    staged += done ? 1 : 0;
    if (part.at("state") == "FAILED" && !part.at("error").is_null()) {
      failed.push_back(Failure(part, ErrorText(json::serialize(part.at("error")), language)));
    } else if (nothing) {
      failed.push_back(Failure(part, *nothing));
    } else if (done) {
      success.push_back(Success(part, counters, counts));
    }
  }
  json::object document{{"message_id", row.Text(0, kUid)},
                        {"status", nothing     ? "failed"
                                   : committed ? "completed"
                                               : "processing"},
                        {"error", nothing.value_or(nullptr)}};
  const size_t total = parts.as_array().size();
  document["total_parts"] = total == 0 ? json::value(nullptr) : json::value(total);
  document["completed_parts"] = staged;
  document["success_count"] = success.size();
  document["failed_count"] = failed.size();
  document["success"] = std::move(success);
  document["failed"] = std::move(failed);
  return document;
}

// Nobody is told of a load that he may not see.
Status CheckSees(const Call& call, const JobKey& key) {
  if (!call.caller.FromNetwork()) return call.CheckMine(key);
  const auto caller = call.service.open.CallerOf(key.dataset, call.request.peer);
  if (caller && caller->Speaks(key.tenant)) return Ok();
  return Error(ErrorKind::kNotFound, code::api_no_job, {{"job", key.uid}});
}

http::Response SplitsAnswer(std::string body, bool ended) {
  http::Response answer = JsonTextAnswer(200, std::move(body));
  if (!ended) answer.headers.Set("Retry-After", "1");
  return answer;
}

}  // namespace

Result<http::Response> ShowSplits(Call& call) {
  TRY(CheckWords(call.request, {"message_id", "expires", "signature"}));
  const std::string uid = TextWord(call.request, "message_id");
  const Error none(ErrorKind::kNotFound, code::api_no_job, {{"job", uid}});
  const Language language = LanguageOf(call.request);
  if (!IsUuid(uid)) return none;
  if (const auto kept = TRY(call.service.ended_splits.Find(call.session, uid, language))) {
    TRY(CheckSees(call, kept->key));
    return SplitsAnswer(kept->body, /*ended=*/true);
  }
  const QueryResult row = TRY(call.session.QueryPrepared(sql::kSelectSplits, {uid}));
  if (row.rows() == 0) return none;
  const JobKey key{.id = row.Int(0, kId),
                   .uid = uid,
                   .tenant = std::string(row.Text(0, kTenant)),
                   .dataset = std::string(row.Text(0, kDataset)),
                   .dataset_path = {}};
  TRY(CheckSees(call, key));
  const std::string_view text = row.Text(0, kContract);
  const Counters counters =
      text.empty() ? Counters() : CountersOf(TRY(ParseContractOrFirstError(text)));
  const Counts counts = TRY(CountBreaches(call.session, key.id, counters));
  std::string body = json::serialize(DocumentOf(row, counters, counts, language));
  const std::string stamp(row.Text(0, kStamp));
  if (!stamp.empty()) call.service.ended_splits.Keep(language, {key, stamp, body});
  return SplitsAnswer(std::move(body), !stamp.empty());
}

Result<http::Response> AcceptedSplit(Call& call, const EnqueuedJob& job) {
  const JobKey key = TRY(FindJob(call.session, job.uid));
  TRY(call.Audit({.job_id = job.id, .tenant = key.tenant}));
  call.afterwards = call.service.job_ready;
  const ApiConfig& config = call.service.config;
  const auto expires = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) +
                       config.status_valid;
  const std::string url =
      config.public_url + "/status?" + SignedStatusQuery(config.signing_key, job.uid, expires);
  const bool portuguese = LanguageOf(call.request) == Language::kPortuguese;
  http::Response answer = JsonAnswer(
      202, json::object{{"info", portuguese ? "Arquivo recebido. Acompanhe a carga pela url."
                                            : "The file has arrived. Follow its load by the url."},
                        {"url", url},
                        {"message_id", job.uid},
                        {"dataset", key.dataset},
                        {"expires_at", fmt::format("{:%FT%TZ}", expires)}});
  answer.headers.Set("Location", url);
  answer.headers.Set("Retry-After", "1");
  return answer;
}

std::optional<Caller> NetworkDoor(const ApiService& service, const http::Request& request) {
  return service.open.CallerAt(request.peer);
}

std::optional<Caller> StatusDoor(const ApiService& service, const http::Request& request) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (!HasSignedStatus(service.config.signing_key, request, now)) {
    return NetworkDoor(service, request);
  }
  const std::string name = "status:" + *request.QueryParameter("message_id");
  return Caller{.identity = name,
                .token_id = {},
                .name = name,
                .role = Role::kRead,
                .tenants = {},
                .datasets = {}};
}

}  // namespace eclusa::api
