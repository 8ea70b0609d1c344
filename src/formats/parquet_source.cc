#include "formats/parquet_source.h"

#include <arrow/array.h>
#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <algorithm>
#include <atomic>
#include <new>

#include "formats/json_marks.h"
#include "formats/parquet_footer.h"
#include "formats/plain_columns.h"
#include "formats/text_encoding.h"
#include "io/arrow_error.h"
#include "io/files.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr int64_t kBatchBytes = 8 << 20;
constexpr int64_t kBatchValues = 1 << 20;
// Buffers of all columns together, each within limits that reading still pays at.
constexpr int64_t kBuffersBytes = 8 << 20;
constexpr int64_t kBufferLeast = 4 << 10;
constexpr int64_t kBufferMost = 128 << 10;
// What a page or a batch may take: where a header claims more, the allocation is refused.
constexpr int64_t kPoolBytes = int64_t{1} << 30;
constexpr int32_t kSchemaDepthMax = 32;
// Items of lists in one row, on the average of its row group.
constexpr int64_t kRowValuesMax = 4 << 20;

// Never destroyed: batches give their memory back after the source has gone.
arrow::MemoryPool* CappedPool() {
  static auto* const pool = new arrow::CappedMemoryPool(arrow::default_memory_pool(), kPoolBytes);
  return pool;
}

Error ParquetError(const arrow::Status& status, const std::string& path) {
  if (status.IsOutOfMemory()) {
    return {
        ErrorKind::kInvalid, code::parquet_absurd, {{"path", path}, {"detail", status.message()}}};
  }
  const std::string_view otherwise =
      status.IsNotImplemented() ? code::parquet_unsupported : code::parquet_damaged;
  return ArrowError(status, path, {FileAction::kRead, otherwise});
}

// Calls into the library, which throws and returns statuses as it likes.
template <class Function>
auto Guarded(const std::string& path, Function function) -> decltype(function()) {
  try {
    return function();
  } catch (const parquet::ParquetStatusException& exception) {
    return ParquetError(exception.status(), path);
  } catch (const std::bad_alloc&) {
    return ParquetError(arrow::Status::OutOfMemory("bad_alloc"), path);
  } catch (const std::exception& exception) {
    return ParquetError(arrow::Status::IOError(exception.what()), path);
  }
}

class ParquetSource final : public Source {
 public:
  explicit ParquetSource(const SourceOptions& options)
      : path_(options.path), file_ordinal_(options.file) {
    format_.format = "parquet";
    format_.compression = "none";
  }

  Status Open(const SourceOptions& options) {
    const Files& files = options.files == nullptr ? LocalDisk() : *options.files;
    const std::shared_ptr<arrow::io::RandomAccessFile> file = TRY(files.OpenAnywhere(path_));
    const int64_t footer_size = TRY(CheckParquetFile(*file, path_));
    bytes_total_ = file->GetSize().ValueOr(0);
    return Guarded(path_, [&]() -> Status {
      // Each element of a container and each character of a string takes at least one byte.
      const auto limit = static_cast<int32_t>(std::max<int64_t>(footer_size, 1 << 20));
      parquet::ReaderProperties footer_properties(CappedPool());
      footer_properties.set_thrift_string_size_limit(limit);
      footer_properties.set_thrift_container_size_limit(limit);
      footer_properties.set_schema_depth_limit(kSchemaDepthMax);
      const std::shared_ptr<parquet::FileMetaData> footer =
          parquet::ParquetFileReader::Open(file, footer_properties)->metadata();
      TRY(CheckParquetFooter(*footer, bytes_total_, path_));
      TRY(TakePart(options, *footer));
      return OpenReader(options, file, footer, footer_properties);
    });
  }

