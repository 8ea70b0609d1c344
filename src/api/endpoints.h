// The endpoints of the bulk API, one function each; docs/api.md tells what they answer.
//
// Each is called by Guarded or Open (api/service.h). Those that change something in the database do
// it inside the transaction that Guarded has begun (Repeats::kByKey), or in ones of their own.
#pragma once

#include "api/service.h"
#include "core/result.h"
#include "http/message.h"
#include "http/router.h"

namespace eclusa::api {

// POST {dataset}/_bulk: asks where to upload.
Result<http::Response> AskUpload(Call& call);
// GET {dataset}/_bulk/uploads/{id}: what of it is there, so that a client goes on where it was.
Result<http::Response> ShowUpload(Call& call);
// PUT {dataset}/_bulk: registers a load of what was uploaded.
Result<http::Response> RegisterLoad(Call& call);
// GET {dataset}/_bulk: the tenant's jobs.
Result<http::Response> ListJobs(Call& call);
// GET {dataset}/_bulk/status/{id}, /v1/loads/{id}
Result<http::Response> ShowStatus(Call& call);
// GET {dataset}/_bulk/status/{id}/failures
Result<http::Response> ShowFailures(Call& call);
// POST {dataset}/_bulk/status/{id}/cancel, /resubmit, /waive
Result<http::Response> CancelLoad(Call& call);
Result<http::Response> ResubmitFailures(Call& call);
Result<http::Response> WaiveOpenFailures(Call& call);
// GET /v1/datasets, /v1/datasets/{name}/contract
Result<http::Response> ListDatasets(Call& call);
Result<http::Response> ShowContract(Call& call);

// GET /metrics: of callers for all tenants; or of anybody, where the settings say so.
Result<http::Response> Metrics(Call& call);
Result<http::Response> OpenMetrics(ApiService& service, http::Request& request);

// GET /health/live, /health/ready, /openapi.json, /v1/problems/{code}
Result<http::Response> Live(ApiService& service, http::Request& request);
Result<http::Response> Ready(ApiService& service, http::Request& request);
Result<http::Response> OpenApi(ApiService& service, http::Request& request);
Result<http::Response> ExplainProblem(ApiService& service, http::Request& request);

// PUT /uploads/...: takes a file, where the store is a folder of this server. The signature of the
// URL is the right to do it.
http::StreamHandler ReceiveUpload(ApiService& service);

// All of them, with their patterns; the service outlives the routes.
std::vector<http::Route> Routes(ApiService& service);

}  // namespace eclusa::api
