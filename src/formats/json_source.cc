#include "formats/json_source.h"

#include <arrow/array/array_nested.h>
#include <arrow/array/builder_binary.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

#include "formats/csv_buffer.h"
#include "formats/json_builder.h"
#include "formats/json_layout.h"
#include "formats/json_rows.h"
#include "formats/json_shape.h"
#include "formats/text_rows.h"
#include "io/arrow_error.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr int64_t kBatchBytes = 8 << 20;
constexpr int64_t kBatchValues = 1 << 20;
constexpr int64_t kRowBytesUsual = 16 << 20;
constexpr int64_t kRowBytesMost = 256 << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// What the head of a file says of the rest.
struct Head {
  bool bom = false;
  JsonLayout layout;
  std::vector<FieldShape> fields;
  int64_t first_line = 1;
  bool empty = false;  // the file has no document
};

// The fields of the documents that begin in the head. Faults are the rows' business, later.
// Nothing: the last of them is cut off.
bool FindFields(std::string_view text, const std::vector<FieldShape>& expected, bool whole,
                Head& head) {
  const JsonLayout& layout = head.layout;
  JsonShapeFinder finder;
  head.empty = true;
  JsonCursor cursor;
  const bool lines = layout.kind == JsonLayoutKind::kLines;
  const char* at = text.data() + layout.begin;
  const char* const end = text.data() + text.size();
  for (int document = 0; document < kJsonHeadDocuments && at < end; ++document) {
    if (at - text.data() >= static_cast<ptrdiff_t>(kJsonHeadBytes)) break;
    const char* stop = end;
    if (lines) {
      const size_t line_end = text.find('\n', static_cast<size_t>(at - text.data()));
      if (line_end == std::string_view::npos && !whole) return false;
      stop = text.data() + std::min(line_end, text.size());
    }
    cursor.Reset(at, stop);
    cursor.SkipSpace();
    if (!lines && cursor.Take(',')) cursor.SkipSpace();
    if (!lines && (cursor.AtEnd() || cursor.Peek() == ']')) break;
    if (!cursor.AtEnd()) {
      head.empty = false;
      const bool looked = finder.Look(cursor);
      if (!looked && !whole && end - cursor.fault_at() < static_cast<ptrdiff_t>(kJsonPadding)) {
        return false;
      }
      // In lines a fault costs its line; elsewhere nothing is known of what comes behind it.
      if (!looked && !lines) break;
    }
    at = lines ? stop + 1 : cursor.at();
  }
  head.fields = finder.Fields(expected);
  return true;
}

int64_t RowBytesMax(const Dialect& dialect) {
  return std::clamp<int64_t>(dialect.row_bytes_max.value_or(kRowBytesUsual), 1, kRowBytesMost);
}

Result<Head> ReadHead(CsvBuffer& buffer, const SourceOptions& options) {
  Head head;
  while (buffer.rest().size() < kJsonHeadBytes && !buffer.at_end()) TRY(buffer.Fill());
  if (buffer.text().starts_with(kByteOrderMark)) {
    head.bom = true;
    buffer.Consume(kByteOrderMark.size());
  }
  const int64_t most = std::max(RowBytesMax(options.dialect), static_cast<int64_t>(kJsonHeadBytes));
  while (true) {
    const std::string_view text = buffer.text();
    const bool whole = buffer.at_end() || static_cast<int64_t>(text.size()) > most;
    const std::optional<JsonLayout> layout = TRY(FindJsonLayout({.text = text,
                                                                 .whole = whole,
                                                                 .path = options.path,
                                                                 .pointer = options.dialect.pointer,
                                                                 .expected = &options.expected}));
    if (layout) {
      head.layout = *layout;
      if (FindFields(text, options.expected, whole, head)) break;
    }
    TRY(buffer.Fill());
  }
  const std::string_view before = buffer.text().substr(0, head.layout.begin);
  head.first_line += std::count(before.begin(), before.end(), '\n');
  buffer.Consume(head.layout.begin);
  return head;
}

JsonRows RowsBehind(const Head& head, CsvBuffer buffer, const SourceOptions& options) {
  return {std::move(buffer),
          head.layout,
          {.file = options.file,
           .first_line = head.first_line,
           .row_bytes_max = RowBytesMax(options.dialect)}};
}

// Takes the fields that are not wanted out; gives their names.
std::vector<std::string> LeaveOut(std::vector<FieldShape>& fields,
                                  const std::vector<std::string>& wanted) {
  std::vector<std::string> unwanted;
  if (wanted.empty()) return unwanted;
  std::erase_if(fields, [&](const FieldShape& field) {
    if (std::ranges::find(wanted, field.name) != wanted.end()) return false;
    unwanted.push_back(field.name);
    return true;
  });
  return unwanted;
}

FieldShape DocumentOf(std::vector<FieldShape> fields) {
  return {.name = {}, .kind = ShapeKind::kObject, .children = std::move(fields)};
}

JsonBuilder MakeBuilder(const FieldShape& document, std::vector<std::string> unwanted,
                        const SourceOptions& options, int64_t rows) {
  std::vector<FieldShape> hints = options.expected;
  if (!options.wanted.empty()) {
    std::erase_if(hints, [&](const FieldShape& hint) {
      return std::ranges::find(options.wanted, hint.name) == options.wanted.end();
    });
  }
  return {document, {.values_expected = rows, .unwanted = std::move(unwanted), .hints = hints}};
}