  const arrow::Schema& schema() const override { return *schema_; }
  const FormatDescription& format() const override { return format_; }
  int64_t RowsTotal() const override { return rows_total_; }
  int64_t BytesTotal() const override { return bytes_total_; }
  int64_t BytesRead() const override {
    if (rows_total_ == 0) return bytes_total_;
    return static_cast<int64_t>(static_cast<double>(bytes_total_) *
                                static_cast<double>(rows_read_.load(std::memory_order_relaxed)) /
                                static_cast<double>(rows_total_));
  }

  std::vector<std::string> Unreadable() const override { return unreadable_; }

  Result<std::optional<Batch>> Next() override {
    if (nested_) return *nested_;
    return Guarded(path_, [&]() -> Result<std::optional<Batch>> {
      std::shared_ptr<arrow::RecordBatch> rows;
      if (const arrow::Status status = batches_->ReadNext(&rows); !status.ok()) {
        return ParquetError(status, path_);
      }
      const int64_t read = rows_read_.load(std::memory_order_relaxed);
      if (rows == nullptr || rows->num_rows() == 0) {
        if (read != rows_total_) return Claims(read);
        return std::optional<Batch>();
      }
      if (rows->num_rows() > rows_total_ - read) return Claims(read + rows->num_rows());
      Batch batch;
      batch.file = file_ordinal_;
      batch.first_row = first_row_ + read;
      batch.rows = TRY(Plain(*rows));
      rows_read_.store(read + rows->num_rows(), std::memory_order_relaxed);
      TRY(TakeWrongText(batch));
      return std::optional<Batch>(std::move(batch));
    });
  }

  // The row groups as the footer tells them.
  std::vector<SourcePart> Cut(const PartLimits& limits) const {
    std::vector<SourcePart> parts;
    const std::shared_ptr<parquet::FileMetaData> footer = reader_->parquet_reader()->metadata();
    int64_t bytes = 0;
    for (int group = 0; group < footer->num_row_groups(); ++group) {
      const auto about = footer->RowGroup(group);
      if (parts.empty() || parts.back().rows >= limits.rows || bytes >= limits.bytes) {
        const int64_t first = parts.empty() ? 1 : parts.back().first_row + parts.back().rows;
        parts.push_back({.begin = group, .end = group, .first_row = first, .encoding = {}});
        bytes = 0;
      }
      parts.back().end = group + 1;
      parts.back().rows += about->num_rows();
      bytes += std::max(about->total_compressed_size(), int64_t{0});
    }
    std::erase_if(parts, [](const SourcePart& part) { return part.rows == 0; });
    return parts;
  }

 private:
  Status TakePart(const SourceOptions& options, const parquet::FileMetaData& footer) {
    group_end_ = footer.num_row_groups();
    rows_total_ = footer.num_rows();
    if (!options.part) return Ok();
    const SourcePart& part = *options.part;
    if (part.begin < 0 || part.end > group_end_ || part.begin >= part.end) {
      return Error(ErrorKind::kConflict, code::load_file_changed, {{"path", path_}});
    }
    group_begin_ = static_cast<int>(part.begin);
    group_end_ = static_cast<int>(part.end);
    first_row_ = part.first_row;
    rows_total_ = part.rows;
    return Ok();
  }

