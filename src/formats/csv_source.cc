#include "formats/csv_source.h"

#include <algorithm>

#include "formats/csv_buffer.h"
#include "formats/csv_columns.h"
#include "formats/csv_dialect.h"
#include "formats/csv_rows.h"
#include "formats/text_source.h"

namespace eclusa {
namespace {

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

std::vector<std::string> NamesOf(const std::vector<std::string>& names,
                                 const std::vector<int>& columns) {
  std::vector<std::string> wanted;
  for (const int column : columns) wanted.push_back(names[static_cast<size_t>(column)]);
  return wanted;
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

class CsvSource final : public TextSource<CsvRows, CsvColumns> {
 public:
  CsvSource(CsvRows rows, const SourceOptions& options, const std::vector<int>& wanted)
      : CsvSource(NamesOf(rows.dialect().names, wanted),
                  Describe(rows.dialect(), rows.input().compression()), std::move(rows), options,
                  wanted) {}

 private:
  CsvSource(const std::vector<std::string>& names, FormatDescription format, CsvRows&& rows,
            const SourceOptions& options, const std::vector<int>& wanted)
      : TextSource(options, std::move(rows), names, std::move(format),
                   [&](const CsvRows& found, int64_t rows_max) {
                     return CsvColumns(wanted, rows_max, found.dialect().encoding,
                                       found.dialect().marks.quote);
                   }) {}

  Result<bool> ReadRows() override {
    const bool more = TRY(rows_.Read());
    if (format_.encoding_basis != Name(rows_.dialect().encoding_basis)) TakeEncoding();
    return more;
  }

  arrow::Status Append(size_t from, size_t count) override {
    return columns_.Append(rows_.data(), rows_.structure(),
                           std::span(rows_.rows()).subspan(from, count));
  }

  // Found only now: all rows before were ASCII, which is the same in each encoding.
  void TakeEncoding() {
    columns_.SetEncoding(rows_.dialect().encoding);
    format_ = Describe(rows_.dialect(), rows_.input().compression());
  }
};

Result<CsvRows> OpenRows(std::unique_ptr<Input> input, const SourceOptions& options,
                         const CsvSteps& steps) {
  CsvBuffer buffer(std::move(input), steps.block_bytes);
  CsvRows::Options reading{.file = options.file, .window_bytes = steps.window_bytes};
  CsvDialect dialect = TRY(ReadCsvDialect(buffer, options, reading.first_line));
  reading.wanted = WantedColumns(dialect.names, options.wanted);
  if (options.part && !options.part->encoding.empty()) {
    dialect.encoding = *ParseEncoding(options.part->encoding);
    dialect.encoding_basis = EncodingBasis::kFound;
  }
  return CsvRows(std::move(buffer), std::move(dialect), std::move(reading));
}

}  // namespace

Result<std::unique_ptr<Source>> OpenCsv(std::unique_ptr<Input> input, const SourceOptions& options,
                                        const CsvSteps& steps) {
  CsvRows rows = TRY(OpenRows(std::move(input), options, steps));
  if (options.part) TRY(ContinueAtPart(options, steps.block_bytes, rows));
  const std::vector<int> wanted = WantedColumns(rows.dialect().names, options.wanted);
  return std::unique_ptr<Source>(std::make_unique<CsvSource>(std::move(rows), options, wanted));
}

Result<std::vector<SourcePart>> CutCsv(std::unique_ptr<Input> input, const SourceOptions& options,
                                       const PartLimits& limits, const std::stop_token& stop,
                                       const CsvSteps& steps) {
  CsvRows rows = TRY(OpenRows(std::move(input), options, steps));
  std::vector<SourcePart> parts = TRY(CutRows(rows, limits, stop));
  const CsvDialect& dialect = rows.dialect();
  if (dialect.encoding_basis != EncodingBasis::kFound) return parts;
  for (SourcePart& part : parts) part.encoding = Name(dialect.encoding);
  return parts;
}

}  // namespace eclusa
