// Stager: files -> checked rows -> the load's stage table, or tables where the rows are documents.
//
//   [calling thread]  Source.Next -> Checker.Check -> failures kept              (file_reader.h)
//        |  BoundedQueue, bounded in bytes
//   [n senders]       CopyEncoder, a block of rows -> sorted by key -> COPY      (stage_sender.h)
//
// The stage has no key and is UNLOGGED; nobody sees it but this load. Rows that fail in reading or
// checking go to the failure store, in the transaction that ends the files' parts, after the
// senders have committed. A failure anywhere ends all: the senders abort their COPY, and the error
// comes back. Memory: the queue's bound, a block per sender and table, a batch or two.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "check/checker.h"
#include "control/files.h"
#include "control/job.h"
#include "core/result.h"
#include "formats/source.h"
#include "judge/plan.h"
#include "load/load.h"

namespace eclusa {

// One opened file with its checker.
struct LoadFile {
  FileRecord record;
  SourceOptions options;  // to open it again
  std::unique_ptr<Source> source;
  std::unique_ptr<Checker> checker;
  std::vector<std::string> unreadable_columns;  // that `source` leaves out
  bool looked_through = false;  // for fields behind its head: options.expected tells of them
  std::string encoding;         // found by going through the whole file; empty: by `source`
};

struct StagedFile {
  int64_t read = 0;
  int64_t staged = 0;
  int64_t failed = 0;
  std::vector<std::string> passed_over;  // Source::PassedOver
};

// Rows of one child table, of all files.
struct StagedChild {
  int64_t read = 0;
  int64_t staged = 0;
  int64_t failed = 0;
};

struct StagedLoad {
  std::vector<StagedFile> files;
  std::vector<StagedChild> children;  // by plan, without the root's
  std::vector<WarningCount> warnings;
  int64_t read = 0;
  int64_t staged = 0;   // accepted rows; without those that are only known to be present
  int64_t present = 0;  // mode replace: failed rows whose key is known
  int64_t failed = 0;
  bool key_unreadable = false;  // mode replace: a failed row whose key is not known
  // Places of the first rows of its parts, in their order; empty: not asked for in parts.
  std::vector<int64_t> part_begins;
};

struct StageJob {
  Connection* control = nullptr;
  const LoadContext* context = nullptr;
  const Job* job = nullptr;
  const std::vector<LoadPlan>* plans = nullptr;
  int connections = 1;
  std::optional<int64_t> parent_job;
};

// The stage tables and the verdict tables.
Status CreateStages(const StageJob& job);

// Creates and fills them. `files` keep their sources' formats; their readers are spent afterwards.
Result<StagedLoad> StageFiles(const StageJob& job, std::vector<LoadFile>& files);

// Statistics of the columns that the judge and the merge join by; those of the others would cost as
// much again and help nobody.
Status AnalyzeStage(const StageJob& job);

// Accepted rows that the stage holds: a crash of the server empties what is UNLOGGED.
Result<int64_t> CountStaged(Connection& connection, const LoadPlan& plan);

// "CREATE UNLOGGED TABLE ..." of the stage.
std::string BuildStageTable(const LoadPlan& plan);

}  // namespace eclusa
