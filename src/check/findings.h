// Findings: what the checking of one batch found, value after value: reasons, and countable events.
//
// Reasons may come in any order of rows; Take sorts them by row and keeps the order of columns.
// Events (a breach that is only counted, a value that a contract's word changed) count only where
// their row was accepted. In mode mixed, findings about values of a deleted row that are not its
// key's are ignored. One batch, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/batch.h"
#include "types/fault.h"

namespace eclusa {

class Findings {
 public:
  explicit Findings(int64_t rows) : rows_(rows) {}

  int64_t rows() const { return rows_; }

  // One a row, or empty: 'D' marks rows of which only the key counts.
  void SetOperations(std::vector<char> operations) { operations_ = std::move(operations); }
  bool Ignores(int64_t row, bool key) const {
    return !key && !operations_.empty() && operations_[static_cast<size_t>(row)] == 'D';
  }

  void Add(int64_t row, Reason reason) { reasons_.push_back({row, std::move(reason)}); }
  void Count(int64_t row, int counter) { events_.emplace_back(row, counter); }

  struct RowReason {
    int64_t row;
    Reason reason;
  };
  // As they were added.
  const std::vector<RowReason>& reasons() const { return reasons_; }
  const std::vector<std::pair<int64_t, int>>& events() const { return events_; }

  // Fills accepted, rejected, operations and warnings. `counters`: how many there are.
  void Finish(size_t counters, CheckedBatch& checked) &&;

 private:
  int64_t rows_;
  std::vector<char> operations_;
  std::vector<RowReason> reasons_;
  std::vector<std::pair<int64_t, int>> events_;  // row, counter
};

// `value` fit for a message and for a text column of the database: clipped, and bytes that are no
// UTF-8 or U+0000 written as \xHH.
std::string PresentableValue(std::string_view value);

}  // namespace eclusa
