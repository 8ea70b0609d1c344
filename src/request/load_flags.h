// What a load was told, in the words of the command line; and the request that they mean.
//
// Whoever asks for a load says the same words: `eclusa load` in flags, the bulk API in JSON. Kept
// with the job as JSON, so that a worker loads what was asked for, and a resubmission as its parent
// did.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "load/load.h"
#include "pg/connection.h"

namespace eclusa {

// A file that is not on a disk: read under `path`, which its client knows, from a store's object,
// or from a URL that is registered for a tenant.
struct StoredFile {
  std::string path;
  std::string object;
  std::string version;
  std::string sha256;  // that was claimed and nobody has compared yet; empty: none
  std::string url;     // instead of an object
  std::string tenant;  // of a URL
};

struct LoadFlags {
  std::vector<std::string> files;
  std::vector<StoredFile> stored;  // of `files`; either all of them are, or none
  std::string to;
  std::string database;       // of Targets: where the table is; empty: beside the job
  std::string trace;          // of the request that asked for it
  std::string token;          // that it had
  std::string contract_text;  // YAML; empty: derived from the table
  std::string mode;
  std::vector<std::string> key;
  std::string operation_column;
  std::string version_column;
  std::string duplicates;
  std::string max_failures;
  std::vector<std::string> filter;
  int64_t min_rows = 0;
  std::string max_removals;
  bool again = false;
  std::string lock = "optimistic";
  std::vector<std::string> tenant;
  std::string delimiter;
  std::string encoding;
  std::string decimal;
  std::optional<std::string> pointer;  // the empty one is one too
  std::string source;
  std::string position;
  bool dry_run = false;
  int connections = 0;
  std::optional<int64_t> rows_per_part;
  std::optional<int64_t> parent_job;  // a resubmission's; its job's own column, not in the JSON
};

std::string ToJson(const LoadFlags& flags);
Result<LoadFlags> LoadFlagsFromJson(const std::string& text);

// What a resubmission inherits from the job whose failures it hands in; files are left to be named.
// kInvalid where that job changed nothing that could be completed.
Result<LoadFlags> ResubmissionFlags(Connection& connection, int64_t parent_job);

// What there is to tell beside the request or the error.
struct RequestNotes {
  std::vector<Error> drift;   // differences of contract and table with which the load can run
  std::vector<Error> errors;  // where there are several: all but the one that is returned
};

// Parses the contract, describes the table, and puts flags, contract and defaults together (flags
// win). Every unusable word is an error that names its flag.
Result<LoadRequest> BuildRequest(Connection& connection, const LoadFlags& flags,
                                 RequestNotes* notes);

}  // namespace eclusa
