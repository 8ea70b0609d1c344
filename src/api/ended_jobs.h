// EndedJobs: status documents of jobs that have ended, as they were sent, for those who ask again.
//
// What such a document says is settled by rows that hardly ever change: it is good for as long as
// their versions, which each look asks the database for, are the same. Looks that come while one is
// on its way are made together by the next one. Memory: two megabytes. Threads: any.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

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
  // Null: not kept, or no longer true.
  Result<std::shared_ptr<const EndedJob>> Find(Connection& connection, const std::string& uid,
                                               Language language);
  void Keep(Language language, EndedJob job);

 private:
  // Jobs whose stamps are asked for by one statement. Nothing found: asked of nobody yet.
  struct Look {
    std::vector<std::string> uids;
    std::optional<Result<std::map<std::string, std::string>>> found;
    std::condition_variable changed;
  };

  std::shared_ptr<const EndedJob> Known(const std::string& uid, Language language);
  Result<std::string> StampOf(Connection& connection, const std::string& uid);

  std::mutex mutex_;
  std::map<std::pair<std::string, Language>, std::shared_ptr<const EndedJob>> jobs_;
  size_t bytes_ = 0;
  std::shared_ptr<Look> next_;  // gathers while another is on its way
  bool looking_ = false;
};

}  // namespace eclusa::api
