// ReadAll: all that a Source gives, as one text, or an end of the process where it breaks its word.
#pragma once

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "formats/source.h"
#include "formats/value_text.h"

namespace eclusa {

// Rows by number, each once, then the error that ended the reading.
inline std::string ReadAll(Source& source) {
  std::vector<std::string> rows;  // by number
  std::string error;
  const auto add = [&](const Place& place, const std::string& row) {
    if (place.row < 1) std::abort();
    rows.resize(std::max(rows.size(), static_cast<size_t>(place.row)));
    std::string& at = rows[static_cast<size_t>(place.row) - 1];
    if (!at.empty()) std::abort();
    at = std::to_string(place.line) + " " + std::to_string(place.byte_offset) + " " + row;
  };
  while (true) {
    const auto next = source.Next();
    if (!next.ok()) error = next.error().code();
    if (!next.ok() || !next->has_value()) break;
    const Batch& batch = **next;
    if (!batch.rows->ValidateFull().ok()) std::abort();
    for (int64_t row = 0; row < batch.row_count(); ++row) {
      std::string values;
      for (const auto& column : batch.rows->columns()) {
        values += "|";
        if (!column->IsNull(row)) AppendJson(*column, row, values);
      }
      add(batch.PlaceOf(row), values);
    }
    for (const UnreadableRow& row : batch.unreadable) {
      if (row.reasons.empty()) std::abort();
      add(row.place, row.reasons[0].code + " " + row.raw);
    }
  }
  std::string text;
  for (const std::string& row : rows) {
    if (row.empty()) std::abort();
    text += row + "\n";
  }
  // Where a file breaks off, how much was given before depends on the size of batches.
  return error.empty() ? text : error;
}

}  // namespace eclusa
