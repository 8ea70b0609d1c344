#include "formats/json_texts.h"

#include <arrow/array/array_binary.h>
#include <arrow/result.h>

#include <string>

#include "formats/json_builder.h"
#include "formats/json_fault.h"

namespace eclusa {

arrow::Result<std::shared_ptr<arrow::Array>> JsonTextsToArray(const arrow::StringArray& texts,
                                                              const FieldShape& shape,
                                                              std::vector<JsonTextFault>* faults) {
  JsonBuilder builder(shape, {.values_expected = texts.length(), .unwanted = {}, .hints = {}});
  JsonCursor cursor;
  std::string text;
  for (int64_t row = 0; row < texts.length(); ++row) {
    if (texts.IsNull(row)) {
      builder.AppendNull();
      continue;
    }
    // Copied for what a cursor wants to find behind the end.
    text.assign(texts.GetView(row));
    const size_t size = text.size();
    text.append(kJsonPadding + 1, '\0');
    cursor.Reset(text.data(), text.data() + size);
    cursor.SkipSpace();
    if (builder.Append(cursor)) {
      cursor.SkipSpace();
      if (cursor.AtEnd()) continue;
      builder.RemoveLast();
      cursor.Fail(JsonFault::kMalformed, cursor.at());
    }
    if (builder.out_of_memory()) break;
    JsonTextFault& fault = faults->emplace_back();
    fault.row = row;
    fault.reason = JsonFaultReason(cursor, text.data(), 1, 0);
    std::string& path = fault.reason.column;
    path = path.empty() ? shape.name : shape.name + "." + path;
    builder.AppendNull();
  }
  if (builder.out_of_memory()) return arrow::Status::OutOfMemory("JSON");
  return builder.Finish();
}

}  // namespace eclusa
