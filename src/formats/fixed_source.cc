#include "formats/fixed_source.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

#include "formats/fixed_columns.h"
#include "formats/fixed_layout.h"
#include "formats/fixed_lines.h"
#include "formats/row_text.h"
#include "io/arrow_error.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr int64_t kBatchBytes = 8 << 20;
constexpr int64_t kBatchValues = 1 << 20;

std::vector<size_t> WantedColumns(const FixedLayout& layout,
                                  const std::vector<std::string>& wanted) {
  std::vector<size_t> columns;
  for (size_t i = 0; i < layout.columns().size(); ++i) {
    const std::string& name = layout.columns()[i].name;
    if (wanted.empty() || std::ranges::find(wanted, name) != wanted.end()) columns.push_back(i);
  }
  return columns;
}

std::shared_ptr<arrow::Schema> MakeSchema(const FixedLayout& layout,
                                          const std::vector<size_t>& wanted) {
  arrow::FieldVector fields;
  for (const size_t column : wanted) {
    fields.push_back(arrow::field(layout.columns()[column].name, arrow::utf8()));
  }
  return arrow::schema(std::move(fields));
}

FormatDescription Describe(const FixedText& text, Compression compression) {
  FormatDescription format;
  format.format = "fixed";
  format.compression = Name(compression);
  format.encoding = Name(text.head.encoding);
  format.encoding_basis = Name(text.head.basis);
  format.bom = text.head.bom;
  format.line_end = text.line_end;
  return format;
}

int64_t RowsMax(int64_t batch_rows, size_t columns) {
  const int64_t by_values = kBatchValues / static_cast<int64_t>(std::max<size_t>(columns, 1));
  return std::max<int64_t>(1, std::min(batch_rows, by_values));
}

// The end of the first line, as far as it is in the bytes.
std::string FirstLineEnd(std::span<const char> data) {
  const size_t end = FindLineEnd(data, 0);
  if (end == data.size()) return "\n";
  return std::string(data.data() + end, BehindLineEnd(data, end) - end);
}

template <class Value>
void AppendSome(const std::vector<Value>& from, size_t at, size_t count, std::vector<Value>& to) {
  const auto begin = from.begin() + static_cast<ptrdiff_t>(at);
  to.insert(to.end(), begin, begin + static_cast<ptrdiff_t>(count));
}

class FixedSource final : public Source {
 public:
  FixedSource(std::unique_ptr<const FixedLayout> layout, FixedLines lines,
              const SourceOptions& options)
      : path_(options.path),
        file_(options.file),
        layout_(std::move(layout)),
        lines_(std::move(lines)),
        schema_(MakeSchema(*layout_, lines_.text().wanted)),
        format_(Describe(lines_.text(), lines_.input().compression())),
        rows_max_(RowsMax(options.batch_rows, lines_.text().wanted.size())),
        columns_(
            *layout_, lines_.text().wanted, rows_max_, lines_.text().head.encoding,
            {lines_.text().padding, options.dialect.padding_side.value_or(PaddingSide::kBoth)}) {}

  const arrow::Schema& schema() const override { return *schema_; }
  const FormatDescription& format() const override { return format_; }
  int64_t RowsTotal() const override { return -1; }
  int64_t BytesTotal() const override { return lines_.input().BytesTotal(); }
  int64_t BytesRead() const override { return lines_.input().BytesRead(); }

  Status SkipHeader(int64_t header_lines) {
    for (int64_t i = 0; i < header_lines; ++i) TRY(lines_.SkipLine());
    return Ok();
  }

  Result<std::optional<Batch>> Next() override {
    Batch batch;
    batch.file = file_;
    while (columns_.rows() < rows_max_ && columns_.bytes() < kBatchBytes &&
           batch.unreadable.size() < static_cast<size_t>(rows_max_)) {
      FixedWindow& window = lines_.window();
      if (taken_ == window.lines.size() && window.unreadable.empty()) {
        taken_ = 0;
        if (!TRY(lines_.Read())) break;
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
  Status Take(FixedWindow& window, Batch& batch) {
    const auto room = static_cast<size_t>(rows_max_ - columns_.rows());
    const size_t count = std::min(room, window.lines.size() - taken_);
    const arrow::Status status = columns_.Append(lines_.data(), window, taken_, count);
    if (!status.ok()) return Failed(status);
    AppendSome(window.row_numbers, taken_, count, batch.row_numbers);
    AppendSome(window.line_numbers, taken_, count, batch.lines);
    AppendSome(window.byte_offsets, taken_, count, batch.byte_offsets);
    taken_ += count;
    // In the order of the file: those before the next row that was not taken.
    while (!window.unreadable.empty() &&
           (taken_ == window.lines.size() ||
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
  const std::unique_ptr<const FixedLayout> layout_;  // lines_ and columns_ refer to it
  FixedLines lines_;
  const std::shared_ptr<arrow::Schema> schema_;
  const FormatDescription format_;
  const int64_t rows_max_;
  FixedColumns columns_;
  size_t taken_ = 0;  // lines of the window that are in a batch
};

}  // namespace

Result<std::unique_ptr<Source>> OpenFixed(std::unique_ptr<Input> input,
                                          const SourceOptions& options, const CsvSteps& steps) {
  CHECK(!options.fixed.empty());
  CsvBuffer buffer(std::move(input), steps.block_bytes);
  auto layout = std::make_unique<const FixedLayout>(options);
  FixedText text;
  text.head = TRY(ReadTextHead(buffer, options));
  text.line_end = FirstLineEnd(buffer.rest());
  text.padding = options.dialect.padding.value_or(' ');
  text.row_bytes_max = RowBytesMax(options);
  text.wanted = WantedColumns(*layout, options.wanted);
  FixedLines lines(std::move(buffer), *layout, std::move(text), options.file, steps.window_bytes);
  auto source = std::make_unique<FixedSource>(std::move(layout), std::move(lines), options);
  TRY(source->SkipHeader(options.dialect.header_lines.value_or(0)));
  return std::unique_ptr<Source>(std::move(source));
}

}  // namespace eclusa
