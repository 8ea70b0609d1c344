#include "failures/store.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>

#include <algorithm>

#include "failures/copy_text.h"
#include "failures/kept_rows.h"
#include "failures/reason_json.h"
#include "failures/sql.h"

namespace eclusa {
namespace {

// A sender flushes beyond this, so that a file of nothing but bad rows needs no more memory.
constexpr size_t kFlushBytes = 4 << 20;
// A stored batch is what the failures file reads at once.
constexpr int64_t kBatchRowsMax = 8192;
constexpr size_t kBatchBytesMax = 4 << 20;

constexpr const char* kCopyBatches =
    "COPY eclusa.failure_batches (job_id, batch, part, row_count, rows) FROM STDIN";
constexpr const char* kCopyFailures =
    "COPY eclusa.failures (job_id, file, row, line, byte_offset, reasons, codes, first_code, part, "
    "batch, index_in_batch, raw) FROM STDIN";

// One row of eclusa.failures, but for the number of its batch, which is known when it is flushed.
struct PendingRow {
  Place place;
  std::string reasons;  // JSON
  std::string codes;    // array literal
  std::string first_code;
  int32_t index = -1;  // in its group; -1: the row is in `raw`
  std::string raw;     // of an unreadable row
};

// Rows of one schema that will be one stored batch, and rows that could not be read but should have
// had its columns.
struct Group {
  std::vector<Rows> pieces;
  std::vector<PendingRow> rows;
  int32_t kept = 0;  // rows in the pieces
  size_t bytes = 0;
};

// {"a","b"}: codes hold nothing that an array literal would have to escape.
std::string CodesOf(const std::vector<Reason>& reasons) {
  std::vector<std::string_view> codes;
  for (const Reason& reason : reasons) {
    if (std::find(codes.begin(), codes.end(), reason.code) == codes.end()) {
      codes.push_back(reason.code);
    }
  }
  std::string text;
  for (const std::string_view code : codes) {
    text += text.empty() ? "{\"" : ",\"";
    text.append(code).append("\"");
  }
  return text + "}";
}

PendingRow PendingOf(const Place& place, const std::vector<Reason>& reasons) {
  CHECK(!reasons.empty());
  return {.place = place,
          .reasons = ReasonsToJson(reasons),
          .codes = CodesOf(reasons),
          .first_code = reasons.front().code,
          .index = -1,
          .raw = {}};
}

size_t BytesOf(const PendingRow& row) {
  return sizeof row + row.reasons.size() + row.codes.size() + row.raw.size();
}

Status Send(Connection& connection, const char* copy, const std::string& rows) {
  CopyIn out = TRY(CopyIn::Begin(connection, copy));
  TRY(out.Write(rows));
  TRY(std::move(out).Finish());
  return Ok();
}

}  // namespace

struct FailureStore::State {
  int64_t job_id = 0;
  std::optional<int32_t> part;
  std::vector<Group> groups;  // the last one may still grow
  size_t bytes = 0;
  int64_t rows = 0;

  // The group that rows of this schema go to.
  Group& GroupFor(const Rows& rows_of) {
    const bool fits = !groups.empty() &&
                      static_cast<int64_t>(groups.back().rows.size()) < kBatchRowsMax &&
                      groups.back().bytes < kBatchBytesMax &&
                      groups.back().pieces.front()->schema()->Equals(*rows_of->schema());
    if (!fits) {
      groups.emplace_back();
      groups.back().pieces.push_back(NoRows(rows_of));
    }
    return groups.back();
  }

  void Add(PendingRow row, Group* group) {
    const size_t row_bytes = BytesOf(row);
    bytes += row_bytes;
    ++rows;
    group->bytes += row_bytes;
    group->rows.push_back(std::move(row));
  }

