// TextSource: the Source of a text file whose rows (a TextRows) go into columns of text: batch
// after batch, of at most so many rows, bytes and values. Inside of the Sources of CSV and fixed
// width.
#pragma once

#include <arrow/record_batch.h>
#include <arrow/status.h>
#include <arrow/type.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "formats/source.h"
#include "formats/text_rows.h"
#include "io/arrow_error.h"
#include "model/codes.h"

namespace eclusa {

template <class Rows, class Columns>
class TextSource : public Source {
 public:
  const arrow::Schema& schema() const override { return *schema_; }
  const FormatDescription& format() const override { return format_; }
  int64_t RowsTotal() const override { return -1; }
  int64_t BytesTotal() const override { return rows_.input().BytesTotal(); }
  int64_t BytesRead() const override { return rows_.input().BytesRead(); }

  Result<std::optional<Batch>> Next() override {
    Batch batch;
    batch.file = file_;
    RowPlaces& places = rows_.places();
    while (columns_.rows() < rows_max_ && columns_.bytes() < kBatchBytes &&
           batch.unreadable.size() < static_cast<size_t>(rows_max_)) {
      if (places.left() == 0 && places.unreadable.empty() && !TRY(ReadRows())) break;
      const auto room = static_cast<size_t>(rows_max_ - columns_.rows());
      const size_t count = std::min(room, places.left());
      if (const arrow::Status status = Append(places.taken, count); !status.ok()) {
        return Failed(status);
      }
      places.Take(count, batch);
    }
    if (columns_.rows() == 0 && batch.unreadable.empty()) return std::optional<Batch>();
    if (const arrow::Status status = columns_.Finish(schema_, &batch.rows); !status.ok()) {
      return Failed(status);
    }
    NumberRows(batch);
    return std::optional<Batch>(std::move(batch));
  }

 protected:
  // `names`: of the columns, all of text. `make(rows, rows_max)` gives the Columns.
  template <class Make>
  TextSource(const SourceOptions& options, Rows rows, const std::vector<std::string>& names,
             FormatDescription format, Make make)
      : path_(options.path),
        file_(options.file),
        rows_(std::move(rows)),
        format_(std::move(format)),
        rows_max_(RowsMax(options.batch_rows, names.size())),
        columns_(make(rows_, rows_max_)) {
    arrow::FieldVector fields;
    for (const std::string& name : names) fields.push_back(arrow::field(name, arrow::utf8()));
    schema_ = arrow::schema(std::move(fields));
  }

  // Finds more rows. False: the file is at its end.
  virtual Result<bool> ReadRows() = 0;
  // Rows [from, from + count) of the window.
  virtual arrow::Status Append(size_t from, size_t count) = 0;

 private:
  static constexpr int64_t kBatchBytes = 8 << 20;
  static constexpr int64_t kBatchValues = 1 << 20;

  static int64_t RowsMax(int64_t batch_rows, size_t columns) {
    const int64_t by_values = kBatchValues / static_cast<int64_t>(std::max<size_t>(columns, 1));
    return std::max<int64_t>(1, std::min(batch_rows, by_values));
  }
  Error Failed(const arrow::Status& status) const {
    return ArrowError(status, path_, {FileAction::kRead, code::file_read_failed});
  }

  const std::string path_;
  const int32_t file_;
  std::shared_ptr<arrow::Schema> schema_;

 protected:
  Rows rows_;
  FormatDescription format_;
  const int64_t rows_max_;
  Columns columns_;
};

}  // namespace eclusa
