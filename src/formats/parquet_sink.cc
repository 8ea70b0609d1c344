#include "formats/parquet_sink.h"

#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <exception>
#include <optional>

#include "io/arrow_error.h"
#include "io/output_file.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// Small enough that a reader may hold one, large enough for pages to compress.
constexpr int64_t kRowGroupRows = 131'072;

// An OutputFile as Arrow writes to it. Keeps the file's own error.
class FileStream final : public arrow::io::OutputStream {
 public:
  explicit FileStream(OutputFile file) : file_(std::move(file)) {}

  arrow::Status Write(const void* data, int64_t size) override {
    const Status written = file_.Write({static_cast<const char*>(data), static_cast<size_t>(size)});
    if (written.ok()) return arrow::Status::OK();
    error_ = written.error();
    return arrow::Status::IOError("write");
  }
  arrow::Result<int64_t> Tell() const override { return file_.bytes_written(); }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }

  const std::optional<Error>& error() const { return error_; }
  OutputFile& file() { return file_; }

 private:
  OutputFile file_;
  std::optional<Error> error_;
  bool closed_ = false;
};

class ParquetSink final : public Sink {
 public:
  ParquetSink(OutputFile file, std::string path)
      : path_(std::move(path)), stream_(std::make_shared<FileStream>(std::move(file))) {}

  Status Begin(const arrow::Schema& schema) {
    return Guarded([&]() -> arrow::Status {
      const auto properties = parquet::WriterProperties::Builder()
                                  .compression(arrow::Compression::ZSTD)
                                  ->max_row_group_length(kRowGroupRows)
                                  ->build();
      const auto arrow_properties =
          parquet::ArrowWriterProperties::Builder().store_schema()->build();
      ARROW_ASSIGN_OR_RAISE(
          writer_, parquet::arrow::FileWriter::Open(schema, arrow::default_memory_pool(), stream_,
                                                    properties, arrow_properties));
      return arrow::Status::OK();
    });
  }

  Status Append(const arrow::RecordBatch& batch) override {
    return Guarded([&] { return writer_->WriteRecordBatch(batch); });
  }

  Status Finish() && override {
    TRY(Guarded([&] { return writer_->Close(); }));
    return std::move(stream_->file()).Finish();
  }

 private:
  template <class Function>
  Status Guarded(Function function) {
    arrow::Status status;
    try {
      status = function();
    } catch (const std::exception& exception) {
      status = arrow::Status::IOError(exception.what());
    }
    if (status.ok()) return Ok();
    if (stream_->error()) return *stream_->error();
    return ArrowError(status, path_, {FileAction::kWrite, code::file_write_failed});
  }

  const std::string path_;
  const std::shared_ptr<FileStream> stream_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;  // writes to stream_
};

}  // namespace

Result<std::unique_ptr<Sink>> CreateParquetSink(const SinkOptions& options) {
  auto sink = std::make_unique<ParquetSink>(TRY(OutputFile::Create(options.path)), options.path);
  TRY(sink->Begin(*options.schema));
  return std::unique_ptr<Sink>(std::move(sink));
}

}  // namespace eclusa
