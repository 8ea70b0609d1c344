// ConvertFile: a file of one format as a file of another, with nothing lost on the way.
//
// What each format keeps is told in docs/convert.md, how types are found in convert/field_plan.h.
// Files without types are read twice: first all values are looked at, then they are written. JSON
// becomes JSON document by document, byte for byte, where no contract gives types. Rows that cannot
// be read or that their type does not hold are told, counted and kept (FailureFile), never dropped.
// The output appears whole or not at all. Errors: those of Sources and Sinks, convert.* codes.
// Threads: the caller's. Memory: that of a Source and a Sink. Judges no rules: that is a load.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "contract/contract.h"
#include "convert/field_plan.h"
#include "core/result.h"
#include "formats/source.h"

namespace eclusa {

struct ConvertRequest {
  std::string input;
  std::string output;  // empty: standard output
  std::string output_format;
  std::string failures;                   // empty: nowhere
  const Contract* contract = nullptr;     // outlives the call
  Dialect dialect;                        // of the input: words that win over the contract's
  std::vector<std::string> json_columns;  // text columns of the input that hold JSON
  PlanOptions plan;
  std::stop_token stop;
  std::function<void(const Place&, const std::vector<Reason>&)> on_failure;
};

struct ConvertReport {
  std::string input_format;
  std::string output_format;
  int64_t rows_read = 0;
  int64_t rows_written = 0;
  int64_t rows_failed = 0;
  std::vector<std::pair<std::string, std::string>> columns;  // name, type in words of Arrow
  std::vector<PlanNote> notes;
};

Result<ConvertReport> ConvertFile(const ConvertRequest& request);

}  // namespace eclusa
