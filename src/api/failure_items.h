// FailureItems: a job's failures as pages of JSON items, in the order of files and rows.
//
// The cursor is opaque; what it names stays in place whatever is closed meanwhile. Filters: code,
// column, part, key (the row number). Reads only. Threads: as the connection.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"
#include "model/codes.h"
#include "pg/connection.h"

namespace eclusa::api {

inline constexpr int kFailuresPage = 100;
inline constexpr int kFailuresPageMax = 1000;

struct FailureQuery {
  int64_t job_id = 0;
  int page_size = kFailuresPage;
  std::string cursor;  // of the page before; empty: the first
  std::string code;    // empty: any
  std::string column;
  std::optional<int64_t> part;
  std::optional<int64_t> file;  // its place among the load's, from 0
  std::optional<int64_t> row;
  bool open_only = false;
  Language language = Language::kEnglish;
};

struct FailurePage {
  boost::json::array items;
  std::string next;  // cursor of the page that follows; empty: this is the last
};
// api.cursor where the cursor is none of ours.
Result<FailurePage> ReadFailurePage(Connection& connection, const FailureQuery& query);

}  // namespace eclusa::api
