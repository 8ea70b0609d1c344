// Binding: which columns of the file each property of the contract takes its values from.
//
// By name, never by position: the property's name or one of its other names (`from`), exactly; then
// the same whatever the case, where only one column matches; then the target column's name. A
// column that one property claims by name is not given to another one by its target's name. A file
// without a header whose names mean nothing to the contract is bound in the contract's order.
// Columns that begin with _eclusa_ belong to the failures dataset and are passed over. Pure.
#pragma once

#include <string>
#include <vector>

#include "contract/contract.h"
#include "core/result.h"

namespace eclusa {

struct Binding {
  // One per property of the contract: the file's columns; empty: the file has none.
  std::vector<std::vector<std::string>> sources;
  std::string operation;  // the file's own spelling; empty: none asked for
  std::vector<std::string> unknown;
};

struct BindingRequest {
  std::vector<std::string> file_columns;  // in the file's order
  std::string operation_column;           // empty: none
  bool by_order = false;                  // the file has no header
};

// Errors (kInvalid): column.twice, column.ambiguous, column.operation_missing, column.unknown.
Result<Binding> BindColumns(const Contract& contract, const BindingRequest& request);

}  // namespace eclusa
