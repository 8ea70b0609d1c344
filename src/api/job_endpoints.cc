// Looking at jobs, and asking them to stop or their failures to be let go.

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <limits>

#include "api/endpoints.h"
#include "api/failure_items.h"
#include "api/load_body.h"
#include "api/media_types.h"
#include "api/problem.h"
#include "api/query_words.h"
#include "api/sql.h"
#include "control/read_jobs.h"
#include "failures/export.h"
#include "failures/waive.h"
#include "io/descriptor.h"
#include "jobs/queue.h"
#include "model/codes.h"
#include "store/object_name.h"

namespace eclusa::api {
namespace {

namespace json = boost::json;

constexpr int kJobsPage = 50;
constexpr int kJobsPageMax = 500;
constexpr int64_t kPartMax = std::numeric_limits<int32_t>::max();
constexpr int64_t kRowMax = std::numeric_limits<int64_t>::max();
constexpr size_t kChunk = 128 << 10;

// The URL of the page that follows this one.
std::string NextUrl(const Call& call, const std::string& cursor) {
  std::string url = call.service.config.public_url + call.request.path + "?cursor=" + cursor;
  for (const auto& [name, value] : call.request.query_parameters) {
    if (name != "cursor") url += "&" + name + "=" + value;
  }
  return url;
}

// ExportFailures' name of a media type; empty: items.
std::string ExportFormat(std::string_view type) {
  if (type == "text/csv") return "csv";
  if (type == "application/jsonl" || type == "application/x-ndjson") return "jsonl";
  if (type == "application/vnd.apache.parquet") return "parquet";
  return {};
}

// A file whose name is gone, sent piece by piece.
Result<http::Response> SendFile(const std::string& path, const std::string& type) {
  struct stat about = {};
  auto file = std::make_shared<Descriptor>(TRY(Descriptor::OpenToRead(path, &about)));
  unlink(path.c_str());
  http::Response answer;
  answer.headers = {{"Content-Type", type}, {"Cache-Control", "no-store"}};
  answer.pull_length = static_cast<uint64_t>(about.st_size);
  answer.pull = [file, path](std::string& chunk) -> Result<bool> {
    chunk.resize(kChunk);
    const size_t got = TRY(file->Read(std::span(chunk.data(), chunk.size()), path));
    chunk.resize(got);
    return got == kChunk;
  };
  return answer;
}

Result<http::Response> ExportWhole(Call& call, const JobKey& key, std::string_view type) {
  const std::string format = ExportFormat(type);
  const std::string path =
      call.service.config.temporary_folder + "/failures-" + RandomHex(16) + "." + format;
  TRY(CheckWords(call.request, {"file", "state"}));
  ExportRequest request{
      .job_id = key.id,
      .format = format,
      .output = path,
      .file = {},
      .closed_too = TRY(ChoiceWord(call.request, "state", {"open", "all"})) == "all",
      .language = LanguageOf(call.request)};
  if (const auto file = TRY(NumberWord(call.request, "file", kPartMax))) {
    request.file = static_cast<int32_t>(*file);
  }
  const auto written = TRY(ExportFailures(call.session, request));
  if (written.empty()) {
    http::Response answer;
    answer.status = 204;
    return answer;
  }
  if (written.size() > 1) {
    for (const ExportedFile& output : written) unlink(output.path.c_str());
    return Error(ErrorKind::kInvalid, code::api_failures_of_files,
                 {{"count", std::to_string(written.size())}});
  }
  http::Response answer = TRY(SendFile(written.front().path, std::string(type)));
  answer.headers.Set("Eclusa-Rows", std::to_string(written.front().rows));
  return answer;
}

Result<FailureQuery> FailureQueryOf(const Call& call, const JobKey& key) {
  const http::Request& request = call.request;
  TRY(CheckWords(request,
                 {"page_size", "cursor", "code", "column", "part", "row", "state", "file"}));
  const int64_t size =
      TRY(NumberWord(request, "page_size", kFailuresPageMax)).value_or(kFailuresPage);
  return FailureQuery{.job_id = key.id,
                      .page_size = static_cast<int>(size),
                      .cursor = TextWord(request, "cursor"),
                      .code = TextWord(request, "code"),
                      .column = TextWord(request, "column"),
                      .part = TRY(NumberWord(request, "part", kPartMax)),
                      .file = TRY(NumberWord(request, "file", kPartMax)),
                      .row = TRY(NumberWord(request, "row", kRowMax)),
                      .open_only = TRY(ChoiceWord(request, "state", {"open", "all"})) == "open",
                      .language = LanguageOf(request)};
}

http::Response ViewAnswer(const JobView& view, int status) {
  http::Response answer = JsonAnswer(status, view.document);
  if (view.document.at("finished_at").is_null()) answer.headers.Set("Retry-After", "1");
  return answer;
}

Result<http::Response> StatusAnswer(const Call& call, int status) {
  return ViewAnswer(TRY(call.ViewJob()), status);
}

}  // namespace

Result<http::Response> ShowStatus(Call& call) {
  const std::string& uid = *call.request.PathParameter("id");
  const Language language = call.ViewOptions().language;
  if (const auto kept = TRY(call.service.ended.Find(call.session, uid, language))) {
    TRY(call.CheckMine(kept->key));
    return JsonTextAnswer(200, kept->body);
  }
  const JobView view = TRY(call.ViewJob());
  http::Response answer = ViewAnswer(view, 200);
  if (!view.stamp.empty()) call.service.ended.Keep(language, {view.key, view.stamp, answer.body});
  return answer;
}

Result<http::Response> ShowFailures(Call& call) {
  const JobKey key = TRY(call.FindJob());
  const JobRecord job = TRY(ReadJob(call.session, key.id));
  if (!job.finished_at) {
    return Error(ErrorKind::kConflict, code::api_not_ended,
                 {{"job", key.uid}, {"state", job.state}});
  }
  if (job.failures_removed) {
    return Error(ErrorKind::kNotFound, code::api_failures_removed, {{"job", key.uid}});
  }
  const std::string_view type = TRY(ChooseAnswerType(call.request));
  if (!ExportFormat(type).empty()) return ExportWhole(call, key, type);
  const FailureQuery query = TRY(FailureQueryOf(call, key));
  FailurePage page = TRY(ReadFailurePage(call.session, query));
  json::object answer{{"items", std::move(page.items)}};
  if (!page.next.empty()) answer["next"] = NextUrl(call, page.next);
  return JsonAnswer(200, answer);
}

Result<http::Response> CancelLoad(Call& call) {
  const JobKey key = TRY(call.FindJob());
  const CancelAnswer done = TRY(RequestCancel(call.session, key.id, call.caller.name));
  TRY(call.Audit({.job_id = key.id, .tenant = key.tenant}));
  return StatusAnswer(call, done == CancelAnswer::kEnded ? 200 : 202);
}

Result<http::Response> WaiveOpenFailures(Call& call) {
  const JobKey key = TRY(call.FindJob());
  const json::object body = TRY(ParseBody(call.request.body));
  TRY(CheckFields(body, {"row", "file", "code", "reason"}));
  TRY(CheckNotEmpty(body, {"row", "code"}, true));
  WaiveRequest request{.job_id = key.id,
                       .row = TRY(NumberField(body, "row")),
                       .file = {},
                       .code = TRY(TextField(body, "code")).value_or(""),
                       .reason = TRY(TextField(body, "reason")).value_or("")};
  if (const auto file = TRY(NumberField(body, "file"))) {
    if (*file < 0 || *file > kPartMax)
      return FieldError("file", "0 .. " + std::to_string(kPartMax));
    request.file = static_cast<int32_t>(*file);
  }
  if (request.reason.empty()) return FieldError("reason", "\"...\"");
  if (request.row.has_value() != request.code.empty()) return FieldError("row", "row, code");
  const WaiveResult waived = TRY(WaiveFailures(call.session, request));
  TRY(call.Audit({.job_id = key.id, .tenant = key.tenant}));
  return JsonAnswer(200, json::object{{"waived", waived.waived},
                                      {"left_for_other_reasons", waived.left_for_other_reasons},
                                      {"open_failures", waived.open_failures}});
}

Result<http::Response> ListJobs(Call& call) {
  const Dataset dataset = TRY(call.FindDataset());
  const http::Request& request = call.request;
  TRY(CheckWords(request, {"page_size", "cursor", "state"}));
  const int64_t size =
      std::max<int64_t>(1, TRY(NumberWord(request, "page_size", kJobsPageMax)).value_or(kJobsPage));
  const std::string cursor = TextWord(request, "cursor");
  if (!cursor.empty() && !IsUuid(cursor)) {
    return Error(ErrorKind::kInvalid, code::api_cursor, {{"cursor", cursor}});
  }
  Parameter tenants;
  if (call.caller.tenants) tenants = json::serialize(json::value_from(*call.caller.tenants));
  const std::string state =
      TRY(ChoiceWord(request, "state",
                     {"QUEUED", "LOADING", "MERGING", "SUCCEEDED", "SUCCEEDED_WITH_FAILURES",
                      "REJECTED", "FAILED", "CANCELED"}));
  const QueryResult jobs = TRY(call.session.Query(
      std::string(sql::kSelectJobs),
      {dataset.name, tenants, state.empty() ? Parameter() : Parameter(state),
       cursor.empty() ? Parameter() : Parameter(cursor), std::to_string(size + 1)}));
  json::array items;
  for (int row = 0; row < std::min<int>(jobs.rows(), static_cast<int>(size)); ++row) {
    const auto number = [&](int column) {
      return jobs.IsNull(row, column) ? json::value(nullptr) : json::value(jobs.Int(row, column));
    };
    const auto text = [&](int column) {
      return jobs.IsNull(row, column) ? json::value(nullptr) : json::value(jobs.Text(row, column));
    };
    const std::string status_url = call.service.config.public_url + dataset.path +
                                   "/_bulk/status/" + std::string(jobs.Text(row, 0));
    items.push_back(json::object{{"id", jobs.Text(row, 0)},
                                 {"tenant", jobs.Text(row, 1)},
                                 {"state", jobs.Text(row, 2)},
                                 {"status", SeedStatus(jobs.Text(row, 2))},
                                 {"mode", jobs.Text(row, 3)},
                                 {"created_at", text(4)},
                                 {"finished_at", text(5)},
                                 {"total", number(6)},
                                 {"failures", number(7)},
                                 {"open_failures", number(8)},
                                 {"status_url", status_url}});
  }
  json::object answer{{"items", std::move(items)}};
  if (jobs.rows() > size) {
    answer["next"] = NextUrl(call, std::string(jobs.Text(static_cast<int>(size) - 1, 0)));
  }
  return JsonAnswer(200, answer);
}

}  // namespace eclusa::api
