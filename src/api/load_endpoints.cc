// Registering a load of what was uploaded, and handing in again what failed.

#include <boost/json.hpp>

#include "api/endpoints.h"
#include "api/load_body.h"
#include "api/pinned_files.h"
#include "api/registration.h"
#include "api/upload_words.h"
#include "api/uploads.h"
#include "model/codes.h"
#include "request/load_flags.h"

namespace eclusa::api {
namespace {

namespace json = boost::json;

// A file that a registration names: an upload, or a URL of somebody else's.
struct AskedFile {
  std::optional<UploadRecord> upload;
  std::string url;
};

// The upload that a URL belongs to: that of its object, which is the end of its path, in whatever
// store.
Result<AskedFile> FileOfUrl(const Call& call, const std::string& url) {
  const std::string path = url.substr(0, url.find('?'));
  const size_t name = path.rfind('/');
  const size_t folder =
      name == 0 || name == std::string::npos ? std::string::npos : path.rfind('/', name - 1);
  if (folder != std::string::npos) {
    auto found = FindUploadOfObject(call.session, path.substr(folder + 1));
    if (found.ok()) return AskedFile{.upload = *std::move(found), .url = {}};
    if (found.error().kind() != ErrorKind::kNotFound) return std::move(found).error();
  }
  return AskedFile{.upload = {}, .url = url};
}

Result<std::vector<AskedFile>> FilesAsked(const Call& call, const LoadBody& body) {
  std::vector<AskedFile> files;
  for (const std::string& id : body.upload_ids) {
    if (!IsUuid(id)) return FieldError("upload_id", "UUID");
    files.push_back({.upload = TRY(FindUpload(call.session, id)), .url = {}});
  }
  for (const std::string& url : body.urls) files.push_back(TRY(FileOfUrl(call, url)));
  return files;
}

// What was uploaded for another tenant or dataset is not there for this one.
Status CheckOwner(const Call& call, const UploadRecord& upload, const Dataset& dataset) {
  if (upload.dataset == dataset.name && call.caller.Speaks(upload.tenant)) return Ok();
  return Error(ErrorKind::kNotFound, code::api_no_upload, {{"upload", upload.id}});
}

// `tenant`, empty: not named. A token of one tenant needs not say which.
Result<StoredFile> PinForeign(const Call& call, const Dataset& dataset, const std::string& url,
                              std::string& tenant) {
  const auto& own = call.caller.tenants;
  if (tenant.empty() && own && own->size() == 1) tenant = own->front();
  if (!call.caller.Speaks(tenant)) {
    return Error(ErrorKind::kInvalid, code::api_tenant_not_allowed, {{"tenant", tenant}});
  }
  auto pinned = PinUrl(*call.service.urls, {.tenant = tenant, .url = url},
                       FileBytesMax(call.service.config, *dataset.contract), call.request.stop);
  if (pinned.ok() || pinned.error().kind() != ErrorKind::kInvalid) return pinned;
  ErrorArguments arguments = pinned.error().arguments();
  arguments.emplace_back("pointer", "/url");
  return Error(ErrorKind::kInvalid, pinned.error().code(), std::move(arguments));
}

// Each file as it is now; all are of one tenant.
Result<std::vector<StoredFile>> Pin(const Call& call, const Dataset& dataset, const LoadBody& body,
                                    std::string& tenant) {
  std::vector<StoredFile> pinned;
  for (const AskedFile& file : TRY(FilesAsked(call, body))) {
    if (!file.upload) {
      AddStored(TRY(PinForeign(call, dataset, file.url, tenant)), pinned);
      continue;
    }
    TRY(CheckOwner(call, *file.upload, dataset));
    if (tenant.empty()) tenant = file.upload->tenant;
    if (tenant != file.upload->tenant) {
      return Error(ErrorKind::kInvalid, code::api_tenant_not_allowed, {{"tenant", tenant}});
    }
    AddStored(TRY(PinUpload(call.session, *call.service.store, *file.upload, call.request.stop)),
              pinned);
  }
  return pinned;
}

}  // namespace

Result<http::Response> RegisterLoad(Call& call) {
  const Dataset dataset = TRY(call.FindDataset());
  const json::object body = TRY(ParseBody(call.request.body));
  LoadBody load = TRY(ReadLoadBody(body, *dataset.contract));
  std::string tenant = TRY(TenantOf(body, *dataset.contract));
  load.flags.stored = TRY(Pin(call, dataset, load, tenant));
  load.flags.contract_text = dataset.text;
  load.flags.database = call.service.targets.NameFor(dataset.name, tenant);
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
  std::string tenant = parent.tenant;
  flags.stored = TRY(Pin(call, dataset, files, tenant));
  const EnqueuedJob job =
      TRY(Register(call, {.flags = std::move(flags), .tenant = tenant, .priority = 0}));
  return Accepted(call, job);
}

}  // namespace eclusa::api
