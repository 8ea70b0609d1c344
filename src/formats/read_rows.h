// ReadRows: everything that a Source gives, as plain values to compare. For tests only.
#pragma once

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "formats/source.h"
#include "formats/value_text.h"

namespace eclusa {

using Values = std::vector<std::optional<std::string>>;
inline constexpr std::nullopt_t kNull = std::nullopt;

struct ReadRow {
  Place place;
  Values values;
};

struct ReadFile {
  std::vector<ReadRow> rows;
  std::vector<UnreadableRow> unreadable;
  std::optional<Error> error;  // what ended the reading
  int64_t batches = 0;

  std::vector<Values> values() const {
    std::vector<Values> all;
    for (const ReadRow& row : rows) all.push_back(row.values);
    return all;
  }
  // "row:line:code" of each row that could not be read; several codes joined by +.
  std::vector<std::string> failures() const {
    std::vector<std::string> all;
    for (const UnreadableRow& row : unreadable) {
      std::string text = std::to_string(row.place.row) + ":" + std::to_string(row.place.line) + ":";
      for (const Reason& reason : row.reasons) {
        text += (text.back() == ':' ? "" : "+") + reason.code;
      }
      all.push_back(text);
    }
    return all;
  }
};

inline ReadFile ReadRows(Source& source) {
  ReadFile file;
  while (true) {
    auto batch = source.Next();
    if (!batch.ok()) {
      file.error = batch.error();
      return file;
    }
    if (!batch->has_value()) return file;
    ++file.batches;
    const Batch& got = **batch;
    for (int64_t row = 0; row < got.row_count(); ++row) {
      ReadRow& read = file.rows.emplace_back();
      read.place = got.PlaceOf(row);
      for (const auto& column : got.rows->columns()) {
        std::optional<std::string>& value = read.values.emplace_back();
        if (column->IsNull(row)) continue;
        AppendText(*column, row, value.emplace());
      }
    }
    file.unreadable.insert(file.unreadable.end(), got.unreadable.begin(), got.unreadable.end());
  }
}

}  // namespace eclusa
