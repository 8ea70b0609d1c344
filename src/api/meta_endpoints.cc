// What can be loaded, and whether the server is well.

#include <boost/json.hpp>

#include "api/endpoints.h"
#include "api/form_upload.h"
#include "api/problem.h"
#include "api/splitter_status.h"
#include "api/sql.h"
#include "model/codes.h"

namespace eclusa::api {

namespace json = boost::json;

Result<http::Response> ListDatasets(Call& call) {
  json::array items;
  for (const DatasetSummary& summary : TRY(call.service.datasets.List(call.session))) {
    if (!call.caller.Sees(summary.name)) continue;
    const std::string& url = call.service.config.public_url;
    items.push_back(
        json::object{{"name", summary.name},
                     {"path", summary.path},
                     {"version", summary.version},
                     {"published_at", summary.published_at},
                     {"contract_url", url + "/v1/datasets/" + summary.name + "/contract"},
                     {"bulk_url", url + summary.path + "/_bulk"}});
  }
  return JsonAnswer(200, json::object{{"items", std::move(items)}});
}

Result<http::Response> ShowContract(Call& call) {
  const std::string& name = *call.request.PathParameter("name");
  Dataset dataset = TRY(call.service.datasets.FindByName(call.session, name));
  if (!call.caller.Sees(dataset.name)) {
    return Error(ErrorKind::kNotFound, code::api_no_dataset, {{"dataset", name}});
  }
  http::Response answer;
  answer.headers = {{"Content-Type", "application/yaml"},
                    {"ETag", "\"" + dataset.contract->digest + "\""}};
  answer.body = std::move(dataset.text);
  return answer;
}

Result<http::Response> Live(ApiService&, http::Request&) {
  return JsonAnswer(200, json::object{{"status", "alive"}});
}

Result<http::Response> Ready(ApiService& service, http::Request&) {
  auto session = TRY(service.sessions.Borrow());
  if (auto asked = session->Execute("SELECT 1"); !asked.ok()) {
    session.Spoil();
    return std::move(asked).error();
  }
  return JsonAnswer(200, json::object{{"status", "ready"}});
}

Result<http::Response> OpenApi(ApiService& service, http::Request&) {
  json::object document = json::parse(sql::kOpenapi).as_object();
  json::object& schemas = document["components"].as_object()["schemas"].as_object();
  schemas["UploadRequest"].at("properties").at("size").as_object()["maximum"] =
      service.config.upload_bytes_max;
  document["servers"] = json::array{json::object{{"url", service.config.public_url}}};
  return JsonAnswer(200, document);
}

Result<http::Response> ExplainProblem(ApiService&, http::Request& request) {
  const std::string& name = *request.PathParameter("code");
  const CodeEntry* entry = FindCode(name);
  if (entry == nullptr) {
    return Error(ErrorKind::kNotFound, code::api_no_code, {{"code", name}});
  }
  const auto language = static_cast<size_t>(LanguageOf(request));
  return JsonAnswer(200, json::object{{"code", entry->code},
                                      {"text", entry->text[language]},
                                      {"hint", entry->hint[language]}});
}

// Beside the file of a form: its fields, and the heads of its parts.
constexpr uint64_t kWordsMax = 8 << 20;

std::vector<http::Route> Routes(ApiService& service) {
  using http::BodyKind;
  const auto route = [&](std::string method, std::string pattern, std::string operation,
                         http::Handler handler, BodyKind body = BodyKind::kNone) {
    return http::Route{.method = std::move(method),
                       .pattern = std::move(pattern),
                       .operation = std::move(operation),
                       .body = body,
                       .handler = std::move(handler),
                       .stream_handler = {}};
  };
  const auto read = [&](Endpoint e) { return Guarded(service, Role::kRead, Repeats::kNo, e); };
  const auto change = [&](Endpoint e) { return Guarded(service, Role::kSubmit, Repeats::kNo, e); };
  const auto submit = [&](Endpoint e) {
    return Guarded(service, Role::kSubmit, Repeats::kByKey, e);
  };
  const std::string bulk = "/{dataset...}/_bulk";
  const std::string job = bulk + "/status/{id}";
  std::vector<http::Route> routes = {
      route("POST", bulk, "askUpload", submit(AskUpload), BodyKind::kBuffered),
      route("PUT", bulk, "registerLoad", submit(RegisterLoad), BodyKind::kBuffered),
      route("GET", bulk, "listLoads", read(ListJobs)),
      route("GET", bulk + "/uploads/{id}", "showUpload", change(ShowUpload)),
      route("GET", job, "showLoad", read(ShowStatus)),
      route("GET", job + "/failures", "listFailures", read(ShowFailures)),
      route("POST", job + "/cancel", "cancelLoad", change(CancelLoad)),
      route("POST", job + "/resubmit", "resubmitFailures", submit(ResubmitFailures),
            BodyKind::kBuffered),
      route("POST", job + "/waive", "waiveFailures", change(WaiveOpenFailures),
            BodyKind::kBuffered),
      route("GET", "/status", "showSplits",
            Guarded(service, Role::kRead, Repeats::kNo, ShowSplits, StatusDoor)),
      route("GET", "/v1/loads/{id}", "showLoadById", read(ShowStatus)),
      route("GET", "/v1/datasets", "listDatasets", read(ListDatasets)),
      route("GET", "/v1/datasets/{name}/contract", "showContract", read(ShowContract)),
      route("GET", "/v1/problems/{code}", "explainProblem", Open(service, ExplainProblem)),
      route("GET", "/health/live", "live", Open(service, Live)),
      route("GET", "/health/ready", "ready", Open(service, Ready)),
      route("GET", "/metrics", "metrics",
            service.config.metrics_open ? Open(service, OpenMetrics) : read(Metrics)),
      route("GET", "/openapi.json", "openApi", Open(service, OpenApi)),
  };
  routes.push_back({.method = "PUT",
                    .pattern = "/uploads/{folder}/{object}",
                    .operation = "receiveUpload",
                    .body = BodyKind::kStreamed,
                    .body_max = static_cast<uint64_t>(service.config.upload_bytes_max),
                    .handler = {},
                    .stream_handler = ReceiveUpload(service)});
  routes.push_back({.method = "POST",
                    .pattern = bulk + "/upload",
                    .operation = "uploadAndLoad",
                    .body = BodyKind::kStreamed,
                    .body_max = static_cast<uint64_t>(service.config.upload_bytes_max) + kWordsMax,
                    .handler = {},
                    .stream_handler = GuardedStream(service, Role::kSubmit, ReceiveForm)});
  routes.push_back(
      {.method = "POST",
       .pattern = "/",
       .operation = "splitAndLoad",
       .body = BodyKind::kStreamed,
       .body_max = static_cast<uint64_t>(service.config.upload_bytes_max) + kWordsMax,
       .handler = {},
       .stream_handler = GuardedStream(service, Role::kSubmit, ReceiveNamedForm, NetworkDoor)});
  return routes;
}

}  // namespace eclusa::api
