#include "failures/export.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <boost/json.hpp>

#include "control/error_json.h"
#include "control/files.h"
#include "failures/failed_rows.h"
#include "failures/raw_text.h"
#include "failures/reason_json.h"
#include "failures/resubmission.h"
#include "failures/sql.h"
#include "formats/sink.h"
#include "formats/source.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// Files whose failed rows can share one output.
struct Output {
  FileRecord like;  // the first of them: format and dialect
  std::vector<int32_t> files;
  std::shared_ptr<arrow::Schema> columns;  // null: only rows without columns so far
  int64_t rows = 0;
  int64_t raw_rows = 0;
};

// The job's files, and what `_eclusa_file` calls them.
struct JobFiles {
  std::vector<FileRecord> files;
  std::vector<std::string> labels;

  size_t PositionOf(int32_t ordinal) const {
    for (size_t i = 0; i < files.size(); ++i) {
      if (files[i].ordinal == ordinal) return i;
    }
    return files.size();
  }
  std::string LabelOf(int32_t ordinal) const {
    const size_t at = PositionOf(ordinal);
    return at < files.size() ? labels[at] : std::to_string(ordinal + 1);
  }
};

std::string StringOr(const boost::json::object& object, const char* name, std::string otherwise) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string() || value->get_string().empty()) return otherwise;
  return std::string(value->get_string());
}

boost::json::object DialectOf(const FileRecord& file) {
  boost::system::error_code failed;
  const boost::json::value dialect = boost::json::parse(file.dialect_json, failed);
  return !failed && dialect.is_object() ? dialect.get_object() : boost::json::object();
}

std::string FormatOf(const ExportRequest& request, const FileRecord& like) {
  if (!request.format.empty()) return request.format;
  // Fixed width has no room for what is said of a row, nor for a value that was mended to be
  // longer; in CSV each column still stands under its name, and OpenSource knows a failures file.
  if (like.format.empty() || like.format == "fixed") return "csv";
  if (like.format != "json") return like.format;
  const std::string layout = StringOr(DialectOf(like), "layout", "");
  return layout == "array" || layout == "envelope" ? "json" : "jsonl";
}

// A document holds all that its columns hold, and is written in their place where JSON is written;
// elsewhere it is left out.
std::shared_ptr<arrow::Schema> WithoutTwice(const std::shared_ptr<arrow::Schema>& columns,
                                            bool json) {
  const int document = columns->GetFieldIndex(std::string(kDocumentColumn));
  if (document < 0) return columns;
  if (json) return arrow::schema({columns->field(document)});
  arrow::FieldVector fields = columns->fields();
  fields.erase(fields.begin() + document);
  return arrow::schema(std::move(fields));
}

bool SameColumns(const std::shared_ptr<arrow::Schema>& left,
                 const std::shared_ptr<arrow::Schema>& right) {
  return left == nullptr || right == nullptr || left->Equals(*right, /*check_metadata=*/false);
}

Result<std::vector<Output>> PlanOutputs(Connection& connection, const ExportRequest& request,
                                        const JobFiles& job) {
  Parameter file;
  if (request.file) file = std::to_string(*request.file);
  const QueryResult found =
      TRY(connection.Query(std::string(sql::kSelectFailedFiles),
                           {std::to_string(request.job_id), file, request.closed_too ? "t" : "f"}));
  std::vector<Output> outputs;
  for (int row = 0; row < found.rows(); ++row) {
    const auto ordinal = static_cast<int32_t>(found.Int(row, 0));
    const size_t at = job.PositionOf(ordinal);
    const FileRecord like = at < job.files.size() ? job.files[at] : FileRecord{};
    std::shared_ptr<arrow::Schema> columns;
    if (!found.IsNull(row, 3)) {
      const std::string format = FormatOf(request, like);
      columns = WithoutTwice(TRY(StoredColumns(connection, request.job_id, found.Int(row, 3))),
                             format == "json" || format == "jsonl");
    }
    auto output = std::find_if(outputs.begin(), outputs.end(), [&](const Output& known) {
      return known.like.format == like.format && SameColumns(known.columns, columns);
    });
    if (output == outputs.end()) {
      outputs.push_back({.like = like, .files = {}, .columns = nullptr});
      output = outputs.end() - 1;
    }
    if (output->columns == nullptr) output->columns = columns;
    output->files.push_back(ordinal);
    output->rows += found.Int(row, 1);
    output->raw_rows += found.Int(row, 2);
  }
  for (Output& output : outputs) {
    if (output.columns == nullptr) output.columns = arrow::schema({});
  }
  return outputs;
}

// failed.csv, failed.2.csv, ...
std::string PathOf(const std::string& path, size_t output) {
  if (output == 0) return path;
  const size_t slash = path.rfind('/');
  const size_t dot = path.rfind('.');
  const bool has_dot = dot != std::string::npos && (slash == std::string::npos || dot > slash + 1);
  const std::string number = "." + std::to_string(output + 1);
  return has_dot ? path.substr(0, dot) + number + path.substr(dot) : path + number;
}

