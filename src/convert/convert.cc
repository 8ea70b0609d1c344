#include "convert/convert.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "convert/convert_values.h"
#include "convert/failure_file.h"
#include "formats/plain_columns.h"
#include "formats/sink.h"
#include "io/arrow_error.h"
#include "io/output_file.h"
#include "model/codes.h"
#include "types/number.h"

namespace eclusa {
namespace {

namespace fs = std::filesystem;

bool IsSameFile(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return !a.empty() && !b.empty() && (a == b || fs::equivalent(a, b, ignored));
}

// What can be known of the output before a large input is read.
Status TryOutput(const std::string& path) {
  std::error_code ignored;
  const fs::file_status about = fs::status(path, ignored);
  // A pipe would be at its end for whoever reads it.
  if (path.empty() ||
      (fs::exists(about) && !fs::is_regular_file(about) && !fs::is_directory(about))) {
    return Ok();
  }
  TRY(OutputFile::Create(path));
  return Ok();
}

// The documents of a batch of JSON, which stand last.
std::shared_ptr<arrow::RecordBatch> Documents(const arrow::RecordBatch& rows) {
  const int last = rows.num_columns() - 1;
  return arrow::RecordBatch::Make(arrow::schema({rows.schema()->field(last)}), rows.num_rows(),
                                  arrow::ArrayVector{rows.column(last)});
}

Error Cancelled() { return {ErrorKind::kCancelled, code::load_cancelled}; }

class Converter {
 public:
  explicit Converter(const ConvertRequest& request)
      : request_(request), planner_(Options(request)) {
    options_.path = request.input;
    if (request.contract != nullptr) {
      options_.dialect = request.contract->dialect;
      fields_ = ContractFields(*request.contract);
      for (const Property& property : request.contract->properties) {
        if (!property.constant) options_.column_names.push_back(property.name);
        if (property.offset) {
          options_.fixed.push_back({property.name, *property.offset, property.width});
        }
      }
    }
    if (request.dialect.delimiter) options_.dialect.delimiter = request.dialect.delimiter;
    if (request.dialect.encoding) options_.dialect.encoding = request.dialect.encoding;
    if (request.dialect.pointer) options_.dialect.pointer = request.dialect.pointer;
    if (options_.dialect.header.value_or(true)) options_.column_names.clear();
    report_.output_format = request.output_format;
  }

  Result<ConvertReport> Run() {
    std::unique_ptr<Source> source = TRY(OpenSource(options_));
    report_.input_format = source->format().format;
    json_ = report_.input_format == "json";
    text_ = source->format().IsText();
    if (IsVerbatim()) {
      options_.wanted = {std::string(kDocumentColumn)};
      options_.keep_documents = true;
      source = TRY(OpenSource(options_));
      return Write(*source);
    }
    source_marks_ = MarksOf(source->schema().metadata().get());
    planner_.SetMarks(source_marks_);
    TRY(Plan(std::move(source)));
    source = TRY(OpenSource(options_));
    return Write(*source);
  }

 private:
  static PlanOptions Options(const ConvertRequest& request) {
    PlanOptions options = request.plan;
    options.nested_as_json |= request.output_format == "csv";
    return options;
  }
  bool ToJson() const {
    return request_.output_format == "json" || request_.output_format == "jsonl";
  }
  // JSON as it stands is the most that can be kept of it.
  bool IsVerbatim() const {
    return json_ && ToJson() && request_.contract == nullptr && !request_.plan.nested_as_json;
  }
  bool NestsNatively() const {
    return !request_.plan.nested_as_json && request_.output_format != "csv";
  }
  const ContractField* FieldOf(std::string_view name) const { return FindField(&fields_, name); }

  Status Plan(std::unique_ptr<Source> source);
  Status PlanDocuments();
  Status PlanColumns(std::unique_ptr<Source> source);
  Status LookAt(Source& source, const std::function<void(const arrow::RecordBatch&)>& look) const;
  bool HoldsJson(const arrow::Field& column) const;
  bool NeedsDigits(const arrow::Field& column) const;
  Status CheckColumns(const arrow::Schema& schema) const;
  std::shared_ptr<arrow::Schema> OutputSchema(const arrow::Schema& schema);
  Result<ConvertReport> Write(Source& source);
  Status WriteBatch(const Batch& batch, Sink& sink, FailureFile* failures);
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Converted(
      const Batch& batch, std::map<int64_t, std::vector<Reason>>& reasons) const;
  void Tell(const Place& place, const std::vector<Reason>& reasons);