  Status OpenReader(const SourceOptions& options,
                    const std::shared_ptr<arrow::io::RandomAccessFile>& file,
                    const std::shared_ptr<parquet::FileMetaData>& footer,
                    parquet::ReaderProperties properties) {
    parquet::arrow::SchemaManifest manifest;
    parquet::ArrowReaderProperties reading(/*use_threads=*/false);
    reading.set_pre_buffer(false);
    reading.set_coerce_int96_timestamp_unit(arrow::TimeUnit::MICRO);
    if (const arrow::Status status = parquet::arrow::SchemaManifest::Make(
            footer->schema(), footer->key_value_metadata(), reading, &manifest);
        !status.ok()) {
      return ParquetError(status, path_);
    }
    const std::vector<int> leaves = TRY(ChooseColumns(manifest, options.wanted));
    TRY(CheckListSizes(*footer, leaves));
    const auto columns = static_cast<int64_t>(std::max<size_t>(leaves.size(), 1));
    properties.enable_buffered_stream();
    properties.set_buffer_size(std::clamp(kBuffersBytes / columns, kBufferLeast, kBufferMost));
    properties.set_page_checksum_verification(true);
    reading.set_batch_size(BatchRows(*footer, leaves, options.batch_rows));

    parquet::arrow::FileReaderBuilder builder;
    if (const arrow::Status status = builder.Open(file, properties, footer); !status.ok()) {
      return ParquetError(status, path_);
    }
    auto reader = builder.memory_pool(CappedPool())->properties(reading)->Build();
    if (!reader.ok()) return ParquetError(reader.status(), path_);
    reader_ = *std::move(reader);
    if (nested_) return Ok();  // nothing will be read
    std::vector<int> groups;
    for (int i = group_begin_; i < group_end_; ++i) groups.push_back(i);
    auto batches = reader_->GetRecordBatchReader(groups, leaves);
    if (!batches.ok()) return ParquetError(batches.status(), path_);
    batches_ = *std::move(batches);
    return Ok();
  }

