#include "check/text_column.h"

#include <arrow/api.h>

#include <algorithm>

#include "types/utf8.h"

namespace eclusa {
namespace {

constexpr int32_t kNoOffsets[] = {0};

// Copies a text array of another layout than 32-bit offsets.
template <class ArrayType>
TextColumn CopyTexts(const arrow::Array& array, ColumnRun& run) {
  const auto& typed = static_cast<const ArrayType&>(array);
  TextColumnBuilder builder(array.length());
  for (int64_t row = 0; row < array.length(); ++row) {
    const bool held = builder.Append(typed.IsNull(row) ? std::string_view() : typed.GetView(row));
    if (!held) run.Fail(row, Fault::kTooLong);
  }
  return std::move(builder).Finish();
}

template <class ArrayType>
TextColumn BorrowTexts(const std::shared_ptr<arrow::Array>& array) {
  const auto& typed = static_cast<const ArrayType&>(*array);
  TextColumn texts;
  texts.rows = array->length();
  texts.offsets = texts.rows == 0 ? kNoOffsets : typed.raw_value_offsets();
  texts.data = typed.raw_data() == nullptr ? "" : reinterpret_cast<const char*>(typed.raw_data());
  texts.owner = array;
  return texts;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Reads one text after the other by the words of the contract.
class Changer {
 public:
  Changer(const TextReading& reading, ColumnRun& run) : reading_(reading), run_(run) {}

  // The text of the row, or nothing where it became null. Valid until the next call.
  std::optional<std::string_view> Read(int64_t row, std::string_view text) {
    if (reading_.trim) {
      const std::string_view trimmed = TrimSpace(text);
      if (trimmed.size() != text.size()) run_.Changed(row, Change::kTrim);
      text = trimmed;
    }
    if (IsNullText(text)) return std::nullopt;
    if (reading_.upper) text = Apply(AppendUpper, Change::kUpper, row, text, upper_);
    if (reading_.unaccent) text = Apply(AppendUnaccented, Change::kUnaccent, row, text, plain_);
    if (reading_.empty_as_null && text.empty()) {
      run_.Changed(row, Change::kEmptyAsNull);
      return std::nullopt;
    }
    return text;
  }

  bool IsNullText(std::string_view text) const {
    if (text.empty()) return reading_.empty_is_null;
    return std::any_of(reading_.null_markers.begin(), reading_.null_markers.end(),
                       [text](const std::string& marker) { return marker == text; });
  }

 private:
  std::string_view Apply(void (*append)(std::string_view, std::string&), Change change, int64_t row,
                         std::string_view text, std::string& scratch) {
    scratch.clear();
    append(text, scratch);
    if (scratch == text) return text;
    run_.Changed(row, change);
    return scratch;
  }

  const TextReading& reading_;
  ColumnRun& run_;
  std::string upper_;
  std::string plain_;
};

}  // namespace

TextColumnBuilder::TextColumnBuilder(int64_t rows) : bytes_(std::make_shared<Bytes>()) {
  bytes_->offsets.reserve(static_cast<size_t>(rows) + 1);
}

bool TextColumnBuilder::Append(std::string_view text) {
  const bool fits = text.size() <= size_t{INT32_MAX} - bytes_->data.size();
  if (fits) bytes_->data.append(text);
  bytes_->offsets.push_back(static_cast<int32_t>(bytes_->data.size()));
  return fits;
}

TextColumn TextColumnBuilder::Finish() && {
  TextColumn texts;
  texts.rows = static_cast<int64_t>(bytes_->offsets.size()) - 1;
  texts.offsets = bytes_->offsets.data();
  texts.data = bytes_->data.data();
  texts.owner = std::move(bytes_);
  return texts;
}

bool IsText(const arrow::Array& array) {
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return true;
    default:
      return false;
  }
}

TextColumn ViewTexts(const std::shared_ptr<arrow::Array>& array, ColumnRun& run) {
  if (array->null_count() != 0) {
    for (int64_t row = 0; row < array->length(); ++row) {
      if (array->IsNull(row)) run.SetState(row, kNull);
    }
  }
  switch (array->type_id()) {
    case arrow::Type::STRING:
      return BorrowTexts<arrow::StringArray>(array);
    case arrow::Type::LARGE_STRING:
      return CopyTexts<arrow::LargeStringArray>(*array, run);
    case arrow::Type::LARGE_BINARY:
      return CopyTexts<arrow::LargeBinaryArray>(*array, run);
    case arrow::Type::STRING_VIEW:
      return CopyTexts<arrow::StringViewArray>(*array, run);
    case arrow::Type::BINARY_VIEW:
      return CopyTexts<arrow::BinaryViewArray>(*array, run);
    default:
      return BorrowTexts<arrow::BinaryArray>(array);
  }
}

TextColumn ReadTexts(TextColumn texts, ColumnRun& run) {
  const TextReading& reading = run.plan().text;
  if (!reading.ChangesText() && !reading.MakesNulls()) return texts;
  Changer changer(reading, run);
  if (!reading.ChangesText()) {
    for (int64_t row = 0; row < texts.rows; ++row) {
      if (run.StateOf(row) == kValue && changer.IsNullText(texts[row])) run.SetState(row, kNull);
    }
    return texts;
  }
  // The changes read characters: what is not UTF-8 has failed before.
  CheckEncoding(texts, run);
  TextColumnBuilder builder(texts.rows);
  for (int64_t row = 0; row < texts.rows; ++row) {
    std::optional<std::string_view> text;
    if (run.StateOf(row) == kValue) {
      text = changer.Read(row, texts[row]);
      if (!text) run.SetState(row, kNull);
    }
    if (!builder.Append(text.value_or(std::string_view()))) run.Fail(row, Fault::kTooLong);
  }
  return std::move(builder).Finish();
}

bool CheckEncoding(const TextColumn& texts, ColumnRun& run) {
  const std::string_view all = texts.AllBytes();
  const bool ascii = IsAscii(all);
  if (!HasNul(all)) {
    if (ascii) return true;
    // Together they may be valid although a character is torn between two of them.
    bool torn = false;
    const std::string_view before_end(texts.data, static_cast<size_t>(texts.offsets[texts.rows]));
    for (int64_t row = 0; row < texts.rows; ++row) {
      const auto begin = static_cast<size_t>(texts.offsets[row]);
      torn |= begin < before_end.size() && IsContinuation(before_end[begin]);
    }
    if (!torn && IsUtf8(all)) return false;
  }
  for (int64_t row = 0; row < texts.rows; ++row) {
    if (run.StateOf(row) != kValue) continue;
    if (HasNul(texts[row])) {
      run.Fail(row, Fault::kNul);
    } else if (!IsUtf8(texts[row])) {
      run.Fail(row, Fault::kEncoding);
    }
  }
  return ascii;
}

TextColumn JoinTexts(const std::vector<JoinPart>& parts, std::string_view separator,
                     ColumnRun& run) {
  const int64_t rows = run.rows();
  TextColumnBuilder builder(rows);
  std::string joined;
  for (int64_t row = 0; row < rows; ++row) {
    joined.clear();
    bool any = false;
    bool failed = false;
    for (const JoinPart& part : parts) {
      const uint8_t state =
          part.states.empty() ? uint8_t{kValue} : part.states[static_cast<size_t>(row)];
      failed |= state == kFailed;
      if (state != kValue) continue;
      if (any) joined.append(separator);
      joined.append(part.texts[row]);
      any = true;
    }
    if (failed) {
      run.SetState(row, kFailed);
    } else if (!any) {
      run.SetState(row, kNull);
    }
    if (!builder.Append(joined)) run.Fail(row, Fault::kTooLong);
  }
  return std::move(builder).Finish();
}

}  // namespace eclusa
