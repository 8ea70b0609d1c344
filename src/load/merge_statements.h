// The statements that bring staged rows into the target, each built by one function from a LoadPlan.
//
// `condition` restricts the staged rows (over alias s): those without a verdict, or a range of them.
// Pure construction of text; nothing that a row contains is ever part of it.
#pragma once

#include <string>

#include "judge/plan.h"

namespace eclusa {

// MERGE for the modes that update, INSERT ... SELECT for those that do not. Rows whose image would
// not change are not touched.
std::string BuildUpsert(const LoadPlan& plan, const std::string& condition);

// Rows that the load asks to delete.
std::string BuildDelete(const LoadPlan& plan, const std::string& condition);

// Mode replace: rows of the target, inside the filter, whose key no staged row has.
std::string BuildRemoval(const LoadPlan& plan);

// Whether any of the staged rows would change the target: one boolean. `sample`: looks at that many
// staged rows only; 0: at all of them.
std::string BuildHasChanges(const LoadPlan& plan, const std::string& condition, int sample);

// Staged rows that differ from the target before the merge, each with the place of the target's row
// (null: there is none): where a BEFORE trigger swallows one, that place is still the same after it.
std::string BuildDiffering(const LoadPlan& plan, const std::string& condition);

// "NOT EXISTS (... a verdict ...)" over alias s.
std::string WithoutVerdict(const LoadPlan& plan, bool has_verdicts);

}  // namespace eclusa
