// A contract of a table and of the tables that hang on it: which of them are described, and whether
// their lists fit them.
//
// The catalog is reached through a function, so that what is decided here needs no database.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "contract/compare.h"
#include "contract/derive.h"
#include "core/result.h"
#include "model/load_options.h"
#include "model/table.h"

namespace eclusa {

using DescribeFunction = std::function<Result<TableDescription>(const TableName&)>;

// The tables of which a document around `root` may make lists: those that refer to it by exactly
// its key, and those that refer to these. `only`: as --child names them, `table` or `schema.table`;
// empty: all. Errors (kInvalid): contract.derived_not_referring for a name that is none of them;
// those of `describe`.
Result<std::vector<TableDescription>> DescribeReferring(const TableDescription& root,
                                                        const std::vector<std::string>& key,
                                                        const std::vector<TableName>& only,
                                                        const DescribeFunction& describe);

// The drift of every list of the contract from its table. A table that cannot be described is fatal
// drift.
std::vector<Drift> DriftOfLists(const Contract& document, const TableDescription& table, Mode mode,
                                const DescribeFunction& describe);

}  // namespace eclusa
