// JSON from anybody: the first byte chooses options, the rest is the file. Whatever the blocks and
// the size of batches, the same rows come out, each row once, with true places and valid arrays.
#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "formats/json_source.h"
#include "formats/value_text.h"

namespace {

// Rows, places and failures as one text.
std::string Read(const std::string& bytes, const eclusa::SourceOptions& options,
                 const eclusa::JsonSteps& steps) {
  auto input = eclusa::OpenMemoryInput(bytes, "f");
  if (!input.ok()) return input.error().code();
  auto source = eclusa::OpenJson(std::move(input).value(), options, steps);
  if (!source.ok()) return source.error().code();
  std::vector<std::string> rows;  // by number
  const auto add = [&](const eclusa::Place& place, const std::string& row) {
    if (place.row < 1 || place.byte_offset < 0 || place.line < 1) std::abort();
    rows.resize(std::max(rows.size(), static_cast<size_t>(place.row)));
    std::string& at = rows[static_cast<size_t>(place.row) - 1];
    if (!at.empty()) std::abort();
    at = std::to_string(place.line) + " " + std::to_string(place.byte_offset) + " " + row;
  };
  std::string text = (*source)->format().layout + "\n" + (*source)->schema().ToString() + "\n";
  while (true) {
    const auto next = (*source)->Next();
    if (!next.ok()) return next.error().code();
    if (!next->has_value()) break;
    const eclusa::Batch& batch = **next;
    if (!batch.rows->ValidateFull().ok()) std::abort();
    if (!batch.rows->schema()->Equals((*source)->schema())) std::abort();
    for (int64_t row = 0; row < batch.row_count(); ++row) {
      std::string values;
      for (const auto& column : batch.rows->columns()) {
        values += "|";
        eclusa::AppendJson(*column, row, values);
      }
      add(batch.PlaceOf(row), values);
    }
    for (const eclusa::UnreadableRow& row : batch.unreadable) {
      if (row.reasons.empty()) std::abort();
      std::string values = row.raw;
      for (const eclusa::Reason& reason : row.reasons) values += " " + reason.code;
      add(row.place, values);
    }
  }
  for (const std::string& row : rows) {
    if (row.empty()) std::abort();
    text += row + "\n";
  }
  for (const std::string& name : (*source)->PassedOver()) text += name + "\n";
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  eclusa::SourceOptions options;
  if ((data[0] & 1) != 0) options.dialect.row_bytes_max = 30;
  if ((data[0] & 2) != 0) options.wanted = {"a", "b"};
  if ((data[0] & 4) != 0) options.dialect.pointer = "/r/s";
  options.keep_documents = (data[0] & 8) != 0;
  if ((data[0] & 16) != 0) {
    options.expected = {
        {.name = "a", .kind = eclusa::ShapeKind::kObjects, .children = {{.name = "x"}}},
        {.name = "B", .always = false}};
  }
  const std::string whole = Read(bytes, options, {});
  // A damaged compressed file is noticed where the reading comes to it.
  const bool broken = whole.starts_with("file.");
  for (const size_t step : {size_t{1}, size_t{7}, size_t{64}, size_t{1000}}) {
    options.batch_rows = static_cast<int32_t>(step);
    if (Read(bytes, options, {step}) != whole && !broken) std::abort();
  }
  return 0;
}
