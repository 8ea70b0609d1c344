#include "failures/resubmission.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "failures/copy_text.h"
#include "failures/sql.h"

namespace eclusa {
namespace {

template <class ArrayType>
std::optional<int64_t> WholeAt(const arrow::Array& array, int64_t row) {
  return static_cast<int64_t>(static_cast<const ArrayType&>(array).Value(row));
}

// "12", and "12.0" as tools write it that keep numbers with gaps as floating point.
std::optional<int64_t> ParseWhole(std::string_view text) {
  if (text.ends_with(".0")) text.remove_suffix(2);
  int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string_view> TextAt(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) return std::nullopt;
  switch (array.type_id()) {
    case arrow::Type::STRING:
      return static_cast<const arrow::StringArray&>(array).GetView(row);
    case arrow::Type::LARGE_STRING:
      return static_cast<const arrow::LargeStringArray&>(array).GetView(row);
    case arrow::Type::STRING_VIEW:
      return static_cast<const arrow::StringViewArray&>(array).GetView(row);
    default:
      return std::nullopt;
  }
}

std::optional<int64_t> NumberAt(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) return std::nullopt;
  switch (array.type_id()) {
    case arrow::Type::INT32:
      return WholeAt<arrow::Int32Array>(array, row);
    case arrow::Type::INT64:
      return WholeAt<arrow::Int64Array>(array, row);
    case arrow::Type::DOUBLE: {
      const double value = static_cast<const arrow::DoubleArray&>(array).Value(row);
      // Up to here every whole number is exact.
      if (std::trunc(value) != value || std::abs(value) > 9007199254740992.0) return std::nullopt;
      return static_cast<int64_t>(value);
    }
    default: {
      const std::optional<std::string_view> text = TextAt(array, row);
      return text ? ParseWhole(*text) : std::nullopt;
    }
  }
}

std::string ArrayLiteral(const std::vector<RowPlace>& places, bool of_files) {
  std::string text = "{";
  for (const RowPlace& place : places) {
    if (text.size() > 1) text += ',';
    text += std::to_string(of_files ? place.file : place.row);
  }
  return text + "}";
}

// Locks the job and gives its parent; nothing: it has none, or is not there.
Result<std::optional<int64_t>> LockAndFindParent(Connection& connection, int64_t job_id) {
  const QueryResult found =
      TRY(connection.Query(std::string(sql::kLockParentJob), {std::to_string(job_id)}));
  if (found.rows() == 0 || found.IsNull(0, 0)) return std::optional<int64_t>();
  return std::optional<int64_t>(found.Int(0, 0));
}

Status RefreshOpenFailures(Connection& connection, int64_t job_id) {
  TRY(connection.Query(std::string(sql::kRefreshOpenFailures), {std::to_string(job_id)}));
  return Ok();
}

}  // namespace

bool IsEclusaColumn(std::string_view name) { return name.starts_with("_eclusa_"); }

std::vector<std::string> FileLabels(const std::vector<FileRecord>& files) {
  std::vector<std::string> labels;
  for (size_t i = 0; i < files.size(); ++i) {
    int same = 0;
    for (const FileRecord& other : files) same += other.path == files[i].path ? 1 : 0;
    labels.push_back(same > 1 ? files[i].path + " #" + std::to_string(i + 1) : files[i].path);
  }
  return labels;
}

ResubmittedRows::ResubmittedRows(int64_t child_job, const std::vector<FileRecord>& parent_files)
    : child_job_(child_job) {
  const std::vector<std::string> labels = FileLabels(parent_files);
  for (size_t i = 0; i < labels.size(); ++i) {
    labels_.emplace_back(labels[i], parent_files[i].ordinal);
  }
}

Status ResubmittedRows::Append(const Batch& batch) {
  if (batch.rows == nullptr || batch.row_count() == 0) return Ok();
  const std::shared_ptr<arrow::Array> rows = batch.rows->GetColumnByName(std::string(kRowColumn));
  const std::shared_ptr<arrow::Array> files = batch.rows->GetColumnByName(std::string(kFileColumn));
  if (rows == nullptr) return Ok();
  CopyText out;
  for (int64_t i = 0; i < batch.row_count(); ++i) {
    const std::optional<int64_t> parent_row = NumberAt(*rows, i);
    if (!parent_row) continue;
    const std::optional<std::string_view> label =
        files == nullptr ? std::nullopt : TextAt(*files, i);
    std::optional<int32_t> parent_file;
    if (!label || label->empty()) {
      if (labels_.size() == 1) parent_file = labels_.front().second;
    } else {
      for (const auto& [known, ordinal] : labels_) {
        if (known == *label) parent_file = ordinal;
      }
    }
    if (!parent_file) continue;
    const Place place = batch.PlaceOf(i);
    out.Int(child_job_);
    out.Int(place.file);
    out.Int(place.row);
    out.Int(*parent_file);
    out.Int(*parent_row);
    out.EndRow();
    ++rows_;
  }
  buffer_ += out.rows();
  return Ok();
}

Status ResubmittedRows::Flush(Connection& connection) {
  if (buffer_.empty()) return Ok();
  CopyIn copy = TRY(CopyIn::Begin(
      connection,
      "COPY eclusa.resubmitted (job_id, file, row, parent_file, parent_row) FROM STDIN"));
  TRY(copy.Write(buffer_));
  TRY(std::move(copy).Finish());
  buffer_.clear();
  return Ok();
}

Status ForgetResubmitted(Connection& connection, int64_t child_job, int32_t file) {
  TRY(connection.Query(std::string(sql::kDeleteResubmitted),
                       {std::to_string(child_job), std::to_string(file)}));
  return Ok();
}

Result<int64_t> CloseParentFailures(Connection& connection, int64_t parent_job, int64_t child_job,
                                    const std::vector<RowPlace>& undecided) {
  CHECK(connection.in_transaction());
  std::optional<int64_t> above = TRY(LockAndFindParent(connection, parent_job));
  const std::string child = std::to_string(child_job);
  const QueryResult closed =
      TRY(connection.Query(std::string(sql::kCloseParentFailures),
                           {std::to_string(parent_job), child, ArrayLiteral(undecided, true),
                            ArrayLiteral(undecided, false)}));
  TRY(RefreshOpenFailures(connection, parent_job));
  for (int64_t below = parent_job; above;) {
    const std::optional<int64_t> next = TRY(LockAndFindParent(connection, *above));
    TRY(connection.Query(std::string(sql::kCloseGrandparentFailures),
                         {std::to_string(*above), std::to_string(below), child}));
    TRY(RefreshOpenFailures(connection, *above));
    below = *above;
    above = next;
  }
  return closed.affected();
}

}  // namespace eclusa
