#include "api/ended_jobs.h"

#include <utility>

#include "api/sql.h"

namespace eclusa::api {
namespace {

constexpr size_t kBytesMax = 16 << 20;

}  // namespace

std::optional<EndedJob> EndedJobs::Known(const std::string& uid, Language language) {
  const std::lock_guard lock(mutex_);
  const auto known = jobs_.find({uid, language});
  return known == jobs_.end() ? std::nullopt : std::optional(known->second);
}

Result<std::optional<EndedJob>> EndedJobs::Find(Connection& connection, const std::string& uid,
                                                Language language) {
  std::optional<EndedJob> known = Known(uid, language);
  if (!known) return known;
  const QueryResult stamp = TRY(connection.QueryPrepared(sql::kSelectStamp, {uid}));
  const bool same = stamp.rows() == 1 && stamp.Text(0, 0) == known->stamp;
  return same ? std::move(known) : std::optional<EndedJob>();
}

void EndedJobs::Keep(Language language, EndedJob job) {
  const std::lock_guard lock(mutex_);
  if (bytes_ > kBytesMax) {
    jobs_.clear();
    bytes_ = 0;
  }
  bytes_ += job.body.size();
  std::pair<std::string, Language> name(job.key.uid, language);
  jobs_.insert_or_assign(std::move(name), std::move(job));
}

}  // namespace eclusa::api
