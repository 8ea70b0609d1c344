// RowImage: staged rows as the target will hold them, as a relation that expressions of the user
// (checks, index predicates) can be evaluated over.
//
// A column that the load does not write keeps the target's value where the key exists and is null
// (or its default) where it does not. A relation is only offered where all its columns can be known
// beforehand: generated columns and unloaded columns with a default of their own are not.
// Pure construction of SQL text from a LoadPlan; no I/O.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "judge/plan.h"

namespace eclusa {

class RowImage {
 public:
  explicit RowImage(const LoadPlan& plan) : plan_(plan) {}

  // Whether the values of these table columns are known before the merge.
  bool CanKnow(const std::vector<int>& table_columns) const;
  // Whether the load writes any of them.
  bool WritesAny(const std::vector<int>& table_columns) const;

  // A relation in parentheses with _eclusa_row, the key columns and the given table columns under
  // their own names; rows that will be inserted or updated and meet `condition` (over alias s).
  std::string Upserts(const std::vector<int>& table_columns, const std::string& condition) const;

  // All columns of the table that CanKnow allows.
  std::vector<int> KnownColumns() const;

  // "_eclusa_op IN ('U','I')" over alias s; "true" where the whole load upserts.
  std::string IsUpsert() const;
  std::string IsDelete() const;

 private:
  std::string Value(int table_column, bool* needs_target) const;
  const LoadPlan& plan_;
};

}  // namespace eclusa