class JsonSource final : public Source, private JsonTarget {
 public:
  JsonSource(JsonRows rows, Head head, const SourceOptions& options)
      : path_(options.path),
        file_(options.file),
        keeps_documents_(options.keep_documents),
        empty_(head.empty),
        unwanted_(LeaveOut(head.fields, options.wanted)),
        document_(DocumentOf(std::move(head.fields))),
        rows_max_(
            std::clamp<int64_t>(kBatchValues / (LeavesOf(document_) + 1), 1, options.batch_rows)),
        builder_(MakeBuilder(document_, unwanted_, options, rows_max_)),
        rows_(std::move(rows)) {
    format_.format = "json";
    format_.layout = Name(head.layout.kind);
    format_.compression = Name(rows_.input().compression());
    format_.encoding = "utf-8";
    format_.bom = head.bom;
    arrow::FieldVector columns;
    for (const FieldShape& field : document_.children) {
      columns.push_back(arrow::field(field.name, TypeOf(field)));
    }
    if (keeps_documents_) {
      columns.push_back(arrow::field(std::string(kDocumentColumn), arrow::utf8()));
    }
    schema_ = arrow::schema(std::move(columns));
  }

  const arrow::Schema& schema() const override { return *schema_; }
  const FormatDescription& format() const override { return format_; }
  int64_t RowsTotal() const override { return empty_ ? 0 : -1; }
  int64_t BytesTotal() const override { return rows_.input().BytesTotal(); }
  int64_t BytesRead() const override { return rows_.input().BytesRead(); }
  std::vector<std::string> PassedOver() const override { return builder_.PassedOver(); }

  Result<std::optional<Batch>> Next() override {
    batch_ = Batch();
    batch_.file = file_;
    bytes_ = 0;
    while (builder_.length() < rows_max_ && bytes_ < kBatchBytes &&
           builder_.values() < kBatchValues &&
           batch_.unreadable.size() < static_cast<size_t>(rows_max_)) {
      const bool more = TRY(rows_.Read(builder_, *this, batch_.unreadable));
      if (builder_.out_of_memory() || !memory_.ok()) return OutOfMemory();
      if (!more) break;
    }
    if (builder_.length() == 0 && batch_.unreadable.empty()) return std::optional<Batch>();
    if (const arrow::Status finished = Finish(); !finished.ok()) {
      return ArrowError(finished, path_, {FileAction::kRead, code::file_read_failed});
    }
    return std::optional<Batch>(std::move(batch_));
  }

 private:
  bool Take(const Place& place, std::string_view text) override {
    batch_.row_numbers.push_back(place.row);
    batch_.lines.push_back(place.line);
    batch_.byte_offsets.push_back(place.byte_offset);
    bytes_ += static_cast<int64_t>(text.size());
    if (keeps_documents_) memory_ = documents_.Append(text);
    return memory_.ok();
  }

  arrow::Status Finish() {
    const int64_t count = builder_.length();
    ARROW_ASSIGN_OR_RAISE(const auto built, builder_.Finish());
    arrow::ArrayVector columns = static_cast<const arrow::StructArray&>(*built).fields();
    if (keeps_documents_) {
      ARROW_ASSIGN_OR_RAISE(auto documents, documents_.Finish());
      columns.push_back(std::move(documents));
    }
    batch_.rows = arrow::RecordBatch::Make(schema_, count, std::move(columns));
    NumberRows(batch_);
    return arrow::Status::OK();
  }

  Error OutOfMemory() const {
    return ArrowError(arrow::Status::OutOfMemory("JSON"), path_,
                      {FileAction::kRead, code::file_read_failed});
  }

  const std::string path_;
  const int32_t file_;
  const bool keeps_documents_;
  const bool empty_;
  const std::vector<std::string> unwanted_;
  const FieldShape document_;
  const int64_t rows_max_;
  FormatDescription format_;
  std::shared_ptr<arrow::Schema> schema_;
  JsonBuilder builder_;
  JsonRows rows_;
  Batch batch_;  // being filled
  int64_t bytes_ = 0;
  arrow::StringBuilder documents_;
  arrow::Status memory_;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenJson(std::unique_ptr<Input> input, const SourceOptions& options,
                                         const JsonSteps& steps) {
  CsvBuffer buffer(std::move(input), steps.block_bytes);
  Head head = TRY(ReadHead(buffer, options));
  JsonRows rows = RowsBehind(head, std::move(buffer), options);
  if (options.part) TRY(ContinueAtPart(options, steps.block_bytes, rows));
  return std::unique_ptr<Source>(
      std::make_unique<JsonSource>(std::move(rows), std::move(head), options));
}

Result<std::vector<SourcePart>> CutJson(std::unique_ptr<Input> input, const SourceOptions& options,
                                        const PartLimits& limits, const std::stop_token& stop) {
  CsvBuffer buffer(std::move(input), JsonSteps().block_bytes);
  const Head head = TRY(ReadHead(buffer, options));
  JsonRows rows = RowsBehind(head, std::move(buffer), options);
  return CutRows(rows, limits, stop);
}

}  // namespace eclusa
