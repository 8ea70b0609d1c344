// What `eclusa load` was told, as it stands on the command line; and the request that it means.
//
// Kept with the job as JSON, so that a resubmission loads as its parent did.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "load/load.h"
#include "pg/connection.h"

namespace eclusa {

struct LoadFlags {
  std::vector<std::string> files;
  std::string to;
  std::string contract;       // a path
  std::string contract_text;  // a job's own, where the contract was given
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
};

std::string ToJson(const LoadFlags& flags);
Result<LoadFlags> LoadFlagsFromJson(const std::string& text);

// What there is to tell beside the request or the error.
struct RequestNotes {
  std::vector<Error> drift;   // differences of contract and table with which the load can run
  std::vector<Error> errors;  // where there are several: all but the one that is returned
};

// Reads contract and table, and puts flags, contract and defaults together (flags win). Every
// unusable word is an error that names its flag.
Result<LoadRequest> BuildRequest(Connection& connection, const LoadFlags& flags,
                                 RequestNotes* notes);

}  // namespace eclusa
