#include "formats/fixed_source.h"

#include <algorithm>

#include "formats/fixed_columns.h"
#include "formats/fixed_layout.h"
#include "formats/fixed_lines.h"
#include "formats/row_text.h"
#include "formats/text_source.h"

namespace eclusa {
namespace {

std::vector<size_t> WantedColumns(const FixedLayout& layout,
                                  const std::vector<std::string>& wanted) {
  std::vector<size_t> columns;
  for (size_t i = 0; i < layout.columns().size(); ++i) {
    const std::string& name = layout.columns()[i].name;
    if (wanted.empty() || std::ranges::find(wanted, name) != wanted.end()) columns.push_back(i);
  }
  return columns;
}

std::vector<std::string> NamesOf(const FixedLines& lines) {
  std::vector<std::string> names;
  for (const size_t column : lines.text().wanted) {
    names.push_back(lines.layout().columns()[column].name);
  }
  return names;
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

// The end of the first line, as far as it is in the bytes.
std::string FirstLineEnd(std::span<const char> data) {
  const size_t end = FindLineEnd(data, 0);
  if (end == data.size()) return "\n";
  return std::string(data.data() + end, BehindLineEnd(data, end) - end);
}

class FixedSource final : public TextSource<FixedLines, FixedColumns> {
 public:
  FixedSource(FixedLines lines, const SourceOptions& options)
      : FixedSource(NamesOf(lines), Describe(lines.text(), lines.input().compression()),
                    std::move(lines), options) {}

 private:
  FixedSource(const std::vector<std::string>& names, FormatDescription format, FixedLines&& lines,
              const SourceOptions& options)
      : TextSource(options, std::move(lines), names, std::move(format),
                   [&](const FixedLines& found, int64_t rows_max) {
                     return FixedColumns(
                         found.layout(), found.text().wanted, rows_max, found.text().head.encoding,
                         {found.text().padding,
                          options.dialect.padding_side.value_or(PaddingSide::kBoth)});
                   }) {}

  Result<bool> ReadRows() override { return rows_.Read(); }

  arrow::Status Append(size_t from, size_t count) override {
    return columns_.Append(rows_.data(), rows_.window(), from, count);
  }
};

Result<FixedLines> OpenLines(std::unique_ptr<Input> input, const SourceOptions& options,
                             const CsvSteps& steps) {
  CHECK(!options.fixed.empty());
  CsvBuffer buffer(std::move(input), steps.block_bytes);
  auto layout = std::make_unique<const FixedLayout>(options);
  FixedText text;
  text.head = TRY(ReadTextHead(buffer, options));
  text.line_end = FirstLineEnd(buffer.rest());
  text.padding = options.dialect.padding.value_or(' ');
  text.row_bytes_max = RowBytesMax(options);
  text.wanted = WantedColumns(*layout, options.wanted);
  FixedLines lines(std::move(buffer), std::move(layout), std::move(text), options.file,
                   steps.window_bytes);
  const int64_t header_lines = options.dialect.header_lines.value_or(0);
  for (int64_t i = 0; i < header_lines; ++i) TRY(lines.SkipLine());
  return lines;
}

}  // namespace

Result<std::unique_ptr<Source>> OpenFixed(std::unique_ptr<Input> input,
                                          const SourceOptions& options, const CsvSteps& steps) {
  FixedLines lines = TRY(OpenLines(std::move(input), options, steps));
  if (options.part) TRY(ContinueAtPart(options, steps.block_bytes, lines));
  return std::unique_ptr<Source>(std::make_unique<FixedSource>(std::move(lines), options));
}

Result<std::vector<SourcePart>> CutFixed(std::unique_ptr<Input> input, const SourceOptions& options,
                                         const PartLimits& limits, const std::stop_token& stop,
                                         const CsvSteps& steps) {
  FixedLines lines = TRY(OpenLines(std::move(input), options, steps));
  return CutRows(lines, limits, stop);
}

}  // namespace eclusa
