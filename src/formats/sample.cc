#include "formats/sample.h"

#include <arrow/array.h>
#include <arrow/array/array_nested.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

#include "core/check.h"
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

// Where the values of a column stand: of a field of the file, then in a member of an object, or in
// the items of a list.
struct ValuePath {
  std::string field;
  std::vector<int> steps;  // kItems, or a member
};
constexpr int kItems = -1;

// Columns of a plain type (formats/plain_columns.h), those of objects and lists one by one.
void DescribeField(const arrow::Field& field, const std::vector<SampledStep>& inside,
                   const ValuePath& path, FileSample& sample, std::vector<ValuePath>& paths) {
  ColumnSample column;
  column.name = field.name();
  column.inside = inside;
  if (!IsNestedType(*field.type())) {
    Describe(*field.type(), column);
    sample.columns.push_back(std::move(column));
    paths.push_back(path);
    return;
  }
  const bool list = field.type()->id() == Type::LIST;
  const arrow::DataType& object = list ? *field.type()->field(0)->type() : *field.type();
  std::vector<SampledStep> around = inside;
  around.push_back({field.name(), list});
  ValuePath members = path;
  if (list) members.steps.push_back(kItems);
  for (int i = 0; i < object.num_fields(); ++i) {
    members.steps.push_back(i);
    DescribeField(*object.field(i), around, members, sample, paths);
    members.steps.pop_back();
  }
}

// Where the values of each column of the sample stand; no field: they cannot be read.
std::vector<ValuePath> DescribeColumns(const arrow::Schema& schema, FileSample& sample) {
  std::vector<ValuePath> paths;
  for (const auto& field : schema.fields()) {
    if (const auto type = PlainType(field->type()); type != nullptr) {
      DescribeField(*field->WithType(type), {}, {.field = field->name(), .steps = {}}, sample,
                    paths);
      continue;
    }
    ColumnSample& column = sample.columns.emplace_back();
    column.name = field->name();
    column.type = SampledType::kNested;
    paths.emplace_back();
  }
  return paths;
}

// Values at the path, of all rows. Memory is all that can be wanting.
std::shared_ptr<arrow::Array> ValuesAt(std::shared_ptr<arrow::Array> array,
                                       const std::vector<int>& steps) {
  for (const int step : steps) {
    auto inner = step == kItems
                     ? static_cast<const arrow::ListArray&>(*array).Flatten()
                     : static_cast<const arrow::StructArray&>(*array).GetFlattenedField(step);
    CHECK(inner.ok());
    array = std::move(inner).ValueUnsafe();
  }
  return array;
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
  SampleReader(FileSample& sample, std::vector<ValuePath> paths, const SampledText& on_text)
      : sample_(sample), paths_(std::move(paths)), on_text_(on_text) {}

  void Take(const arrow::RecordBatch& rows, int64_t count) {
    for (size_t i = 0; i < paths_.size(); ++i) {
      const int field = rows.schema()->GetFieldIndex(paths_[i].field);
      if (sample_.columns[i].type == SampledType::kNested || field < 0) continue;
      TakeColumn(*ValuesAt(rows.column(field)->Slice(0, count), paths_[i].steps), i);
    }
    sample_.rows += count;
  }

 private:
  void TakeColumn(const arrow::Array& array, size_t column) {
    const bool text = array.type_id() == Type::STRING;
    std::string value;
    for (int64_t row = 0; row < array.length(); ++row) {
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
  const std::vector<ValuePath> paths_;
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
  std::vector<ValuePath> paths = DescribeColumns(source->schema(), sample);
  if (const std::vector<std::string> unreadable = source->Unreadable(); !unreadable.empty()) {
    SourceOptions readable = options;
    readable.wanted = source->schema().field_names();
    std::erase_if(readable.wanted, [&](const std::string& name) {
      return std::ranges::find(unreadable, name) != unreadable.end();
    });
    if (readable.wanted.empty()) return sample;
    source = TRY(OpenSource(readable));
  }
  SampleReader reader(sample, std::move(paths), on_text);
  TRY(TakeRows(*source, rows_max, reader, sample));
  // The encoding is known when the rows have been read.
  sample.dialect = DialectOf(source->format());
  if (sample.format == "json") sample.dialect.pointer = options.dialect.pointer;
  return sample;
}

}  // namespace eclusa
