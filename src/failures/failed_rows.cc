#include "failures/failed_rows.h"

#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <map>

#include "failures/reason_json.h"
#include "failures/resubmission.h"
#include "failures/sql.h"
#include "formats/source.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr int kPageRows = 4096;
// Senders write their batches side by side, so that neighbouring rows lie in a few of them.
constexpr size_t kCachedBatches = 8;

Error Damaged(int64_t job_id, int64_t batch, std::string detail) {
  return Error(ErrorKind::kInternal, code::failures_damaged,
               {{"job", std::to_string(job_id)},
                {"batch", std::to_string(batch)},
                {"detail", std::move(detail)}});
}

// bytea as the server prints it: \x6162.
std::string FromHex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 2; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return bytes;
}

std::string ArrayLiteral(const std::vector<int32_t>& numbers) {
  std::string text = "{";
  for (const int32_t number : numbers) {
    if (text.size() > 1) text += ',';
    text += std::to_string(number);
  }
  return text + "}";
}

Result<Rows> ReadStored(Connection& connection, int64_t job_id, int64_t batch) {
  const QueryResult found = TRY(connection.Query(std::string(sql::kSelectFailureBatch),
                                                 {std::to_string(job_id), std::to_string(batch)}));
  if (found.rows() == 0) return Damaged(job_id, batch, "no such batch");
  return DecodeRows(FromHex(found.Text(0, 0)), job_id, batch);
}

// One row whose values are all null.
Rows NullRow(const std::shared_ptr<arrow::Schema>& columns) {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const auto& field : columns->fields()) {
    auto array = arrow::MakeArrayOfNull(field->type(), 1);
    CHECK(array.ok());
    arrays.push_back(*std::move(array));
  }
  return arrow::RecordBatch::Make(columns, 1, std::move(arrays));
}

}  // namespace

FailedRows::FailedRows(Connection& connection, FailedRowsQuery query)
    : connection_(connection), query_(std::move(query)) {}

Result<std::optional<FailedPage>> FailedRows::Next() {
  const QueryResult found = TRY(connection_.Query(
      std::string(sql::kSelectFailures),
      {std::to_string(query_.job_id), ArrayLiteral(query_.files), query_.closed_too ? "t" : "f",
       std::to_string(last_.file), std::to_string(last_.row), std::to_string(kPageRows)}));
  if (found.rows() == 0) return std::optional<FailedPage>();
  FailedPage page;
  std::vector<Kept> kept;
  for (int row = 0; row < found.rows(); ++row) {
    FailedRow failure;
    failure.place.file = static_cast<int32_t>(found.Int(row, 0));
    failure.place.row = found.Int(row, 1);
    failure.place.line = found.Int(row, 2);
    failure.reasons = ReasonsFromJson(found.Text(row, 3));
    if (!found.IsNull(row, 6)) failure.raw = FromHex(found.Text(row, 6));
    if (failure.raw) {
      kept.push_back({});
    } else {
      kept.push_back({found.Int(row, 4), found.Int(row, 5)});
    }
    page.failures.push_back(std::move(failure));
  }
  last_ = page.failures.back().place;
  page.rows = TRY(Gather(kept));
  return std::optional<FailedPage>(std::move(page));
}

// The stored batch, with the columns of the query only.
Result<Rows> FailedRows::Stored(int64_t batch) {
  const auto cached = std::find_if(cache_.begin(), cache_.end(),
                                   [&](const auto& entry) { return entry.first == batch; });
  if (cached != cache_.end()) {
    cache_.splice(cache_.begin(), cache_, cached);
    return cache_.front().second;
  }
  const Rows stored = TRY(ReadStored(connection_, query_.job_id, batch));
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const auto& field : query_.columns->fields()) {
    auto array = stored->GetColumnByName(field->name());
    if (array == nullptr || !array->type()->Equals(field->type())) {
      return Damaged(query_.job_id, batch, "column " + field->name());
    }
    arrays.push_back(std::move(array));
  }
  cache_.emplace_front(
      batch, arrow::RecordBatch::Make(query_.columns, stored->num_rows(), std::move(arrays)));
  if (cache_.size() > kCachedBatches) cache_.pop_back();
  return cache_.front().second;
}

// The pieces that a page needs behind one another, the null row last; then one selection.
Result<Rows> FailedRows::Gather(const std::vector<Kept>& kept) {
  std::vector<Rows> pieces;
  std::map<int64_t, int64_t> starts;
  int64_t end = 0;
  for (const Kept& row : kept) {
    if (!row.batch || starts.contains(*row.batch)) continue;
    pieces.push_back(TRY(Stored(*row.batch)));
    starts[*row.batch] = end;
    end += pieces.back()->num_rows();
  }
  pieces.push_back(NullRow(query_.columns));
  std::vector<int64_t> indices;
  indices.reserve(kept.size());
  for (const Kept& row : kept) indices.push_back(row.batch ? starts[*row.batch] + row.index : end);
  const Rows joined = TRY(JoinRows(pieces));
  return SelectRows(joined, indices);
}

Result<std::shared_ptr<arrow::Schema>> StoredColumns(Connection& connection, int64_t job_id,
                                                     int64_t batch) {
  const Rows stored = TRY(ReadStored(connection, job_id, batch));
  arrow::FieldVector fields;
  for (const auto& field : stored->schema()->fields()) {
    if (IsEclusaColumn(field->name()) && field->name() != kDocumentColumn) continue;
    fields.push_back(field->WithNullable(true));
  }
  return arrow::schema(std::move(fields));
}

}  // namespace eclusa
