// EndedJobs: status documents of jobs that have ended, as they were sent, for those who ask again.
//
// What such a document says is settled by rows that hardly ever change: it is good for as long as
// their versions, which each look asks the database for, are the same. Memory: some megabytes.
// Threads: any.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "api/job_view.h"
#include "core/result.h"
#include "model/codes.h"
#include "pg/connection.h"

namespace eclusa::api {

struct EndedJob {
  JobKey key;
  std::string stamp;  // of the rows that it was made from
  std::string body;
};

class EndedJobs {
 public:
  // Nothing: not kept, or no longer true.
  Result<std::optional<EndedJob>> Find(Connection& connection, const std::string& uid,
                                       Language language);
  void Keep(Language language, EndedJob job);

 private:
  std::optional<EndedJob> Known(const std::string& uid, Language language);

  std::mutex mutex_;
  std::map<std::pair<std::string, Language>, EndedJob> jobs_;
  size_t bytes_ = 0;
};

}  // namespace eclusa::api
