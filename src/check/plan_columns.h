// PlanColumns: contract, table and file -> one ColumnPlan per column that the load writes.
//
// Everything that is wrong with the file as a whole is found here, before the first row is read:
// see Checker::Create. Pure but for CheckerOptions::read_zone_file.
#pragma once

#include <string>
#include <vector>

#include "check/binding.h"
#include "check/column_plan.h"

namespace eclusa {

struct CompiledFilter {
  size_t column = 0;  // of Plan::columns
  std::string op;
  std::shared_ptr<const TypedColumn> value;
  std::string text;  // "tenant = 47", for messages
};

struct Plan {
  std::vector<ColumnPlan> columns;  // in the table's order
  std::vector<std::string> counters;
  size_t flag_count = 0;
  std::string operation;  // the file's column; empty: none
  bool strict_operations = false;
  std::vector<CompiledFilter> filter;
  std::vector<std::string> wanted;
  std::vector<std::string> unknown;
};

Result<Plan> PlanColumns(const Contract& contract, const TableDescription& table,
                         const arrow::Schema& source, const CheckerOptions& options);

}  // namespace eclusa
