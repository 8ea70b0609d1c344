// ValuePlanner: what a property of the contract says of its values -> the reading, changes and
// rules of a ColumnPlan. CounterNames: the names under which breaches and changes are counted, and
// the flag columns, numbered as they come.
//
// Pure but for CheckerOptions::read_zone_file.
#pragma once

#include <string>
#include <vector>

#include "check/column_plan.h"

namespace eclusa {

class CounterNames {
 public:
  int Counter(const std::string& name) { return Number(names_, name); }
  int Flag(const std::string& column) { return Number(flags_, column); }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<std::string>& flags() const { return flags_; }

 private:
  static int Number(std::vector<std::string>& list, const std::string& name);

  std::vector<std::string> names_;
  std::vector<std::string> flags_;
};

class ValuePlanner {
 public:
  ValuePlanner(const Contract& contract, const CheckerOptions& options, CounterNames& counters)
      : contract_(contract), options_(options), counters_(counters) {}

  // Fills `plan`, whose bound column and type are set. Errors (kInvalid): rule.* of the property.
  Status Plan(const Property& property, ColumnPlan& plan);

 private:
  void PlanText(const Property& property, ColumnPlan& plan) const;
  Status PlanReading(const Property& property, ColumnPlan& plan);
  Status PlanPatterns(const Property& property, ColumnPlan& plan) const;
  Status PlanZone(const Property& property, ColumnPlan& plan) const;
  Status PlanRules(const Property& property, ColumnPlan& plan);
  Status PlanDocument(const Rule& rule, DocumentKind kind, ColumnPlan& plan);
  Status PlanFixedValues(const Property& property, ColumnPlan& plan) const;
  void CountBreaches(const Rule& rule, const ColumnPlan& plan, int* counter, int* flag);

  const Contract& contract_;
  const CheckerOptions& options_;
  CounterNames& counters_;
};

}  // namespace eclusa
