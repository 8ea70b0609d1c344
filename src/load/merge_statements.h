// The statements that bring staged rows into the target, each built by one function from a
// LoadPlan.
//
// `condition` restricts the staged rows (over alias s): those without a verdict, or a range of
// them. Pure construction of text; nothing that a row contains is ever part of it.
#pragma once

#include <string>

#include "judge/plan.h"

namespace eclusa {

// MERGE for the modes that update, INSERT ... SELECT for those that do not. Rows whose image would
// not change are not touched. kUpdates: keys that the target has, and no others. kInserts: INSERT
// whatever the mode, for a target that is empty: a sixth of MERGE's time less.
enum class Part { kAll, kUpdates, kInserts };
std::string BuildUpsert(const LoadPlan& plan, const std::string& condition, Part part = Part::kAll);

// Rows that the load asks to delete. Two times, where the table refers to itself: before the merge,
// so that unique values are free; and after it those that a row still refers to which the merge
// points elsewhere.
enum class When { kBeforeMerge, kAfterMerge };
std::string BuildDelete(const LoadPlan& plan, const std::string& condition, When when);

// Mode replace: rows of the target, inside the filter, whose key no staged row has.
std::string BuildRemoval(const LoadPlan& plan, When when);

bool RefersToItself(const LoadPlan& plan);

// One row: keys of accepted rows that the target lacks. What will be inserted, where the server's
// own count would be upset by triggers.
std::string BuildCountNew(const LoadPlan& plan, const std::string& condition);

// Whether any of the staged rows would change the target: one boolean. `sample`: looks at that many
// staged rows only; 0: at all of them.
std::string BuildHasChanges(const LoadPlan& plan, const std::string& condition, int sample);

// Staged rows that differ from the target before the merge, each with the place of the target's row
// (null: there is none): where a BEFORE trigger swallows one, that place is still the same after
// it.
std::string BuildDiffering(const LoadPlan& plan, const std::string& condition);

// Places of the staged rows that the load asks to insert or update.
std::string BuildUpsertPlaces(const LoadPlan& plan, const std::string& condition);

// "NOT EXISTS (... a verdict ...)" over alias s.
std::string WithoutVerdict(const LoadPlan& plan, bool has_verdicts);

}  // namespace eclusa
