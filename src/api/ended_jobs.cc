#include "api/ended_jobs.h"

#include <utility>

#include "api/sql.h"

namespace eclusa::api {
namespace {

constexpr size_t kBytesMax = 2 << 20;

Result<std::map<std::string, std::string>> ReadStamps(Connection& connection,
                                                      const std::vector<std::string>& uids) {
  std::string array = "{";
  for (const std::string& uid : uids) array += (array.size() > 1 ? "," : "") + uid;
  const QueryResult rows = TRY(connection.QueryPrepared(sql::kSelectStamps, {array + "}"}));
  std::map<std::string, std::string> stamps;
  for (int row = 0; row < rows.rows(); ++row) stamps.emplace(rows.Text(row, 0), rows.Text(row, 1));
  return stamps;
}

}  // namespace

std::shared_ptr<const EndedJob> EndedJobs::Known(const std::string& uid, Language language) {
  const std::lock_guard lock(mutex_);
  const auto known = jobs_.find({uid, language});
  return known == jobs_.end() ? nullptr : known->second;
}

// Empty: there is no such job, or it runs.
Result<std::string> EndedJobs::StampOf(Connection& connection, const std::string& uid) {
  std::unique_lock lock(mutex_);
  if (!next_) next_ = std::make_shared<Look>();
  const std::shared_ptr<Look> look = next_;
  look->uids.push_back(uid);
  look->changed.wait(lock, [&] { return look->found || !looking_; });
  if (!look->found) {
    looking_ = true;
    next_.reset();
    lock.unlock();
    auto found = ReadStamps(connection, look->uids);
    lock.lock();
    look->found = std::move(found);
    looking_ = false;
    look->changed.notify_all();
    if (next_) next_->changed.notify_one();
  }
  // What broke one's session is no answer to the others.
  const bool mine = look->found->ok();
  lock.unlock();
  const auto stamps = mine ? *look->found : ReadStamps(connection, {uid});
  if (!stamps.ok()) return stamps.error();
  const auto stamp = stamps->find(uid);
  return stamp == stamps->end() ? std::string() : stamp->second;
}

Result<std::shared_ptr<const EndedJob>> EndedJobs::Find(Connection& connection,
                                                        const std::string& uid, Language language) {
  std::shared_ptr<const EndedJob> known = Known(uid, language);
  if (known && TRY(StampOf(connection, uid)) != known->stamp) known.reset();
  return known;
}

void EndedJobs::Keep(Language language, EndedJob job) {
  const std::lock_guard lock(mutex_);
  if (bytes_ > kBytesMax) {
    jobs_.clear();
    bytes_ = 0;
  }
  bytes_ += job.body.size();
  std::pair<std::string, Language> name(job.key.uid, language);
  jobs_.insert_or_assign(std::move(name), std::make_shared<const EndedJob>(std::move(job)));
}

}  // namespace eclusa::api
