// ValueTally: what the text values of a column could be, all of them.
//
// A type is concluded only where every value is one of it and none could mean something else: codes
// with leading zeros, empty texts, spaces around and dates that could be day/month or month/day
// leave the column a text. Threads: one at a time.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/column_sample.h"

namespace eclusa {

class ValueTally {
 public:
  ValueTally();

  void Add(std::string_view value);
  // Fills in type, date pattern and what is ambiguous.
  void Describe(ColumnSample& column) const;

  // Written with a comma before the decimals, or with a point there.
  bool HasDecimalComma() const;
  bool HasDecimalPoint() const;
  bool HasThousandsPoint() const { return thousands_point_ && HasDecimalComma(); }

 private:
  void AddNumber(std::string_view value);
  void AddDate(std::string_view value);

  int64_t values_ = 0;
  bool boolean_ = true;
  bool integer_ = true;
  bool point_ = true;  // may be a number with a decimal point
  bool comma_ = true;  // may be a number with a decimal comma, and points between thousands
  bool has_point_ = false;
  bool has_comma_ = false;
  bool thousands_point_ = false;
  bool uuid_ = true;
  bool date_ = true;
  bool time_ = true;
  bool timestamp_ = true;  // without an offset
  bool timestamptz_ = true;
  std::vector<uint8_t> patterns_;  // which of the known date patterns fit all values
};

// Puts what the tallies found into the sample's text columns, and the decimal separator that they
// have in common into its dialect. One tally per column, in order; those of other columns are not
// used.
void DescribeTexts(const std::vector<ValueTally>& tallies, FileSample& sample);

}  // namespace eclusa
