// ColumnPlan: everything that is known of one column before the first row: where its values come
// from, how their text is read, what may be changed in them, and which rules they must keep.
//
// Made once by PlanColumns (check/plan_columns.h), then shared by all threads without change.
// ColumnRun: one column of one batch while it is converted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "check/checker.h"
#include "check/findings.h"
#include "check/rules.h"
#include "types/date_pattern.h"
#include "types/documents.h"
#include "types/number.h"
#include "types/zone.h"

namespace eclusa {

// Which of a contract's words changed a value; each is counted under a name of its own.
enum class Change : uint8_t {
  kTrim,
  kUpper,
  kUnaccent,
  kEmptyAsNull,
  kRound,
  kTruncate,
  kPadZeros,
  kOtherDocument,
  kZeroDate,
  kDefault,
  kTimeZone,
};
inline constexpr int kChangeCount = 11;

// How text is read before its type matters.
struct TextReading {
  bool empty_is_null = false;  // by the dialect: not counted as a change
  std::vector<std::string> null_markers;
  bool trim = false;
  bool upper = false;
  bool unaccent = false;
  bool empty_as_null = false;

  bool MakesNulls() const { return empty_is_null || !null_markers.empty(); }
  bool ChangesText() const { return trim || upper || unaccent || empty_as_null; }
};

// How a value of the column's type is read.
struct ValueReading {
  PgType type;
  NumberStyle style;
  FractionLimits fraction;
  Excess excess = Excess::kRefuse;
  bool truncate = false;              // text that is too long is cut
  bool from_boolean = false;          // true and false for an integer column: 1 and 0
  std::vector<DatePattern> patterns;  // empty: ISO 8601
  std::optional<Zone> zone;
  std::vector<std::string> true_values;
  std::vector<std::string> false_values;
  TextSet enum_labels;
  std::optional<DocumentKind> document;
  bool pad_zeros = false;
  bool accept_other_document = false;
  bool refuse_placeholder = false;
  bool zero_date_is_null = false;
  OnViolation on_bad_document = OnViolation::kReject;
  int bad_document_counter = -1;
  int bad_document_flag = -1;
};

enum class NullIs : uint8_t { kAllowed, kRequired, kKey, kVersion };

struct ColumnPlan {
  BoundColumn bound;
  // The file's columns; empty: none, the value is `fixed_value` or null in every row.
  std::vector<std::string> sources;
  std::optional<std::string> join;                   // several sources are joined with this between
  std::shared_ptr<const TypedColumn> fixed_value;    // one row
  std::shared_ptr<const TypedColumn> default_value;  // one row, for nulls
  TextReading text;
  ValueReading value;
  std::vector<CompiledRule> rules;
  NullIs null_is = NullIs::kAllowed;
  std::shared_ptr<const ColumnPlan> element;  // kArray: how its elements are read
  int flag = -1;                   // this column records breaches: its number among flags
  bool counts_for_delete = false;  // of the key, the tenant or the version
  int change_counters[kChangeCount] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
};

// Value, null, or failed (already with a reason): one a row.
enum RowState : uint8_t { kValue = 0, kNull = 1, kFailed = 2 };

class ColumnRun {
 public:
  // `flags`: one per flag column, one byte a row.
  ColumnRun(const ColumnPlan& plan, Findings& findings, std::vector<std::vector<uint8_t>>& flags)
      : plan_(plan), findings_(findings), flags_(flags) {}

  const ColumnPlan& plan() const { return plan_; }
  int64_t rows() const { return findings_.rows(); }
  const Findings& findings() const { return findings_; }

  // The value of a row as the file has it, for messages.
  void SetSource(std::function<std::string(int64_t)> source) { source_ = std::move(source); }

  // Null: no row is anything but a value so far.
  const uint8_t* states() const { return states_.empty() ? nullptr : states_.data(); }
  RowState StateOf(int64_t row) const {
    return states_.empty() ? kValue : static_cast<RowState>(states_[static_cast<size_t>(row)]);
  }
  void SetState(int64_t row, RowState state) {
    if (states_.empty()) states_.resize(static_cast<size_t>(rows()));
    states_[static_cast<size_t>(row)] = state;
  }
  std::vector<uint8_t> TakeStates() && { return std::move(states_); }

  // The value is bad: the row fails, or nothing happens where the row does not need this value.
  void Fail(int64_t row, Fault fault);
  void Fail(int64_t row, std::string_view code, std::string rule, ErrorArguments arguments = {});
  // A rule is broken: what the contract says happens.
  void Breach(int64_t row, std::string_view code, const CompiledRule& rule);
  // The text is no document that the contract takes.
  void BreachDocument(int64_t row, std::string_view text);

  void Changed(int64_t row, Change change) {
    const int counter = plan_.change_counters[static_cast<size_t>(change)];
    if (counter >= 0) findings_.Count(row, counter);
  }
  // Rounded or cut, whichever the contract allows.
  void Bent(int64_t row) {
    Changed(row, plan_.value.excess == Excess::kRound ? Change::kRound : Change::kTruncate);
  }

 private:
  void React(int64_t row, OnViolation reaction, int counter, int flag);

  const ColumnPlan& plan_;
  Findings& findings_;
  std::vector<std::vector<uint8_t>>& flags_;
  std::vector<uint8_t> states_;
  std::function<std::string(int64_t)> source_;
};

// The catalogue's code for a text that is not of the type.
std::string_view TypeCode(TypeKind kind);
std::string_view DocumentCode(DocumentKind kind);

}  // namespace eclusa
