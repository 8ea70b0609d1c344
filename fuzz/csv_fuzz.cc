// CSV from anybody, through all ways of reading it: the first two bytes choose dialect and sizes,
// the rest is the file. Whatever the steps and the size of batches, the same rows come out, each
// row once, with true places and valid arrays.
#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "formats/csv_source.h"
#include "formats/value_text.h"

namespace {

// Rows, places and failures as one text.
std::string Read(const std::string& bytes, const eclusa::SourceOptions& options,
                 const eclusa::CsvSteps& steps) {
  std::string text;
  auto input = eclusa::OpenMemoryInput(bytes, "f");
  if (!input.ok()) return input.error().code();
  auto source = eclusa::OpenCsv(std::move(input).value(), options, steps);
  if (!source.ok()) return source.error().code();
  std::vector<std::string> rows;  // by number
  const auto add = [&](const eclusa::Place& place, const std::string& row) {
    if (place.row < 1 || place.byte_offset < 0 || place.line < 1) std::abort();
    rows.resize(std::max(rows.size(), static_cast<size_t>(place.row)));
    std::string& at = rows[static_cast<size_t>(place.row) - 1];
    if (!at.empty()) std::abort();
    at = std::to_string(place.line) + " " + std::to_string(place.byte_offset) + " " + row;
  };
  while (true) {
    const auto next = (*source)->Next();
    if (!next.ok()) return next.error().code();
    if (!next->has_value()) break;
    const eclusa::Batch& batch = **next;
    if (!batch.rows->ValidateFull().ok()) std::abort();
    for (int64_t row = 0; row < batch.row_count(); ++row) {
      std::string values;
      for (const auto& column : batch.rows->columns()) {
        values += "|";
        if (!column->IsNull(row)) eclusa::AppendJson(*column, row, values);
      }
      add(batch.PlaceOf(row), values);
    }
    for (const eclusa::UnreadableRow& row : batch.unreadable) {
      if (row.reasons.empty()) std::abort();
      add(row.place, row.reasons[0].code + " " + row.raw);
    }
  }
  for (const std::string& row : rows) {
    if (row.empty()) std::abort();
    text += row + "\n";
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  constexpr const char* kEncodings[] = {"utf-8", "windows-1252", "iso-8859-1"};
  eclusa::SourceOptions options;
  if ((data[0] & 1) != 0) options.dialect.delimiter = ',';
  if ((data[0] & 2) != 0) options.dialect.quote = (data[0] & 4) != 0 ? '\'' : '\0';
  if ((data[0] & 8) != 0) {
    options.dialect.header = false;
    options.column_names = {"a", "b"};
  }
  if ((data[0] & 16) != 0) options.dialect.row_bytes_max = 1 + (data[1] >> 2);
  if ((data[0] & 32) != 0) options.wanted = {"a", "h"};
  // Found in the first block, these may depend on its size.
  options.dialect.encoding = kEncodings[data[1] % 3];
  if (!options.dialect.delimiter) options.dialect.delimiter = ';';

  const std::string whole = Read(bytes, options, {});
  eclusa::SourceOptions found = options;
  found.dialect.encoding.reset();
  found.dialect.delimiter.reset();
  Read(bytes, found, {16, 16});
  // A damaged compressed file is noticed where the reading comes to it.
  const bool broken = whole.starts_with("file.");
  for (const size_t step : {size_t{1}, size_t{7}, size_t{64}, size_t{1000}}) {
    options.batch_rows = static_cast<int32_t>(step);
    if (Read(bytes, options, {step, 65 - step % 65}) != whole && !broken) std::abort();
  }
  return 0;
}
