// The splitter's document: a load's parts, and in each the breaches that its contract counts.
//
//   {"message_id", "status": "processing" | "completed" | "failed", "total_parts",
//   "completed_parts",
//    "success_count", "success": [{"part", "status": "success", "message": {"total_rows",
//    "total_added", counter: rows, ...}}], "failed_count", "failed": [{"part", "status": "fail",
//    "message": {"error"}}]}
//
// A part is completed once it is staged; what it added is known with the commit (null before). The
// counters are eclusa.counter of the contract: of each column its breaches, flagged or failed, and
// of rows that could not be split. They come from what the job's status comes from: failed rows are
// counted as long as they are kept. Threads: as the connection.
#pragma once

#include "api/service.h"
#include "core/result.h"
#include "http/message.h"
#include "jobs/queue.h"

namespace eclusa::api {

// GET /status?message_id={id}
Result<http::Response> ShowSplits(Call& call);

// 202 with where to look: {"info", "url", "message_id", "dataset", "expires_at"}.
Result<http::Response> AcceptedSplit(Call& call, const EnqueuedJob& job);

// Ways in without a token (Door): a network's, and besides it a signed URL's.
std::optional<Caller> NetworkDoor(const ApiService& service, const http::Request& request);
std::optional<Caller> StatusDoor(const ApiService& service, const http::Request& request);

}  // namespace eclusa::api