  void WriteRow(const PendingRow& row, int64_t batch, CopyText* out) const {
    out->Int(job_id);
    out->Int(row.place.file);
    out->Int(row.place.row);
    out->OptionalInt(row.place.line > 0 ? std::optional(row.place.line) : std::nullopt);
    out->OptionalInt(row.place.byte_offset >= 0 ? std::optional(row.place.byte_offset)
                                                : std::nullopt);
    out->Text(row.reasons);
    out->Text(row.codes);
    out->Text(row.first_code);
    out->OptionalInt(part);
    out->Int(batch);
    if (row.index >= 0) {
      out->Int(row.index);
      out->Null();
    } else {
      out->Null();
      out->Bytes(row.raw);
    }
    out->EndRow();
  }
};

FailureStore::FailureStore(int64_t job_id, std::optional<int32_t> part)
    : state_(std::make_unique<State>()) {
  state_->job_id = job_id;
  state_->part = part;
}
FailureStore::FailureStore(FailureStore&&) noexcept = default;
FailureStore& FailureStore::operator=(FailureStore&&) noexcept = default;
FailureStore::~FailureStore() = default;

Status FailureStore::Append(const CheckedBatch& checked) {
  const Batch& batch = checked.batch;
  for (const UnreadableRow& row : batch.unreadable) {
    PendingRow pending = PendingOf(row.place, row.reasons);
    pending.raw = row.raw;
    state_->Add(std::move(pending), &state_->GroupFor(batch.rows));
  }
  return Append(batch, checked.rejected);
}

Status FailureStore::Append(const Batch& batch, const std::vector<RejectedRow>& rejected) {
  if (rejected.empty()) return Ok();
  std::vector<int64_t> indices;
  indices.reserve(rejected.size());
  for (const RejectedRow& row : rejected) indices.push_back(row.index);
  Rows kept = TRY(SelectRows(batch.rows, indices));
  Group& group = state_->GroupFor(kept);
  for (const RejectedRow& row : rejected) {
    PendingRow pending = PendingOf(batch.PlaceOf(row.index), row.reasons);
    pending.index = group.kept++;
    state_->Add(std::move(pending), &group);
  }
  const auto bytes = static_cast<size_t>(arrow::util::TotalBufferSize(*kept));
  group.pieces.push_back(std::move(kept));
  group.bytes += bytes;
  state_->bytes += bytes;
  return Ok();
}

size_t FailureStore::bytes() const { return state_->bytes; }

bool FailureStore::WantsFlush() const { return state_->bytes > kFlushBytes; }

int64_t FailureStore::rows() const { return state_->rows; }

Status FailureStore::Flush(Connection& connection) {
  CopyText failures;
  CopyText batches;
  for (const Group& group : state_->groups) {
    const QueryResult next = TRY(connection.Execute(std::string(sql::kNextFailureBatch)));
    const int64_t batch = next.Int(0, 0);
    batches.Int(state_->job_id);
    batches.Int(batch);
    batches.OptionalInt(state_->part);
    batches.Int(group.kept);
    const Rows kept = TRY(JoinRows(group.pieces));
    batches.Bytes(TRY(EncodeRows(kept)));
    batches.EndRow();
    for (const PendingRow& row : group.rows) state_->WriteRow(row, batch, &failures);
  }
  if (batches.size() > 0) TRY(Send(connection, kCopyBatches, batches.rows()));
  if (failures.size() > 0) TRY(Send(connection, kCopyFailures, failures.rows()));
  state_->groups.clear();
  state_->bytes = 0;
  return Ok();
}

Status AddReasons(Connection& connection, int64_t job_id, std::vector<JudgedFailure>* failures) {
  std::vector<JudgedFailure> others;
  for (JudgedFailure& failure : *failures) {
    const QueryResult added = TRY(connection.Query(
        std::string(sql::kAddReasons),
        {std::to_string(job_id), std::to_string(failure.file), std::to_string(failure.row),
         ReasonsToJson(failure.reasons), CodesOf(failure.reasons)}));
    if (added.affected() == 0) others.push_back(std::move(failure));
  }
  *failures = std::move(others);
  return Ok();
}

Status ForgetPart(Connection& connection, int64_t job_id, int32_t part) {
  TRY(connection.Query(std::string(sql::kDeletePartFailures),
                       {std::to_string(job_id), std::to_string(part)}));
  return Ok();
}

}  // namespace eclusa
