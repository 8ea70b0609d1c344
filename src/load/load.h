// RunLoad: one load from its files to its report; the product's main path.
//
// The request is whole: nothing is asked of the user or the environment on the way. Whatever
// happens after the job was created, its record ends in a final state and its stage is gone: at a
// failure, a cancellation, or, where this process dies, at the start of the next load. Errors:
// kInvalid before a byte is read where the request, the contract and the table do not fit; bad rows
// are never an error. Threads: one caller; uses one reading thread and `connections` senders.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "check/document_checker.h"
#include "contract/contract.h"
#include "control/job.h"
#include "core/result.h"
#include "io/files.h"
#include "model/load_options.h"
#include "model/report.h"
#include "model/table.h"
#include "pg/connection.h"

namespace eclusa {

struct SourcePosition {
  std::string name;
  std::string expected;  // empty: the name must be new
  std::string next;
};

struct LoadRequest {
  std::vector<std::string> paths;  // files, in the load's order; globs expanded
  // Where they are; null: the local disk.
  std::shared_ptr<const Files> files;
  Contract contract;
  TableDescription table;
  std::vector<ChildTarget> children;  // one per child dataset, as DatasetNodes orders them
  Mode mode = Mode::kUpsert;
  Duplicates duplicates = Duplicates::kLast;
  std::vector<std::string> key_columns;  // the target's; without the tenants
  std::vector<std::pair<std::string, std::string>> tenants;
  std::string version_column;
  std::string operation_column;
  std::vector<FilterTerm> filter;
  Tolerance max_failures;
  std::optional<Tolerance> max_removals;
  int64_t min_rows = 0;  // replace: refused with fewer rows
  bool again = false;    // append: the same file once more
  Locking locking = Locking::kOptimistic;
  std::optional<SourcePosition> position;
  bool dry_run = false;
  int connections = 0;                   // 0: by the files' size
  std::optional<int64_t> rows_per_part;  // where several workers stage; none: by bytes
  std::optional<int64_t> parent_job;     // a resubmission's
  // Texts are in the contract's dialect whatever the format they come in: what is handed in again
  // came from a text file.
  bool text_values = false;
  std::string options_json = "{}";  // how it was asked for, for the job's record
};

struct LoadProgress {
  std::string phase;  // reading, merging
  int64_t rows = 0;
  int64_t failed = 0;
  int64_t bytes = 0;
  int64_t bytes_total = 0;
};

// Who else stages parts of the load, and how it is cut.
struct PartsContext {
  int64_t worker_id = 0;  // that claims parts for this process
  int attempts_max = 5;   // of one part
  std::chrono::milliseconds retry_after{1000};
  std::function<void()> ready;  // called when there are parts to be claimed
};

struct LoadContext {
  std::string conninfo;  // of the target's database; opened once more for each sender
  std::string session;   // what the senders' sessions are called; empty: as any
  std::stop_token stop;
  std::function<void(const LoadProgress&)>
      progress;                       // may be empty; called from the caller's thread
  std::optional<PartsContext> parts;  // none: the load is staged as a whole
};

// `control` is a session of the target's database, on which the schema `eclusa` is in place. A load
// that is rejected by its tolerance is a report, not an error.
Result<LoadReport> RunLoad(Connection& control, const LoadContext& context, LoadRequest request);

// The job's row as the request asks for it.
JobRequest JobRequestOf(const LoadRequest& request);

// Whether the same load may go well at another time: something was out of reach, or in the way.
bool IsWorthAnotherTry(const Error& error);

// The walk alone, for a job that was begun elsewhere and that `control` may write: LOADING, with
// this attempt; what an attempt before it has staged in parts is gone on with. An error leaves the
// job as it is, and its stage: the caller decides whether it failed, was cancelled, or is tried
// again.
Result<LoadReport> RunJob(Connection& control, const LoadContext& context, LoadRequest& request,
                          const Job& job);

}  // namespace eclusa
