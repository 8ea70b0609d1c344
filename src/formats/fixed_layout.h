// FixedLayout: where the columns of a fixed width file stand in its lines.
//
// Positions count characters of the decoded text. Columns may stand in any order in the list; only
// the last of the line may go without a width (to the end of the line). Which lines are too short
// or too long is said in fixed_source.h. Values; built once a file. Errors: csv.* codes of the
// head.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/source.h"

namespace eclusa {

class FixedLayout {
 public:
  struct Column {
    std::string name;
    size_t begin = 0;
    size_t end = 0;  // kToTheEnd: of the line
    // Indices into cuts(); of a column to the end of the line, the last is cuts().size().
    size_t begin_cut = 0;
    size_t end_cut = 0;
  };
  static constexpr size_t kToTheEnd = SIZE_MAX;

  explicit FixedLayout(const SourceOptions& options);

  // In the order in which the options name them.
  const std::vector<Column>& columns() const { return columns_; }
  // Every beginning and end, ascending, each once.
  const std::vector<size_t>& cuts() const { return cuts_; }

  size_t least() const { return least_; }  // characters of a line
  size_t most() const { return most_; }    // what is behind them may only be padding
  // Columns that a line of so many characters has as a whole.
  size_t ColumnsWithin(size_t characters) const;

 private:
  std::vector<Column> columns_;
  std::vector<size_t> cuts_;
  size_t least_ = 0;
  size_t most_ = 0;
};

}  // namespace eclusa
