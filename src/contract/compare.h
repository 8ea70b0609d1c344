// CompareWithTable: the drift between a contract and its table, by name, before a file is opened.
//
// Everything that differs is listed, not the first only. Where the contract is wider than the table
// the load still runs and the tighter limit is checked: such drift is not fatal. Pure.
#pragma once

#include <string>
#include <vector>

#include "contract/contract.h"
#include "core/result.h"
#include "model/load_options.h"
#include "model/table.h"

namespace eclusa {

struct Drift {
  Error error;         // kInvalid, a code contract.drift_*
  bool fatal = false;  // no load can come out right: refuse before reading
};

// `mode`: the one of the load; a mode without a need for a key is not told that it has none.
// `key`: the columns that the load matches by where they are not the contract's own.
std::vector<Drift> CompareWithTable(const Contract& contract, const TableDescription& table,
                                    Mode mode, const std::vector<std::string>& key = {});

// The same of a list's table, and whether it can hang on its parent's: `parent_table` is that of
// the list or document around it. `document`: the whole contract, for the columns that a job
// forces; a list's table need not have them, as its parent has. `mode`: the load's.
std::vector<Drift> CompareChildWithTable(const ChildDataset& child, const Contract& document,
                                         const TableDescription& parent_table,
                                         const TableDescription& child_table, Mode mode);

// True where a mode finds rows of the target by key.
bool NeedsKey(Mode mode);

}  // namespace eclusa
