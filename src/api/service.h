// ApiService: what all endpoints share, and the way of a request to one of them.
//
//   caller (401), with a session on loan -> rate (429) -> role (403) -> Idempotency-Key -> the
//   endpoint -> its answer, or its Error as a problem
//
// Endpoints are functions of a Call. Another tenant's job or upload is not found, whoever asks.
// Threads: endpoints run on any thread of the server's pool.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "api/datasets.h"
#include "api/ended_jobs.h"
#include "api/job_view.h"
#include "api/metrics.h"
#include "api/open_door.h"
#include "api/rate_limiter.h"
#include "api/session_pool.h"
#include "api/target_sessions.h"
#include "api/tokens.h"
#include "core/result.h"
#include "http/message.h"
#include "http/router.h"
#include "jwt/verifier.h"
#include "store/local_store.h"
#include "store/object_store.h"
#include "urls/url_reader.h"

namespace eclusa::api {

struct ApiConfig {
  std::string conninfo;
  std::string public_url = "http://127.0.0.1:8080";  // as clients reach it, of links
  std::string temporary_folder = "/tmp";             // of exports on their way
  int sessions = 16;
  int64_t upload_bytes_max = int64_t{64} << 30;
  std::chrono::seconds upload_valid{3600};
  int64_t jobs_waiting_max = 10'000;    // of one tenant
  int64_t requests_per_minute = 6'000;  // of one caller; 0: any number
  std::string signing_key;              // of status URLs
  std::chrono::seconds status_valid{86'400};
  bool metrics_open = false;  // to whoever asks
  WorkersWanted workers_wanted;
};

struct ApiService {
  ApiConfig config;
  SessionPool sessions;
  Tokens tokens;
  std::unique_ptr<jwt::Verifier> issuer;  // null: opaque tokens only
  RateLimiter limiter;
  OpenDatasets open;
  Datasets datasets;
  EndedJobs ended;
  EndedJobs ended_splits;
  MetricsPage metrics;
  std::shared_ptr<ObjectStore> store;
  LocalStore* local = nullptr;      // the same, where clients send their files to this server
  std::shared_ptr<UrlReader> urls;  // set before the first call
  TargetSessions targets;           // the same
  std::function<void()> job_ready = [] {};

  ApiService(ApiConfig settings, std::shared_ptr<ObjectStore> objects)
      : config(std::move(settings)),
        sessions(config.conninfo, config.sessions),
        limiter(config.requests_per_minute),
        store(std::move(objects)) {}
};

// One request of a caller who is known.
struct Call {
  ApiService& service;
  http::Request& request;
  Connection& session;
  const Caller& caller;
  std::function<void()> afterwards = {};  // once what was done is committed

  // The dataset that the path names, where the caller may see it.
  Result<Dataset> FindDataset() const;
  // The job that the path names, of that dataset (of any, where the path names none), where the
  // caller speaks for its tenant.
  Result<JobKey> FindJob() const;
  Result<JobView> ViewJob() const;
  // What is another's, or another dataset's, is not there.
  Status CheckMine(const JobKey& key) const;
  JobViewOptions ViewOptions() const;
  // A row of eclusa.audit.
  struct Deed {
    std::optional<int64_t> job_id;
    std::string tenant;
    std::string detail_json = "{}";
  };
  Status Audit(const Deed& deed) const;
};

using Endpoint = std::function<Result<http::Response>(Call& call)>;
// Of a call whose body is streamed: asked before the body comes.
using StreamEndpoint = std::function<Result<std::unique_ptr<http::BodySink>>(Call& call)>;

// Whether all that an endpoint does is one transaction, with the answer to its Idempotency-Key.
enum class Repeats : uint8_t { kNo, kByKey };

// Who calls without a token, where there is such a way in.
using Door = std::optional<Caller> (*)(const ApiService& service, const http::Request& request);

http::Handler Guarded(ApiService& service, Role least, Repeats repeats, Endpoint endpoint,
                      Door door = nullptr);
// What the sink answers gets the caller's rate said, and its errors become problems.
http::StreamHandler GuardedStream(ApiService& service, Role least, StreamEndpoint endpoint,
                                  Door door = nullptr);
// For what a sink does later: a session on loan.
Result<http::Response> InCall(ApiService& service, http::Request& request, const Caller& caller,
                              const Endpoint& endpoint);
// For calls without a token: health, documentation.
http::Handler Open(ApiService& service,
                   Result<http::Response> (*endpoint)(ApiService& service, http::Request& request));

}  // namespace eclusa::api