// The input's own way of writing, as it was recorded.
SinkOptions OptionsOf(const Output& output, const std::string& format) {
  SinkOptions options;
  options.format = format;
  if (output.like.format != "csv" && output.like.format != "fixed") return options;
  const boost::json::object found = DialectOf(output.like);
  options.delimiter = StringOr(found, "delimiter", ",").front();
  options.quote = StringOr(found, "quote", "\"").front();
  options.encoding = StringOr(found, "encoding", "utf-8");
  options.line_end = StringOr(found, "line_end", "\n");
  const boost::json::value* bom = found.if_contains("bom");
  options.bom = bom != nullptr && bom->is_bool() && bom->get_bool();
  return options;
}

std::shared_ptr<arrow::Schema> OutputSchema(const Output& output) {
  arrow::FieldVector fields = output.columns->fields();
  fields.push_back(arrow::field(std::string(kRowColumn), arrow::int64()));
  fields.push_back(arrow::field(std::string(kLineColumn), arrow::int64()));
  fields.push_back(arrow::field(std::string(kFileColumn), arrow::utf8()));
  fields.push_back(arrow::field(std::string(kErrorsColumn), arrow::utf8()));
  if (output.raw_rows > 0) {
    fields.push_back(arrow::field(std::string(kRawColumn), arrow::utf8()));
  }
  return arrow::schema(std::move(fields));
}

// What stands behind the input's columns, for one page.
class Annotations {
 public:
  Annotations(const JobFiles& job, const Output& output, Language language, bool for_people)
      : job_(job), output_(output), language_(language), for_people_(for_people) {}

  arrow::Result<Rows> Annotate(const FailedPage& page,
                               const std::shared_ptr<arrow::Schema>& schema) {
    const std::string encoding = OptionsOf(output_, "csv").encoding;
    for (const FailedRow& failure : page.failures) {
      ARROW_RETURN_NOT_OK(row_.Append(failure.place.row));
      ARROW_RETURN_NOT_OK(failure.place.line > 0 ? line_.Append(failure.place.line)
                                                 : line_.AppendNull());
      ARROW_RETURN_NOT_OK(file_.Append(job_.LabelOf(failure.place.file)));
      // For a person in CSV, for a program elsewhere.
      ARROW_RETURN_NOT_OK(errors_.Append(for_people_
                                             ? FitText(DescribeReasons(failure.reasons, language_))
                                             : ReasonsToJson(failure.reasons)));
      ARROW_RETURN_NOT_OK(failure.raw ? raw_.Append(RawText(*failure.raw, encoding))
                                      : raw_.AppendNull());
    }
    std::vector<std::shared_ptr<arrow::Array>> columns = page.rows->columns();
    for (arrow::ArrayBuilder* builder :
         std::initializer_list<arrow::ArrayBuilder*>{&row_, &line_, &file_, &errors_, &raw_}) {
      ARROW_ASSIGN_OR_RAISE(auto column, builder->Finish());
      if (columns.size() < static_cast<size_t>(schema->num_fields())) columns.push_back(column);
    }
    return arrow::RecordBatch::Make(schema, static_cast<int64_t>(page.failures.size()),
                                    std::move(columns));
  }

 private:
  const JobFiles& job_;
  const Output& output_;
  Language language_;
  bool for_people_;
  arrow::Int64Builder row_;
  arrow::Int64Builder line_;
  arrow::StringBuilder file_;
  arrow::StringBuilder errors_;
  arrow::StringBuilder raw_;
};

Result<ExportedFile> Write(Connection& connection, const ExportRequest& request,
                           const JobFiles& job, const Output& output, const std::string& path) {
  SinkOptions options = OptionsOf(output, FormatOf(request, output.like));
  options.path = path;
  options.schema = OutputSchema(output);
  std::unique_ptr<Sink> sink = TRY(CreateSink(options));
  FailedRows rows(connection, {.job_id = request.job_id,
                               .files = output.files,
                               .closed_too = request.closed_too,
                               .columns = output.columns});
  Annotations annotations(job, output, request.language, FormatOf(request, output.like) == "csv");
  ExportedFile written{.path = path, .rows = 0};
  while (true) {
    const std::optional<FailedPage> page = TRY(rows.Next());
    if (!page) break;
    const auto annotated = annotations.Annotate(*page, options.schema);
    if (!annotated.ok()) {
      return Error(ErrorKind::kInternal, code::failures_not_kept,
                   {{"detail", annotated.status().message()}});
    }
    TRY(sink->Append(**annotated));
    written.rows += static_cast<int64_t>(page->failures.size());
  }
  TRY(std::move(*sink).Finish());
  return written;
}

}  // namespace

Result<std::vector<ExportedFile>> ExportFailures(Connection& connection,
                                                 const ExportRequest& request) {
  constexpr std::string_view kFormats[] = {"", "csv", "json", "jsonl", "avro", "parquet"};
  if (std::ranges::find(kFormats, request.format) == std::end(kFormats)) {
    return Error(ErrorKind::kInvalid, code::failures_bad_format, {{"format", request.format}});
  }
  JobFiles job;
  job.files = TRY(ReadFiles(connection, request.job_id));
  job.labels = FileLabels(job.files);
  const std::vector<Output> outputs = TRY(PlanOutputs(connection, request, job));
  if (outputs.size() > 1 && request.output.empty()) {
    return Error(ErrorKind::kInvalid, code::failures_columns_differ,
                 {{"outputs", std::to_string(outputs.size())}});
  }
  std::vector<ExportedFile> written;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string path = request.output.empty() ? "" : PathOf(request.output, i);
    written.push_back(TRY(Write(connection, request, job, outputs[i], path)));
  }
  return written;
}

}  // namespace eclusa
