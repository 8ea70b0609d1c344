#include "formats/avro_sink.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <random>

#include "formats/avro_codec.h"
#include "formats/avro_encoder.h"
#include "formats/json_marks.h"
#include "io/output_file.h"

namespace eclusa {
namespace {

// What most writers use: small against memory, large against a block's head.
constexpr size_t kBlockBytes = 64 << 10;
constexpr std::string_view kCodec = "deflate";

// Sixteen bytes that no content has by chance.
std::string MakeMarker() {
  std::random_device device;
  std::string marker;
  for (int i = 0; i < 4; ++i) {
    const uint32_t word = device();
    marker.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  return marker;
}

class AvroSink final : public Sink {
 public:
  AvroSink(OutputFile file, AvroCodec codec)
      : file_(std::move(file)), codec_(std::move(codec)), marker_(MakeMarker()) {}

  Status Begin(const arrow::Schema& schema) {
    std::string header("Obj\x01", 4);
    const auto marks = MetadataOf(MarksOf(schema.metadata().get()));
    AppendAvroLong(2 + marks->size(), header);
    AppendAvroBytes("avro.codec", header);
    AppendAvroBytes(kCodec, header);
    AppendAvroBytes("avro.schema", header);
    AppendAvroBytes(AvroSchemaJson(schema), header);
    for (int64_t i = 0; i < marks->size(); ++i) {
      AppendAvroBytes(marks->key(i), header);
      AppendAvroBytes(marks->value(i), header);
    }
    AppendAvroLong(0, header);
    return file_.Write(header + marker_);
  }

  Status Append(const arrow::RecordBatch& batch) override {
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      AppendAvroRow(batch, row, content_);
      ++rows_;
      if (content_.size() >= kBlockBytes) TRY(WriteBlock());
    }
    return Ok();
  }

  Status Finish() && override {
    if (rows_ > 0) TRY(WriteBlock());
    return std::move(file_).Finish();
  }

 private:
  Status WriteBlock() {
    const std::string packed = TRY(codec_.Compress(content_));
    std::string block;
    AppendAvroLong(rows_, block);
    AppendAvroBytes(packed, block);
    TRY(file_.Write(block + marker_));
    content_.clear();
    rows_ = 0;
    return Ok();
  }

  OutputFile file_;
  AvroCodec codec_;
  const std::string marker_;
  std::string content_;  // of the block being filled
  int64_t rows_ = 0;
};

}  // namespace

Result<std::unique_ptr<Sink>> CreateAvroSink(const SinkOptions& options) {
  AvroCodec codec = TRY(AvroCodec::Create(kCodec, options.path));
  auto sink = std::make_unique<AvroSink>(TRY(OutputFile::Create(options.path)), std::move(codec));
  TRY(sink->Begin(*options.schema));
  return std::unique_ptr<Sink>(std::move(sink));
}

}  // namespace eclusa
