// LoadReport: what a load did, for people (app), machines (--json) and the job's record.
//
// A value. JSON: one object, the field names of the structs; what is not known is null, never zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "model/job_state.h"
#include "model/outcome.h"
#include "model/reason.h"

namespace eclusa {

struct FileReport {
  std::string path;
  std::string format;          // csv, parquet
  std::string detail;          // ";, windows-1252", "gzip"
  std::string encoding;        // of text; empty: not text
  std::string encoding_basis;  // asked, mark, found, ascii: formats/source.h
  int64_t bytes = 0;
  int64_t read = 0;
  int64_t applied = 0;  // inserted + updated + unchanged + deleted
  int64_t failed = 0;
};

// Failures grouped by code and column, the most frequent first.
struct Cause {
  std::string code;
  std::string column;
  int64_t count = 0;  // reasons, not rows: a row has all of its own
  Reason sample;
  Place sample_place;
};

// Rows of one child table of the documents.
struct TableReport {
  std::string list;    // "contatos", as the documents have it
  std::string target;  // schema.table
  OutcomeCounts outcomes;
};

struct WarningReport {
  std::string counter;
  int64_t count = 0;
};

struct LoadReport {
  int64_t job_id = 0;
  std::optional<int64_t> parent_job_id;
  JobState state = JobState::kFailed;
  std::string target;
  std::string mode;
  bool dry_run = false;
  OutcomeCounts outcomes;
  std::vector<TableReport> tables;  // documents: of their children; `outcomes` are the documents'
  std::vector<FileReport> files;
  std::vector<Cause> causes;
  std::vector<WarningReport> warnings;
  std::vector<std::string> unknown_columns;
  std::vector<std::string> unreadable_columns;  // unknown too; failed rows are kept without them
  std::vector<std::string> advice;              // statements to run: sequences behind max(key)
  int64_t closed_failures = 0;                  // of the parent, by a resubmission
  int judgements = 0;
  int64_t duration_ms = 0;
  std::vector<std::pair<std::string, int64_t>> phases_ms;  // in order
};

std::string ToJson(const LoadReport& report);

}  // namespace eclusa
