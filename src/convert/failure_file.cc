#include "convert/failure_file.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "formats/json_marks.h"
#include "formats/text_encoding.h"
#include "formats/value_text.h"
#include "io/arrow_error.h"
#include "model/codes.h"
#include "types/utf8.h"

namespace eclusa {
namespace {

constexpr std::string_view kErrorsColumn = "_eclusa_errors";

// The row's bytes as text; where they are none, with the others escaped.
std::string RawText(const std::string& raw) {
  return IsUtf8(raw) ? raw : EscapedBytes(raw, raw.size());
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> Annotated(
    const std::shared_ptr<arrow::Schema>& schema, const Batch& batch,
    const arrow::RecordBatch& rows, const std::vector<UnconvertedRow>& failed) {
  arrow::Int64Builder row_numbers;
  arrow::Int64Builder lines;
  arrow::StringBuilder errors;
  arrow::StringBuilder raws;
  const auto annotate = [&](const Place& place, const std::vector<Reason>& reasons,
                            const std::string* raw) -> arrow::Status {
    ARROW_RETURN_NOT_OK(row_numbers.Append(place.row));
    ARROW_RETURN_NOT_OK(place.line > 0 ? lines.Append(place.line) : lines.AppendNull());
    ARROW_RETURN_NOT_OK(errors.Append(ReasonsJson(reasons)));
    return raw == nullptr ? raws.AppendNull() : raws.Append(RawText(*raw));
  };
  for (const UnconvertedRow& row : failed) {
    ARROW_RETURN_NOT_OK(annotate(batch.PlaceOf(row.index), row.reasons, nullptr));
  }
  for (const UnreadableRow& row : batch.unreadable) {
    ARROW_RETURN_NOT_OK(annotate(row.place, row.reasons, &row.raw));
  }
  const auto unreadable = static_cast<int64_t>(batch.unreadable.size());
  arrow::ArrayVector columns;
  for (const auto& column : rows.columns()) {
    arrow::ArrayVector pieces{column->Slice(0, 0)};
    for (const UnconvertedRow& row : failed) pieces.push_back(column->Slice(row.index, 1));
    ARROW_ASSIGN_OR_RAISE(auto nulls, arrow::MakeArrayOfNull(column->type(), unreadable));
    pieces.push_back(std::move(nulls));
    ARROW_ASSIGN_OR_RAISE(auto joined, arrow::Concatenate(pieces));
    columns.push_back(std::move(joined));
  }
  for (arrow::ArrayBuilder* builder :
       std::initializer_list<arrow::ArrayBuilder*>{&row_numbers, &lines, &errors, &raws}) {
    ARROW_ASSIGN_OR_RAISE(auto column, builder->Finish());
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(schema, static_cast<int64_t>(failed.size()) + unreadable,
                                  std::move(columns));
}

}  // namespace

std::string ReasonsJson(const std::vector<Reason>& reasons) {
  std::string json = "[";
  for (const Reason& reason : reasons) {
    json += json.size() > 1 ? ",{" : "{";
    const auto add = [&](std::string_view name, std::string_view value) {
      if (json.back() != '{') json += ',';
      AppendJsonString(name, json);
      json += ':';
      AppendJsonString(IsUtf8(value) ? value : EscapedBytes(value, value.size()), json);
    };
    add("code", reason.code);
    add("column", reason.column);
    add("value", reason.value);
    add("rule", reason.rule);
    if (!reason.path.empty()) add("path", reason.path);
    add("message", Text(reason, Language::kEnglish));
    json += '}';
  }
  return json + "]";
}

FailureFile::FailureFile(std::string path, std::shared_ptr<arrow::Schema> columns)
    : path_(std::move(path)), columns_(std::move(columns)) {
  arrow::FieldVector fields = columns_->fields();
  fields.push_back(arrow::field("_eclusa_row", arrow::int64()));
  fields.push_back(arrow::field("_eclusa_line", arrow::int64()));
  fields.push_back(arrow::field(std::string(kErrorsColumn), arrow::utf8()));
  fields.push_back(arrow::field("_eclusa_raw", arrow::utf8()));
  JsonMarks marks = MarksOf(columns_->metadata().get());
  marks[JsonMarkPath({}, kErrorsColumn)] = JsonMark::kValue;
  schema_ = arrow::schema(std::move(fields), MetadataOf(marks));
}

Result<std::unique_ptr<FailureFile>> FailureFile::Create(const std::string& path,
                                                         std::shared_ptr<arrow::Schema> columns) {
  std::unique_ptr<FailureFile> file(new FailureFile(path, std::move(columns)));
  file->sink_ =
      TRY(CreateSink({.path = path, .format = OutputFormatOf(path), .schema = file->schema_}));
  return file;
}

Status FailureFile::Add(const Batch& batch, const arrow::RecordBatch& rows,
                        const std::vector<UnconvertedRow>& failed) {
  if (failed.empty() && batch.unreadable.empty()) return Ok();
  any_ = true;
  const auto annotated = Annotated(schema_, batch, rows, failed);
  if (!annotated.ok()) {
    return ArrowError(annotated.status(), path_, {FileAction::kWrite, code::file_write_failed});
  }
  return sink_->Append(**annotated);
}

Status FailureFile::Finish() && { return any_ ? std::move(*sink_).Finish() : Ok(); }

}  // namespace eclusa
