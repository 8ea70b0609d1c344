#include "formats/csv_source.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

#include "formats/csv_buffer.h"
#include "formats/csv_columns.h"
#include "formats/csv_dialect.h"
#include "formats/csv_rows.h"
#include "io/arrow_error.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr int64_t kBatchBytes = 8 << 20;
constexpr int64_t kBatchValues = 1 << 20;

std::vector<int> WantedColumns(const std::vector<std::string>& names,
                               const std::vector<std::string>& wanted) {
  std::vector<int> columns;
  for (size_t i = 0; i < names.size(); ++i) {
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), names[i]) != wanted.end()) {
      columns.push_back(static_cast<int>(i));
    }
  }
  return columns;
}

std::shared_ptr<arrow::Schema> MakeSchema(const std::vector<std::string>& names,
                                          const std::vector<int>& columns) {
  arrow::FieldVector fields;
  for (const int column : columns) {
    fields.push_back(arrow::field(names[static_cast<size_t>(column)], arrow::utf8()));
  }
  return arrow::schema(std::move(fields));
}

FormatDescription Describe(const CsvDialect& dialect, Compression compression) {
  FormatDescription format;
  format.format = "csv";
  format.compression = Name(compression);
  format.encoding = Name(dialect.encoding);
  format.encoding_basis = Name(dialect.encoding_basis);
  format.delimiter = dialect.marks.delimiter;
  format.quote = dialect.marks.quote;
  format.header = dialect.header;
  format.bom = dialect.bom;
  format.line_end = dialect.line_end;
  return format;
}

int64_t RowsMax(int64_t batch_rows, size_t columns) {
  const int64_t by_values = kBatchValues / static_cast<int64_t>(std::max<size_t>(columns, 1));
  return std::max<int64_t>(1, std::min(batch_rows, by_values));
}

void AppendSome(const std::vector<int64_t>& from, size_t at, size_t count,
                std::vector<int64_t>& to) {
  const auto begin = from.begin() + static_cast<ptrdiff_t>(at);
  to.insert(to.end(), begin, begin + static_cast<ptrdiff_t>(count));
}

class CsvSource final : public Source {
 public:
  CsvSource(CsvRows rows, const SourceOptions& options, const std::vector<int>& wanted)
      : path_(options.path),
        file_(options.file),
        rows_(std::move(rows)),
        schema_(MakeSchema(rows_.dialect().names, wanted)),
        format_(Describe(rows_.dialect(), rows_.input().compression())),
        rows_max_(RowsMax(options.batch_rows, wanted.size())),
        columns_(wanted, rows_max_, rows_.dialect().encoding, rows_.dialect().marks.quote) {}

  const arrow::Schema& schema() const override { return *schema_; }
  const FormatDescription& format() const override { return format_; }
  int64_t RowsTotal() const override { return -1; }
  int64_t BytesTotal() const override { return rows_.input().BytesTotal(); }
  int64_t BytesRead() const override { return rows_.input().BytesRead(); }

  Result<std::optional<Batch>> Next() override {
    Batch batch;
    batch.file = file_;
    while (columns_.rows() < rows_max_ && columns_.bytes() < kBatchBytes &&
           batch.unreadable.size() < static_cast<size_t>(rows_max_)) {
      CsvWindow& window = rows_.window();
      if (taken_ == window.rows.size() && window.unreadable.empty()) {
        taken_ = 0;
        const bool more = TRY(rows_.Read());
        if (format_.encoding_basis != Name(rows_.dialect().encoding_basis)) TakeEncoding();
        if (!more) break;
      }
      TRY(Take(window, batch));
    }
    if (columns_.rows() == 0 && batch.unreadable.empty()) return std::optional<Batch>();
    if (const arrow::Status status = columns_.Finish(schema_, &batch.rows); !status.ok()) {
      return Failed(status);
    }
    if (!batch.row_numbers.empty()) {
      batch.first_row = batch.row_numbers.front();
      // Consecutive unless a row among them failed.
      if (batch.row_numbers.back() - batch.first_row + 1 == batch.row_count()) {
        batch.row_numbers.clear();
      }
    }
    return std::optional<Batch>(std::move(batch));
  }

 private:
  // Found only now: all rows before were ASCII, which is the same in each encoding.
  void TakeEncoding() {
    columns_.SetEncoding(rows_.dialect().encoding);
    format_ = Describe(rows_.dialect(), rows_.input().compression());
  }

  Status Take(CsvWindow& window, Batch& batch) {
    const auto room = static_cast<size_t>(rows_max_ - columns_.rows());
    const size_t count = std::min(room, window.rows.size() - taken_);
    const arrow::Status status = columns_.Append(rows_.text(), rows_.structure(),
                                                 std::span(window.rows).subspan(taken_, count));
    if (!status.ok()) return Failed(status);
    AppendSome(window.row_numbers, taken_, count, batch.row_numbers);
    AppendSome(window.lines, taken_, count, batch.lines);
    AppendSome(window.byte_offsets, taken_, count, batch.byte_offsets);
    taken_ += count;
    // In the order of the file: those before the next row that was not taken.
    while (!window.unreadable.empty() &&
           (taken_ == window.rows.size() ||
            window.unreadable.front().place.row < window.row_numbers[taken_])) {
      batch.unreadable.push_back(std::move(window.unreadable.front()));
      window.unreadable.pop_front();
    }
    return Ok();
  }

  Error Failed(const arrow::Status& status) const {
    return ArrowError(status, path_, {FileAction::kRead, code::file_read_failed});
  }

  const std::string path_;
  const int32_t file_;
  CsvRows rows_;
  const std::shared_ptr<arrow::Schema> schema_;
  FormatDescription format_;
  const int64_t rows_max_;
  CsvColumns columns_;
  size_t taken_ = 0;  // rows of the window that are in a batch
};

}  // namespace

Result<std::unique_ptr<Source>> OpenCsv(std::unique_ptr<Input> input, const SourceOptions& options,
                                        const CsvSteps& steps) {
  CsvBuffer buffer(std::move(input), steps.block_bytes);
  CsvRows::Options reading{.file = options.file, .window_bytes = steps.window_bytes};
  CsvDialect dialect = TRY(ReadCsvDialect(buffer, options, reading.first_line));
  reading.wanted = WantedColumns(dialect.names, options.wanted);
  const std::vector<int> wanted = reading.wanted;
  return std::unique_ptr<Source>(std::make_unique<CsvSource>(
      CsvRows(std::move(buffer), std::move(dialect), std::move(reading)), options, wanted));
}

}  // namespace eclusa