  const ConvertRequest& request_;
  SourceOptions options_;
  std::vector<ContractField> fields_;
  FieldPlanner planner_;
  JsonMarks source_marks_;
  std::vector<FieldPlan> plans_;           // by name; none: as they come
  std::shared_ptr<arrow::Schema> schema_;  // of the output
  ConvertReport report_;
  bool json_ = false;
  bool text_ = false;
};

Status Converter::LookAt(Source& source,
                         const std::function<void(const arrow::RecordBatch&)>& look) const {
  while (true) {
    if (request_.stop.stop_requested()) return Cancelled();
    const std::optional<Batch> batch = TRY(source.Next());
    if (!batch) return Ok();
    look(*batch->rows);
  }
}

Status Converter::Plan(std::unique_ptr<Source> source) {
  TRY(json_ ? PlanDocuments() : PlanColumns(std::move(source)));
  report_.notes = planner_.TakeNotes();
  return Ok();
}

Status Converter::PlanDocuments() {
  SourceOptions documents = options_;
  documents.wanted = {std::string(kDocumentColumn)};
  documents.keep_documents = true;
  const std::unique_ptr<Source> source = TRY(OpenSource(documents));
  JsonKinds kinds;
  TRY(LookAt(*source, [&](const arrow::RecordBatch& rows) {
    const auto& texts = static_cast<const arrow::StringArray&>(*rows.columns().back());
    for (int64_t row = 0; row < texts.length(); ++row) kinds.AddDocument(texts.GetView(row));
  }));
  if (kinds.too_many()) {
    return Error(ErrorKind::kInvalid, code::convert_too_many_fields,
                 {{"path", request_.input}, {"count", std::to_string(JsonKinds::kFieldsMax)}});
  }
  for (const auto& member : kinds.root().members) {
    plans_.push_back(planner_.FromKinds(*member, FieldOf(member->name)));
  }
  if (plans_.empty() && source->RowsTotal() == 0) {
    for (const ContractField& field : fields_) {
      plans_.push_back(FieldPlanner::FromContract(field));
    }
  }
  for (const FieldPlan& plan : plans_) options_.expected.push_back(ShapeOf(plan));
  options_.keep_documents = !request_.failures.empty();
  return Ok();
}

// A text column of a file with columns that holds JSON.
bool Converter::HoldsJson(const arrow::Field& column) const {
  if (column.type()->id() != arrow::Type::STRING) return false;
  if (std::ranges::find(request_.json_columns, column.name()) != request_.json_columns.end()) {
    return true;
  }
  const ContractField* const field = FieldOf(column.name());
  if (field == nullptr) {
    // JSON takes such a text as it stands.
    return !ToJson() && MarkAt(source_marks_, JsonMarkPath({}, column.name())) == JsonMark::kValue;
  }
  return field->nested() || (field->property->logical_type == LogicalType::kArray &&
                             field->property->item_type.has_value() &&
                             *field->property->item_type != LogicalType::kObject);
}

bool Converter::NeedsDigits(const arrow::Field& column) const {
  const ContractField* const field = FieldOf(column.name());
  return column.type()->id() == arrow::Type::STRING && field != nullptr && !field->nested() &&
         (field->property->logical_type == LogicalType::kNumber ||
          field->property->logical_type == LogicalType::kInteger);
}

Status Converter::PlanColumns(std::unique_ptr<Source> source) {
  const auto schema = arrow::schema(source->schema().fields());
  std::vector<std::string> of_json;
  std::vector<std::string> of_numbers;
  for (const auto& column : schema->fields()) {
    if (HoldsJson(*column)) {
      of_json.push_back(column->name());
    } else if (NeedsDigits(*column)) {
      of_numbers.push_back(column->name());
    }
  }
  for (const std::string& name : request_.json_columns) {
    if (std::ranges::find(of_json, name) != of_json.end()) continue;
    return Error(ErrorKind::kInvalid, code::convert_json_column,
                 {{"path", request_.input}, {"column", name}});
  }
  JsonKinds kinds;
  if (!of_json.empty() || !of_numbers.empty()) {
    SourceOptions some = options_;
    some.wanted = of_json;
    some.wanted.insert(some.wanted.end(), of_numbers.begin(), of_numbers.end());
    source = TRY(OpenSource(some));
    const NumberStyle style{options_.dialect.decimal.value_or('.'),
                            options_.dialect.thousands.value_or(0)};
    TRY(LookAt(*source, [&](const arrow::RecordBatch& rows) {
      std::string scratch;
      for (int i = 0; i < rows.num_columns(); ++i) {
        const std::string& name = rows.column_name(i);
        const auto& texts = static_cast<const arrow::StringArray&>(*rows.column(i));
        const bool json = std::ranges::find(of_json, name) != of_json.end();
        for (int64_t row = 0; row < texts.length(); ++row) {
          if (texts.IsNull(row)) continue;
          if (json) {
            kinds.AddMember(name, texts.GetView(row));
          } else if (const auto plain = PlainNumber(texts.GetView(row), style, scratch)) {
            kinds.AddText(name, *plain);
          }
        }
      }
    }));
  }
  for (const auto& column : schema->fields()) {
    const ContractField* const field = FieldOf(column->name());
    FieldKinds nothing;
    nothing.name = column->name();
    const FieldKinds* seen = kinds.root().Find(column->name());
    if (std::ranges::find(of_json, column->name()) == of_json.end()) {
      plans_.push_back(planner_.FromType(column->name(), *column->type(), field, seen));
    } else if (NestsNatively()) {
      plans_.push_back(planner_.FromJsonText(seen == nullptr ? nothing : *seen, field));
    } else {
      plans_.push_back({.name = column->name(),
                        .shape = ShapeKind::kJson,
                        .leaf = {.kind = LeafKind::kText, .mark = JsonMark::kValue},
                        .children = {}});
    }
  }
  return Ok();
}

Status Converter::CheckColumns(const arrow::Schema& schema) const {
  if (schema.num_fields() == 0 && !ToJson()) {
    return Error(ErrorKind::kInvalid, code::convert_no_columns, {{"path", request_.input}});
  }
  if (request_.output_format == "csv") return Ok();
  std::set<std::string_view> names;
  for (const auto& field : schema.fields()) {
    if (names.insert(field->name()).second) continue;
    return Error(ErrorKind::kInvalid, code::convert_duplicate_column,
                 {{"path", request_.input}, {"column", field->name()}});
  }
  return Ok();
}

std::shared_ptr<arrow::Schema> Converter::OutputSchema(const arrow::Schema& schema) {
  arrow::FieldVector fields;
  JsonMarks marks;
  for (const auto& column : schema.fields()) {
    const auto plan = std::ranges::find(plans_, column->name(), &FieldPlan::name);
    if (plan == plans_.end()) {
      if (IsVerbatim()) fields.push_back(column);
      continue;
    }
    auto type = plan->read_json ? TypeOf(ShapeOf(*plan)) : column->type();
    fields.push_back(arrow::field(column->name(), OutputType(*plan, type)));
    AddMarks(*plan, JsonMarkPath({}, column->name()), marks);
  }
  return arrow::schema(std::move(fields), MetadataOf(marks));
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> Converter::Converted(
    const Batch& batch, std::map<int64_t, std::vector<Reason>>& reasons) const {
  if (IsVerbatim()) return Documents(*batch.rows);
  const ValueConverter values(request_.contract, text_ && !json_);
  arrow::ArrayVector columns;
  for (const auto& field : schema_->fields()) {
    const auto plan = std::ranges::find(plans_, field->name(), &FieldPlan::name);
    const int index = batch.rows->schema()->GetFieldIndex(field->name());
    std::shared_ptr<arrow::Array> column =
        batch.rows->column(index >= 0 ? index : static_cast<int>(columns.size()));
    std::vector<ValueFault> faults;
    ARROW_ASSIGN_OR_RAISE(column, values.Convert(*plan, column, source_marks_, faults));
    for (ValueFault& fault : faults) reasons[fault.row].push_back(std::move(fault.reason));
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(schema_, batch.rows->num_rows(), std::move(columns));
}

void Converter::Tell(const Place& place, const std::vector<Reason>& reasons) {
  ++report_.rows_failed;
  if (request_.on_failure) request_.on_failure(place, reasons);
}

Status Converter::WriteBatch(const Batch& batch, Sink& sink, FailureFile* failures) {
  std::map<int64_t, std::vector<Reason>> reasons;
  auto converted = Converted(batch, reasons);
  std::vector<UnconvertedRow> failed;
  std::vector<int64_t> rows;
  for (auto& [row, of_row] : reasons) {
    rows.push_back(row);
    failed.push_back({row, std::move(of_row)});
  }
  if (converted.ok() && !rows.empty()) converted = WithoutRows(**converted, rows);
  if (!converted.ok()) {
    return ArrowError(converted.status(), request_.input,
                      {FileAction::kRead, code::file_read_failed});
  }
  for (const UnconvertedRow& row : failed) Tell(batch.PlaceOf(row.index), row.reasons);
  for (const UnreadableRow& row : batch.unreadable) Tell(row.place, row.reasons);
  report_.rows_read += batch.row_count() + static_cast<int64_t>(batch.unreadable.size());
  report_.rows_written += (*converted)->num_rows();
  if (failures != nullptr) {
    std::shared_ptr<arrow::RecordBatch> as_they_came = batch.rows;
    if (json_) {
      const int last = batch.rows->num_columns() - 1;
      as_they_came = arrow::RecordBatch::Make(arrow::schema({batch.rows->schema()->field(last)}),
                                              batch.rows->num_rows(),
                                              arrow::ArrayVector{batch.rows->column(last)});
    }
    TRY(failures->Add(batch, *as_they_came, failed));
  }
  return (*converted)->num_rows() > 0 ? sink.Append(**converted) : Ok();
}

Result<ConvertReport> Converter::Write(Source& source) {
  arrow::FieldVector columns = source.schema().fields();
  arrow::FieldVector as_they_came = columns;
  // Of JSON the documents stand behind the columns that were asked for.
  if (options_.keep_documents) {
    as_they_came = {columns.back()};
    if (IsVerbatim()) {
      columns = as_they_came;
    } else {
      columns.pop_back();
    }
  }
  schema_ = OutputSchema(*arrow::schema(columns));
  TRY(CheckColumns(*schema_));
  if (!IsVerbatim()) {
    for (const auto& field : schema_->fields()) {
      report_.columns.emplace_back(field->name(), field->type()->ToString());
    }
  }
  std::unique_ptr<FailureFile> failures;
  if (!request_.failures.empty()) {
    failures = TRY(FailureFile::Create(
        request_.failures, arrow::schema(std::move(as_they_came), MetadataOf(source_marks_))));
  }
  std::unique_ptr<Sink> sink = TRY(CreateSink({.path = request_.output,
                                               .format = request_.output_format,
                                               .schema = schema_,
                                               .documents = IsVerbatim()}));
  while (true) {
    if (request_.stop.stop_requested()) return Cancelled();
    const std::optional<Batch> batch = TRY(source.Next());
    if (!batch) break;
    TRY(WriteBatch(*batch, *sink, failures.get()));
  }
  // The failures first: an output whose failed rows are nowhere must not be taken for the whole.
  if (failures != nullptr) TRY(std::move(*failures).Finish());
  TRY(std::move(*sink).Finish());
  return report_;
}

}  // namespace

Result<ConvertReport> ConvertFile(const ConvertRequest& request) {
  for (const std::string* written : {&request.output, &request.failures}) {
    if (IsSameFile(request.input, *written) ||
        (written == &request.failures && IsSameFile(request.output, *written))) {
      return Error(ErrorKind::kInvalid, code::convert_same_file, {{"path", *written}});
    }
    if (!written->empty()) TRY(TryOutput(*written));
  }
  return Converter(request).Run();
}

}  // namespace eclusa
