// Asking for an upload, and taking its bytes where the store is a folder of this server.

#include <boost/json.hpp>

#include "api/endpoints.h"
#include "api/job_view.h"
#include "api/load_body.h"
#include "api/problem.h"
#include "api/upload_words.h"
#include "api/uploads.h"
#include "model/codes.h"

namespace eclusa::api {
namespace {

namespace json = boost::json;

std::string Rfc3339(std::chrono::sys_seconds time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts = {};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

Result<http::Response> AskUpload(Call& call) {
  const Dataset dataset = TRY(call.FindDataset());
  const json::object body = TRY(ParseBody(call.request.body));
  std::vector<std::string> known = {"tenant", "file", "size", "sha256", "content_type", "parts"};
  const std::vector<std::string>& columns = dataset.contract->tenant_columns;
  known.insert(known.end(), columns.begin(), columns.end());
  TRY(CheckFields(body, known));
  const auto file = TRY(TextField(body, "file"));
  if (!file || file->empty()) return FieldError("file", "\"fornecedores.parquet\"");
  UploadRecord upload{.id = {},
                      .tenant = TRY(TenantOfCall(call, body, *dataset.contract)),
                      .dataset = dataset.name,
                      .file_name = *file,
                      .upload_id = {},
                      .claims = TRY(ClaimsOf(body, call.service.config, *dataset.contract)),
                      .token_id = call.caller.token_id};
  upload = TRY(InsertUpload(call.session, std::move(upload), call.service.config.upload_valid));
  const SignedUpload where = TRY(call.service.store->SignUpload(upload.claims));
  if (!where.upload_id.empty()) {
    upload.upload_id = where.upload_id;
    upload.claims.parts = static_cast<int>(where.urls.size());
    TRY(SetUploadParts(call.session, upload));
  }
  TRY(call.Audit({.job_id = {},
                  .tenant = upload.tenant,
                  .detail_json = json::serialize(json::object{{"upload", upload.id}})}));
  // A local store's URLs are paths of this server.
  std::vector<std::string> urls = where.urls;
  for (std::string& url : urls) {
    if (url.starts_with("/")) url = call.service.config.public_url + url;
  }
  json::object headers;
  for (const auto& [name, value] : where.headers) headers[name] = value;
  http::Response answer = JsonAnswer(
      201, json::object{{"id", upload.id},
                        {"upload_url", urls.front()},
                        {"upload_urls", json::value_from(urls)},
                        {"part_size", where.part_size},
                        {"headers", std::move(headers)},
                        {"max_size", upload.claims.size.value_or(upload.claims.max_size)},
                        {"expires_at", Rfc3339(where.expires)}});
  answer.headers.Set("Location", urls.front());
  return answer;
}

Result<http::Response> ShowUpload(Call& call) {
  const Dataset dataset = TRY(call.FindDataset());
  const std::string& id = *call.request.PathParameter("id");
  const Error none(ErrorKind::kNotFound, code::api_no_upload, {{"upload", id}});
  if (!IsUuid(id)) return none;
  const UploadRecord upload = TRY(FindUpload(call.session, id));
  if (upload.dataset != dataset.name || !call.caller.Speaks(upload.tenant)) return none;
  ObjectStore& store = *call.service.store;
  const auto whole = store.Stat(upload.claims.object);
  if (!whole.ok() && whole.error().kind() != ErrorKind::kNotFound) return whole.error();
  json::array parts;
  if (!whole.ok() && !upload.upload_id.empty()) {
    for (const UploadedPart& part :
         TRY(store.UploadedParts(upload.claims.object, upload.upload_id))) {
      parts.push_back(json::object{{"part", part.part}, {"size", part.size}});
    }
  }
  return JsonAnswer(200, json::object{{"id", upload.id},
                                      {"complete", whole.ok()},
                                      {"parts", std::move(parts)},
                                      {"expires_at", Rfc3339(upload.claims.expires)}});
}

namespace {

// A client's file on its way into the folder.
class LocalUpload final : public http::BodySink {
 public:
  LocalUpload(UploadSink sink, http::Request& request)
      : sink_(std::move(sink)), request_(request) {}

  Result<std::optional<http::Response>> Write(std::string_view bytes) override {
    const Status written = sink_.Write(bytes);
    if (written.ok()) return std::optional<http::Response>();
    return std::optional(Problem(written.error(), request_));
  }

  Result<http::Response> Finish() override {
    auto stat = std::move(sink_).Finish();
    if (!stat.ok()) return Problem(stat.error(), request_);
    http::Response answer =
        JsonAnswer(200, json::object{{"size", stat->size}, {"sha256", stat->sha256}});
    answer.headers.Set("ETag", "\"" + stat->sha256 + "\"");
    return answer;
  }

 private:
  UploadSink sink_;
  http::Request& request_;
};

}  // namespace

http::StreamHandler ReceiveUpload(ApiService& service) {
  return [&service](http::Request& request) -> Result<http::Streamed> {
    if (service.local == nullptr) {
      const Error none(ErrorKind::kNotFound, code::api_no_upload, {{"upload", request.path}});
      return http::Streamed(Problem(none, request));
    }
    constexpr std::string_view kBase = "/uploads/";
    UploadAttempt attempt{.method = request.method,
                          .object = request.path.substr(kBase.size()),
                          .query = request.query,
                          .content_length = {},
                          .content_type = {}};
    if (request.content_length) {
      attempt.content_length = static_cast<int64_t>(*request.content_length);
    }
    if (const std::string* type = request.headers.Find("Content-Type")) {
      attempt.content_type = *type;
    }
    auto grant = service.local->VerifyUpload(attempt);
    if (!grant.ok()) return http::Streamed(Problem(grant.error(), request));
    auto sink = service.local->Receive(*std::move(grant));
    if (!sink.ok()) return http::Streamed(Problem(sink.error(), request));
    return http::Streamed(std::make_unique<LocalUpload>(*std::move(sink), request));
  };
}

}  // namespace eclusa::api
