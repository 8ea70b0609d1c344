// UploadSweeper: takes away what was uploaded and never registered, and what no job needs any more.
//
// An upload that was not registered goes an hour after its URLs expired, with its object or its
// parts. A registered one goes when the failures of all loads of it have been removed by retention:
// until then its rows may be read again. Parts that nobody has a row of, because the request
// that began them was not committed, go when no URL of theirs can be good any more. Rows of
// eclusa.idempotency_keys go after seven days. At most `batch` uploads a turn. Threads: as the
// connection.
#pragma once

#include <chrono>

#include "core/result.h"
#include "jobs/service.h"
#include "pg/connection.h"
#include "store/local_store.h"
#include "store/object_store.h"

namespace eclusa::api {

struct UploadSweepConfig {
  std::chrono::seconds grace{3600};   // after the expiry of the URLs
  std::chrono::days keep{30};         // registered ones, after their registration
  std::chrono::days keep_unknown{8};  // parts without a row; a URL is good for seven days at most
  int batch = 500;
};

struct UploadSweepCounts {
  int64_t abandoned = 0;
  int64_t used = 0;
  int64_t unknown = 0;
};

Result<UploadSweepCounts> SweepUploads(Connection& connection, ObjectStore& store,
                                       const UploadSweepConfig& config);

// The service of it; `local` also loses what dead processes left half written.
Service UploadSweeper(std::shared_ptr<ObjectStore> store, LocalStore* local,
                      UploadSweepConfig config);

}  // namespace eclusa::api
