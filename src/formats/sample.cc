#include "formats/sample.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

#include "formats/plain_columns.h"
#include "formats/value_text.h"

namespace eclusa {
namespace {

using arrow::Type;

// A declared number: what it is, and how wide.
void DescribeNumber(const arrow::DataType& type, ColumnSample& column) {
  column.type = SampledType::kInteger;
  switch (type.id()) {
    case Type::INT8:
    case Type::UINT8:
    case Type::INT16:
      column.bits = 16;
      return;
    case Type::UINT16:
    case Type::INT32:
      column.bits = 32;
      return;
    case Type::UINT32:
    case Type::INT64:
      column.bits = 64;
      return;
    case Type::UINT64:
      column.precision = 20;  // more than 64 bits with a sign hold
      return;
    case Type::FLOAT:
      column.type = SampledType::kNumber;
      column.bits = 32;
      return;
    case Type::DOUBLE:
      column.type = SampledType::kNumber;
      column.bits = 64;
      return;
    default: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(type);
      column.type = SampledType::kNumber;
      column.precision = decimal.precision();
      column.scale = decimal.scale();
    }
  }
}

// `type` is plain (formats/plain_columns.h).
void Describe(const arrow::DataType& type, ColumnSample& column) {
  column.from_schema = true;
  switch (type.id()) {
    case Type::NA:
    case Type::STRING:
      column.from_schema = false;
      column.type = SampledType::kUnknown;
      return;
    case Type::BOOL:
      column.type = SampledType::kBoolean;
      return;
    case Type::DATE32:
      column.type = SampledType::kDate;
      return;
    case Type::TIME32:
    case Type::TIME64:
      column.type = SampledType::kTime;
      return;
    case Type::TIMESTAMP:
      column.type = static_cast<const arrow::TimestampType&>(type).timezone().empty()
                        ? SampledType::kTimestamp
                        : SampledType::kTimestamptz;
      return;
    case Type::BINARY:
      column.type = SampledType::kBinary;
      return;
    case Type::FIXED_SIZE_BINARY:
      // Sixteen bytes are how Parquet stores a UUID.
      column.type = static_cast<const arrow::FixedSizeBinaryType&>(type).byte_width() == 16
                        ? SampledType::kUuid
                        : SampledType::kBinary;
      return;
    case Type::LIST: {
      ColumnSample item;
      Describe(*type.field(0)->type(), item);
      column.type = SampledType::kList;
      column.item = item.type == SampledType::kUnknown ? SampledType::kText : item.type;
      return;
    }
    case Type::DURATION:
      column.type = SampledType::kText;
      return;
    default:
      DescribeNumber(type, column);
  }
}

// Names of the columns that can be read; the others are marked as nested.
std::vector<std::string> DescribeColumns(const arrow::Schema& schema, FileSample& sample) {
  std::vector<std::string> plain;
  for (const auto& field : schema.fields()) {
    ColumnSample column;
    column.name = field->name();
    const auto type = PlainType(field->type());
    if (type == nullptr || IsNestedType(*type)) {
      column.type = SampledType::kNested;
    } else {
      Describe(*type, column);
      plain.push_back(field->name());
    }
    sample.columns.push_back(std::move(column));
  }
  return plain;
}

Dialect DialectOf(const FormatDescription& format) {
  Dialect dialect;
  if (format.format != "csv") return dialect;
  if (format.delimiter != 0) dialect.delimiter = format.delimiter;
  if (format.quote != 0 && format.quote != '"') dialect.quote = format.quote;
  if (!format.encoding.empty() && format.encoding != "utf-8") dialect.encoding = format.encoding;
  if (!format.header) dialect.header = false;
  return dialect;
}

class SampleReader {
 public:
  SampleReader(FileSample& sample, const SampledText& on_text)
      : sample_(sample), on_text_(on_text) {}

  void Take(const arrow::RecordBatch& rows, int64_t count) {
    for (int i = 0; i < rows.num_columns(); ++i) {
      const auto column =
          std::ranges::find(sample_.columns, rows.schema()->field(i)->name(), &ColumnSample::name);
      if (column == sample_.columns.end()) continue;
      TakeColumn(*rows.column(i), count, static_cast<size_t>(column - sample_.columns.begin()));
    }
    sample_.rows += count;
  }

 private:
  void TakeColumn(const arrow::Array& array, int64_t count, size_t column) {
    const bool text = array.type_id() == Type::STRING;
    std::string value;
    for (int64_t row = 0; row < count; ++row) {
      if (array.IsNull(row)) {
        ++sample_.columns[column].nulls;
      } else if (text) {
        value.clear();
        AppendText(array, row, value);
        on_text_(column, value);
      }
    }
  }

  FileSample& sample_;
  const SampledText& on_text_;
};

std::string NameOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

Status TakeRows(Source& source, int64_t rows_max, SampleReader& reader, FileSample& sample) {
  while (sample.rows < rows_max) {
    const std::optional<Batch> batch = TRY(source.Next());
    if (!batch) {
      sample.whole = true;
      return Ok();
    }
    reader.Take(*batch->rows, std::min(batch->row_count(), rows_max - sample.rows));
  }
  sample.whole = sample.rows == source.RowsTotal();
  return Ok();
}

}  // namespace

Result<FileSample> ReadSample(const SourceOptions& options, int64_t rows_max,
                              const SampledText& on_text) {
  FileSample sample;
  sample.file = NameOf(options.path);
  std::unique_ptr<Source> source = TRY(OpenSource(options));
  sample.format = source->format().format;
  const std::vector<std::string> plain = DescribeColumns(source->schema(), sample);
  if (plain.empty()) return sample;
  if (plain.size() < sample.columns.size()) {
    SourceOptions without_nested = options;
    without_nested.wanted = plain;
    source = TRY(OpenSource(without_nested));
  }
  SampleReader reader(sample, on_text);
  TRY(TakeRows(*source, rows_max, reader, sample));
  // The encoding is known when the rows have been read.
  sample.dialect = DialectOf(source->format());
  if (sample.format == "json") sample.dialect.pointer = options.dialect.pointer;
  return sample;
}

}  // namespace eclusa
