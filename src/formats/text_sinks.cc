#include "formats/text_sinks.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

#include "formats/text_encoding.h"
#include "formats/value_text.h"
#include "io/output_file.h"
#include "model/codes.h"

namespace eclusa {
namespace {

class CsvSink final : public Sink {
 public:
  CsvSink(OutputFile file, const SinkOptions& options, TextEncoding encoding)
      : file_(std::move(file)),
        delimiter_(options.delimiter),
        quote_(options.quote),
        line_end_(options.line_end),
        encoding_(encoding) {}

  Status Begin(const SinkOptions& options) {
    std::string line;
    if (options.bom && encoding_ == TextEncoding::kUtf8) line += "\xEF\xBB\xBF";
    if (options.header) {
      for (int i = 0; i < options.schema->num_fields(); ++i) {
        if (i > 0) line += delimiter_;
        AppendField(options.schema->field(i)->name(), line);
      }
      line += line_end_;
    }
    return file_.Write(FromUtf8(line, encoding_));
  }

  Status Append(const arrow::RecordBatch& batch) override {
    std::string line;
    std::string text;
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      line.clear();
      for (int i = 0; i < batch.num_columns(); ++i) {
        if (i > 0) line += delimiter_;
        if (batch.column(i)->IsNull(row)) continue;
        text.clear();
        AppendText(*batch.column(i), row, text);
        AppendField(text, line);
      }
      line += line_end_;
      TRY(file_.Write(encoding_ == TextEncoding::kUtf8 ? line : FromUtf8(line, encoding_)));
    }
    return Ok();
  }

  Status Finish() && override { return std::move(file_).Finish(); }

 private:
  void AppendField(std::string_view text, std::string& line) const {
    const char special[] = {delimiter_, '\r', '\n', quote_};
    const std::string_view specials(special, quote_ == 0 ? 3 : 4);
    const bool plain = text.find_first_of(specials) == text.npos;
    if (quote_ == 0) {
      const size_t begin = line.size();
      line += text;
      // Without quotes there is no way to write these.
      for (size_t i = begin; !plain && i < line.size(); ++i) {
        if (specials.find(line[i]) != specials.npos) line[i] = ' ';
      }
    } else if (plain && !text.empty()) {
      line += text;
    } else {
      line += quote_;
      for (const char c : text) {
        if (c == quote_) line += quote_;
        line += c;
      }
      line += quote_;
    }
  }

  OutputFile file_;
  const char delimiter_;
  const char quote_;
  const std::string line_end_;
  const TextEncoding encoding_;
};

}  // namespace

Result<std::unique_ptr<Sink>> CreateCsvSink(const SinkOptions& options) {
  const std::optional<TextEncoding> encoding = ParseEncoding(options.encoding);
  if (!encoding) {
    return Error(ErrorKind::kInvalid, code::csv_encoding_unknown, {{"encoding", options.encoding}});
  }
  auto sink = std::make_unique<CsvSink>(TRY(OutputFile::Create(options.path)), options, *encoding);
  TRY(sink->Begin(options));
  return std::unique_ptr<Sink>(std::move(sink));
}

}  // namespace eclusa
