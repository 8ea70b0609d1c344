#include "api/upload_sweeper.h"

#include "api/sql.h"
#include "core/log.h"

namespace eclusa::api {
namespace {

constexpr std::chrono::milliseconds kInterval{60'000};

// The object first: a row without an object is swept again, an object without a row never.
Result<int64_t> Sweep(Connection& connection, ObjectStore& store, const QueryResult& uploads) {
  int64_t swept = 0;
  for (int row = 0; row < uploads.rows(); ++row) {
    const std::string id(uploads.Text(row, 0));
    const std::string object(uploads.Text(row, 1));
    const std::string upload_id(uploads.Text(row, 2));
    if (!upload_id.empty()) {
      const Status aborted = store.AbortUpload(object, upload_id);
      if (!aborted.ok() && aborted.error().kind() == ErrorKind::kUnavailable)
        return aborted.error();
    }
    TRY(store.Remove(object));
    TRY(connection.Query(std::string(sql::kDeleteUpload), {id}));
    ++swept;
  }
  return swept;
}

Result<int64_t> SweepUnknown(ObjectStore& store, std::chrono::days keep) {
  const auto now =
      std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  int64_t swept = 0;
  const auto abort = [&](const UnfinishedUpload& upload) -> Status {
    TRY(store.AbortUpload(upload.object, upload.upload_id));
    ++swept;
    return Ok();
  };
  TRY(store.ListUnfinished({.prefix = "in/", .before = now - keep}, abort));
  return swept;
}

}  // namespace

Result<UploadSweepCounts> SweepUploads(Connection& connection, ObjectStore& store,
                                       const UploadSweepConfig& config) {
  const std::string batch = std::to_string(config.batch);
  UploadSweepCounts counts;
  const QueryResult abandoned = TRY(connection.Query(
      std::string(sql::kSelectAbandonedUploads), {std::to_string(config.grace.count()), batch}));
  counts.abandoned = TRY(Sweep(connection, store, abandoned));
  const QueryResult used = TRY(connection.Query(std::string(sql::kSelectUsedUploads),
                                                {std::to_string(config.keep.count()), batch}));
  counts.used = TRY(Sweep(connection, store, used));
  TRY(connection.Execute(std::string(sql::kDeleteOldKeys)));
  counts.unknown = TRY(SweepUnknown(store, config.keep_unknown));
  if (counts.abandoned + counts.used + counts.unknown > 0) {
    LogInfo("uploads_swept", {{"abandoned", std::to_string(counts.abandoned)},
                              {"used", std::to_string(counts.used)},
                              {"unknown", std::to_string(counts.unknown)}});
  }
  return counts;
}

Service UploadSweeper(std::shared_ptr<ObjectStore> store, LocalStore* local,
                      UploadSweepConfig config) {
  return {.name = "uploads",
          .lock = ServiceLock::kUploads,
          .interval = kInterval,
          .run_once = [store = std::move(store), local, config](Connection& session) -> Status {
            TRY(SweepUploads(session, *store, config));
            if (local == nullptr) return Ok();
            const auto now = std::chrono::time_point_cast<std::chrono::seconds>(
                std::chrono::system_clock::now());
            return local->RemovePartial(now - std::chrono::days(1));
          }};
}

}  // namespace eclusa::api
