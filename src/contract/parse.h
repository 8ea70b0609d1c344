// ParseContract: a contract's YAML text -> Contract, or everything that is wrong with it.
//
// Every error carries line and column (1-based, in characters) and all errors of a document are
// reported, up to kContractErrorsMax; nothing is guessed: an unknown word is an error that names
// the nearest known one. Words of ODCS that eclusa does not use are kept in Contract::kept and left
// alone. Limits, so that no document can take the machine: kContractBytesMax of text,
// kContractDepthMax levels, kContractNodesMax values with aliases counted where they are used;
// patterns up to kContractPatternMax characters; kContractTablesDeep tables inside each other.
// Lists of lists are refused. No I/O; does not look at a table (contract/compare.h does). Threads:
// pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "core/result.h"

namespace eclusa {

inline constexpr size_t kContractBytesMax = 4 << 20;
inline constexpr int kContractDepthMax = 64;
inline constexpr size_t kContractNodesMax = 200'000;
inline constexpr size_t kContractErrorsMax = 50;
inline constexpr size_t kContractPatternMax = 1000;
// So many in each of the tables leave room below kContractDepthMax for the words of a property.
inline constexpr int kContractObjectsDeep = 8;

struct ParsedContract {
  std::optional<Contract> contract;  // set where there are no errors, digest filled
  std::vector<Error> errors;         // kInvalid, with the arguments line and column
  size_t errors_left_out = 0;        // beyond kContractErrorsMax
};

ParsedContract ParseContract(std::string_view text);

// For callers that can say one thing only: the first error.
Result<Contract> ParseContractOrFirstError(std::string_view text);

}  // namespace eclusa
