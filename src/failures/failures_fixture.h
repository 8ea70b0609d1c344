// FailuresFixture: batches made of text, and what became of them in the tables. For tests.
#pragma once

#include <arrow/array/builder_binary.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <string>
#include <vector>

#include "control/control_fixture.h"
#include "failures/store.h"

namespace eclusa {

using TextRows = std::vector<std::vector<std::string>>;

inline std::shared_ptr<arrow::Array> TextColumn(const std::vector<std::string>& values) {
  arrow::StringBuilder builder;
  CHECK(builder.AppendValues(values).ok());
  return builder.Finish().ValueOrDie();
}

// A batch of text columns. Lines begin at 2: there is a header.
inline Batch TextBatch(const std::vector<std::string>& names, const TextRows& rows,
                       int64_t first_row = 1, int32_t file = 0) {
  arrow::FieldVector fields;
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (size_t c = 0; c < names.size(); ++c) {
    std::vector<std::string> values;
    for (const auto& row : rows) values.push_back(row[c]);
    fields.push_back(arrow::field(names[c], arrow::utf8()));
    columns.push_back(TextColumn(values));
  }
  Batch batch;
  batch.file = file;
  batch.first_row = first_row;
  batch.rows =
      arrow::RecordBatch::Make(arrow::schema(fields), static_cast<int64_t>(rows.size()), columns);
  for (size_t i = 0; i < rows.size(); ++i) {
    batch.lines.push_back(first_row + static_cast<int64_t>(i) + 1);
    batch.byte_offsets.push_back(100 * (first_row + static_cast<int64_t>(i)));
  }
  return batch;
}

inline Reason BadInteger(const std::string& column, const std::string& value) {
  return {.code = "row.columns",
          .column = column,
          .value = value,
          .rule = "",
          .arguments = {{"found", "3"}, {"expected", "2"}}};
}

inline UnreadableRow Unreadable(int64_t row, const std::string& raw, int32_t file = 0) {
  return {.place = {.file = file, .row = row, .line = row + 1, .byte_offset = 100 * row},
          .raw = raw,
          .reasons = {BadInteger("", "")}};
}

// A Source over batches in memory, which counts how many were read.
class BatchSource : public Source {
 public:
  BatchSource(std::vector<Batch> batches, int* read)
      : schema_(batches.front().rows->schema()), batches_(std::move(batches)), read_(read) {}
  const arrow::Schema& schema() const override { return *schema_; }
  const FormatDescription& format() const override { return format_; }
  Result<std::optional<Batch>> Next() override {
    if (next_ == batches_.size()) return std::optional<Batch>();
    ++*read_;
    return std::optional<Batch>(std::move(batches_[next_++]));
  }
  int64_t RowsTotal() const override { return -1; }
  int64_t BytesTotal() const override { return 0; }
  int64_t BytesRead() const override { return 0; }

 private:
  std::shared_ptr<arrow::Schema> schema_;
  FormatDescription format_;
  std::vector<Batch> batches_;
  size_t next_ = 0;
  int* read_;
};

class FailuresFixture : public ControlFixture {
 protected:
  // Stores one failure for each of these rows of the batch.
  void Store(const Job& job, const Batch& batch, const std::vector<int64_t>& indices,
             std::optional<int32_t> part = 0) {
    FailureStore store(job.id, part);
    std::vector<RejectedRow> rejected;
    for (const int64_t index : indices) rejected.push_back({index, {BadInteger("age", "x")}});
    ASSERT_TRUE(store.Append(batch, rejected).ok());
    const Status flushed = store.Flush(db());
    ASSERT_TRUE(flushed.ok()) << db().last_error().message << db().last_error().detail;
  }
  std::string States(const Job& job) {
    return Ask(
        "SELECT string_agg(row || ' ' || state, ', ' ORDER BY file, row) "
        "FROM eclusa.failures WHERE job_id = " +
        std::to_string(job.id));
  }
};

}  // namespace eclusa
