// Registering a load of what was uploaded, and handing in again what failed.

#include <boost/json.hpp>

#include "api/endpoints.h"
#include "api/load_body.h"
#include "api/problem.h"
#include "api/sql.h"
#include "api/uploads.h"
#include "jobs/queue.h"
#include "load/open_files.h"
#include "load/planning.h"
#include "model/codes.h"
#include "request/load_flags.h"
#include "store/stored_files.h"

namespace eclusa::api {
namespace {

namespace json = boost::json;

// The upload that a URL belongs to: that of its object, which is the end of its path, in whatever
// store. A URL of somebody else's is read only where it is registered, and none is.
Result<UploadRecord> UploadOfUrl(const Call& call, const std::string& url) {
  const std::string path = url.substr(0, url.find('?'));
  const size_t name = path.rfind('/');
  const size_t folder =
      name == 0 || name == std::string::npos ? std::string::npos : path.rfind('/', name - 1);
  if (folder != std::string::npos) {
    auto found = FindUploadOfObject(call.session, path.substr(folder + 1));
    if (found.ok() || found.error().kind() != ErrorKind::kNotFound) return found;
  }
  return Error(ErrorKind::kInvalid, code::api_url_not_registered, {{"pointer", "/url"}});
}

Result<std::vector<UploadRecord>> UploadsOf(const Call& call, const LoadBody& body) {
  std::vector<UploadRecord> uploads;
  for (const std::string& id : body.upload_ids) {
    if (!IsUuid(id)) return FieldError("upload_id", "UUID");
    uploads.push_back(TRY(FindUpload(call.session, id)));
  }
  for (const std::string& url : body.urls) uploads.push_back(TRY(UploadOfUrl(call, url)));
  return uploads;
}

// What was uploaded for another tenant or dataset is not there for this one.
Status CheckOwner(const Call& call, const UploadRecord& upload, const Dataset& dataset) {
  if (upload.dataset == dataset.name && call.caller.Speaks(upload.tenant)) return Ok();
  return Error(ErrorKind::kNotFound, code::api_no_upload, {{"upload", upload.id}});
}

Status CheckQueue(const Call& call, const std::string& tenant) {
  const QueryResult waiting = TRY(call.session.Query(std::string(sql::kCountWaiting), {tenant}));
  if (waiting.Int(0, 0) < call.service.config.jobs_waiting_max) return Ok();
  return Error(ErrorKind::kInvalid, code::api_too_many_jobs,
               {{"limit", std::to_string(call.service.config.jobs_waiting_max)}});
}

struct Registration {
  LoadFlags flags;
  std::string tenant;
  int16_t priority = 0;
};

// Whatever is cheap to find wrong is refused now: what the words mean, the table, the files' heads
// and footers, their columns.
Result<EnqueuedJob> Register(Call& call, Registration registration) {
  LoadFlags& flags = registration.flags;
  std::map<std::string, PinnedObject> objects;
  for (const StoredFile& file : flags.stored) {
    objects[file.path] = {file.object, file.version};
    flags.files.push_back(file.path);
  }
  RequestNotes notes;
  LoadRequest request = TRY(BuildRequest(call.session, flags, &notes));
  request.files = std::make_shared<StoredFiles>(call.service.store, std::move(objects));
  TRY(CheckRequest(call.session, request));
  TRY(OpenFiles(request));
  TRY(CheckQueue(call, registration.tenant));
  return Enqueue(call.session, {.job = JobRequestOf(request),
                                .tenant = registration.tenant,
                                .priority = registration.priority});
}

Result<http::Response> Accepted(Call& call, const EnqueuedJob& job) {
  JobView view = TRY(ReadJobView(call.session, job.uid, call.ViewOptions()));
  json::object& document = view.document;
  const std::string status(document["links"].at("self").as_string());
  document["status_url"] = status;
  document["failures_url"] = status + "/failures";
  TRY(call.Audit({.job_id = job.id, .tenant = view.key.tenant}));
  call.afterwards = call.service.job_ready;
  http::Response answer = JsonAnswer(202, document);
  answer.headers.Set("Location", status);
  answer.headers.Set("Operation-Location", status);
  answer.headers.Set("Retry-After", "1");
  return answer;
}

}  // namespace

Result<http::Response> RegisterLoad(Call& call) {
  const Dataset dataset = TRY(call.FindDataset());
  const json::object body = TRY(ParseBody(call.request.body));
  LoadBody load = TRY(ReadLoadBody(body, *dataset.contract));
  std::string tenant = TRY(TenantOf(body, *dataset.contract));
  for (const UploadRecord& upload : TRY(UploadsOf(call, load))) {
    TRY(CheckOwner(call, upload, dataset));
    if (tenant.empty()) tenant = upload.tenant;
    if (tenant != upload.tenant) {
      return Error(ErrorKind::kInvalid, code::api_tenant_not_allowed, {{"tenant", tenant}});
    }
    load.flags.stored.push_back(TRY(PinUpload(call.session, *call.service.store, upload)));
  }
  load.flags.contract_text = dataset.text;
  const EnqueuedJob job = TRY(Register(
      call, {.flags = std::move(load.flags), .tenant = tenant, .priority = load.priority}));
  return Accepted(call, job);
}

Result<http::Response> ResubmitFailures(Call& call) {
  const JobKey parent = TRY(call.FindJob());
  const Dataset dataset = TRY(call.FindDataset());
  const json::object body = TRY(ParseBody(call.request.body));
  TRY(CheckFields(body, {"url", "upload_id", "dry_run"}));
  TRY(CheckNotEmpty(body, {"url", "upload_id"}, true));
  LoadBody files;
  if (const auto url = TRY(TextField(body, "url"))) files.urls.push_back(*url);
  if (const auto id = TRY(TextField(body, "upload_id"))) files.upload_ids.push_back(*id);
  if (files.urls.size() + files.upload_ids.size() != 1) return FieldError("url", "url, upload_id");
  LoadFlags flags = TRY(ResubmissionFlags(call.session, parent.id));
  flags.dry_run = TRY(FlagField(body, "dry_run")).value_or(false);
  for (const UploadRecord& upload : TRY(UploadsOf(call, files))) {
    TRY(CheckOwner(call, upload, dataset));
    flags.stored.push_back(TRY(PinUpload(call.session, *call.service.store, upload)));
  }
  const EnqueuedJob job =
      TRY(Register(call, {.flags = std::move(flags), .tenant = parent.tenant, .priority = 0}));
  return Accepted(call, job);
}

}  // namespace eclusa::api