  // Fills schema_ and returns the leaf columns to read.
  Result<std::vector<int>> ChooseColumns(const parquet::arrow::SchemaManifest& manifest,
                                         const std::vector<std::string>& wanted) {
    const JsonMarks marks = MarksOf(manifest.schema_metadata.get());
    arrow::FieldVector fields;
    std::vector<int> leaves;
    for (const parquet::arrow::SchemaField& column : manifest.schema_fields) {
      const std::string& name = column.field->name();
      if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end()) {
        continue;
      }
      std::shared_ptr<arrow::DataType> type = PlainType(column.field->type());
      if (type == nullptr) {
        type = column.field->type();
        const Error nested(ErrorKind::kInvalid, code::parquet_nested,
                           {{"path", path_}, {"column", name}, {"type", type->ToString()}});
        if (!wanted.empty()) return nested;
        if (!nested_) nested_ = nested;
        unreadable_.push_back(name);
      }
      fields.push_back(arrow::field(name, type));
      AddLeaves(column, leaves);
    }
    schema_ = arrow::schema(std::move(fields), MetadataOf(marks));
    return leaves;
  }

  static void AddLeaves(const parquet::arrow::SchemaField& column, std::vector<int>& leaves) {
    if (column.is_leaf()) leaves.push_back(column.column_index);
    for (const parquet::arrow::SchemaField& child : column.children) AddLeaves(child, leaves);
  }

  // A batch has one row at least: one with more items than can be held is refused before any is
  // read. A billion of empty lists takes a few bytes in the file.
  Status CheckListSizes(const parquet::FileMetaData& footer, const std::vector<int>& leaves) const {
    for (int i = 0; i < footer.num_row_groups(); ++i) {
      const auto group = footer.RowGroup(i);
      for (const int leaf : leaves) {
        const int64_t values = group->ColumnChunk(leaf)->num_values();
        if (values / kRowValuesMax < group->num_rows() || values <= kRowValuesMax) continue;
        return Error(ErrorKind::kInvalid, code::parquet_absurd,
                     {{"path", path_},
                      {"detail", "row_group=" + std::to_string(i) + " column=" +
                                     footer.schema()->Column(leaf)->path()->ToDotString() +
                                     " num_values=" + std::to_string(values) +
                                     " num_rows=" + std::to_string(group->num_rows())}});
      }
    }
    return Ok();
  }

  // Rows of a batch: as asked, less where the widest row group's rows would be too many bytes or
  // values.
  static int64_t BatchRows(const parquet::FileMetaData& footer, const std::vector<int>& leaves,
                           int64_t batch_rows) {
    int64_t rows = batch_rows;
    for (int i = 0; i < footer.num_row_groups(); ++i) {
      const auto group = footer.RowGroup(i);
      if (group->num_rows() == 0) continue;
      double bytes = 1;
      double values = static_cast<double>(group->num_rows());
      for (const int leaf : leaves) {
        bytes += static_cast<double>(group->ColumnChunk(leaf)->total_uncompressed_size());
        values += static_cast<double>(group->ColumnChunk(leaf)->num_values());
      }
      const double fitting = static_cast<double>(group->num_rows()) *
                             std::min(static_cast<double>(kBatchBytes) * 2 / bytes,
                                      static_cast<double>(kBatchValues) / values);
      if (fitting < static_cast<double>(rows)) rows = static_cast<int64_t>(fitting);
    }
    return std::max<int64_t>(rows, 1);
  }

  Result<std::shared_ptr<arrow::RecordBatch>> Plain(const arrow::RecordBatch& rows) const {
    std::vector<std::shared_ptr<arrow::Array>> columns;
    for (int i = 0; i < rows.num_columns(); ++i) {
      auto column = PlainArray(rows.column(i));
      if (!column.ok()) return ParquetError(column.status(), path_);
      columns.push_back(*std::move(column));
    }
    return arrow::RecordBatch::Make(schema_, rows.num_rows(), std::move(columns));
  }

  // Moves rows with text that is not UTF-8 to the unreadable ones.
  Status TakeWrongText(Batch& batch) const {
    const std::vector<WrongText> wrong = FindWrongText(*batch.rows);
    if (wrong.empty()) return Ok();
    std::vector<int64_t> rows;
    for (const WrongText& text : wrong) {
      if (rows.empty() || rows.back() != text.row) {
        rows.push_back(text.row);
        UnreadableRow unreadable;
        unreadable.place = batch.PlaceOf(text.row);
        unreadable.raw = RowAsText(*batch.rows, text.row);
        batch.unreadable.push_back(std::move(unreadable));
      }
      Reason reason;
      reason.code = code::text_encoding;
      reason.column = text.column;
      reason.value = ClipValue(EscapedBytes(text.bytes, kReasonValueCharactersMax));
      reason.rule = Name(TextEncoding::kUtf8);
      batch.unreadable.back().reasons.push_back(std::move(reason));
    }
    for (int64_t row = 0, next = 0; row < batch.rows->num_rows(); ++row) {
      if (next < static_cast<int64_t>(rows.size()) && rows[static_cast<size_t>(next)] == row) {
        ++next;
      } else {
        batch.row_numbers.push_back(batch.first_row + row);
      }
    }
    auto kept = WithoutRows(*batch.rows, rows);
    if (!kept.ok()) return ParquetError(kept.status(), path_);
    batch.rows = *std::move(kept);
    return Ok();
  }

  Error Claims(int64_t found) const {
    return {ErrorKind::kInvalid,
            code::parquet_absurd,
            {{"path", path_},
             {"detail",
              "num_rows=" + std::to_string(rows_total_) + " found=" + std::to_string(found)}}};
  }

  const std::string path_;
  const int32_t file_ordinal_;
  FormatDescription format_;
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<Error> nested_;  // what the first Next refuses
  std::vector<std::string> unreadable_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;  // reads through reader_
  // What is read of the file: all of it, or one part.
  int group_begin_ = 0;
  int group_end_ = 0;
  int64_t first_row_ = 1;
  int64_t rows_total_ = 0;
  int64_t bytes_total_ = 0;
  std::atomic<int64_t> rows_read_ = 0;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenParquet(const SourceOptions& options) {
  auto source = std::make_unique<ParquetSource>(options);
  TRY(source->Open(options));
  return std::unique_ptr<Source>(std::move(source));
}

Result<std::vector<SourcePart>> CutParquet(const SourceOptions& options, const PartLimits& limits) {
  ParquetSource source(options);
  TRY(source.Open(options));
  return source.Cut(limits);
}

}  // namespace eclusa
