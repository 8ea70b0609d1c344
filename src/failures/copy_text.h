// Builds rows for COPY ... FROM STDIN in text format, for the control tables.
//
// A value of a row after the other, then EndRow. Text must be fit for PostgreSQL (FitText).
// Grammar: PostgreSQL 15 manual, COPY, "Text Format": tab between values, \N for null, backslash
// escapes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eclusa {

class CopyText {
 public:
  void Int(int64_t value);
  void OptionalInt(std::optional<int64_t> value);
  void Null();
  void Text(std::string_view text);
  void Bytes(std::string_view bytes);  // bytea
  void EndRow();

  const std::string& rows() const { return rows_; }
  size_t size() const { return rows_.size(); }
  void Clear() { rows_.clear(); }

 private:
  void Separate();

  std::string rows_;
  bool in_row_ = false;
};

}  // namespace eclusa
