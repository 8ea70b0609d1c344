// JobView: a job as the API shows it, its status document.
//
// Field names are the seed's and the design's (docs/api.md); what is not known yet is null, never
// zero. Reads only. Threads: as the connection.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>

#include "core/result.h"
#include "model/codes.h"
#include "pg/connection.h"

namespace eclusa::api {

bool IsUuid(std::string_view text);

// What the API needs to know of a job beside its record.
struct JobKey {
  int64_t id = 0;
  std::string uid;
  std::string tenant;
  std::string dataset;
  std::string dataset_path;  // empty: of no dataset that is published
};
// kNotFound (api.no_job) where there is none of that name.
Result<JobKey> FindJob(Connection& connection, const std::string& uid);

struct JobViewOptions {
  std::string public_url;  // "http://host:port", of the links
  Language language = Language::kEnglish;
};
// Of one moment: what it says fits together.
struct JobView {
  JobKey key;
  boost::json::object document;
  std::string stamp;  // of a job that has ended: the versions of the rows that it was made from
};
Result<JobView> ReadJobView(Connection& connection, const std::string& uid,
                            const JobViewOptions& options);

// What a job in that state does, in words.
std::string_view StateText(std::string_view state, Language language);

// "enqueued", "processing", "complete", "error": the seed's words for a state.
std::string_view SeedStatus(std::string_view state);

}  // namespace eclusa::api
