// Avro files put together by hand, for tests only.
#pragma once

#include <arrow/record_batch.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "formats/avro_codec.h"
#include "formats/avro_encoder.h"

namespace eclusa {

inline const std::string kTestMarker = "0123456789abcdef";

// One block: what its head claims, and its content before compression.
using TestBlock = std::pair<int64_t, std::string>;

inline std::string AvroHeader(const std::string& schema, const std::string& codec = "null") {
  std::string header("Obj\x01", 4);
  AppendAvroLong(2, header);
  AppendAvroBytes("avro.schema", header);
  AppendAvroBytes(schema, header);
  AppendAvroBytes("avro.codec", header);
  AppendAvroBytes(codec, header);
  AppendAvroLong(0, header);
  return header + kTestMarker;
}

inline std::string AvroBlockBytes(const TestBlock& block, const std::string& codec = "null") {
  std::string bytes;
  AppendAvroLong(block.first, bytes);
  AppendAvroBytes(AvroCodec::Create(codec, "f").value().Compress(block.second).value(), bytes);
  return bytes + kTestMarker;
}

inline std::string AvroFile(const std::string& schema, const std::vector<TestBlock>& blocks,
                            const std::string& codec = "null") {
  std::string bytes = AvroHeader(schema, codec);
  for (const TestBlock& block : blocks) bytes += AvroBlockBytes(block, codec);
  return bytes;
}

inline std::string AvroBytes(const std::shared_ptr<arrow::RecordBatch>& batch,
                             const std::string& codec, int64_t block_rows) {
  std::vector<TestBlock> blocks;
  for (int64_t row = 0; row < batch->num_rows(); ++row) {
    if (row % block_rows == 0) blocks.emplace_back();
    ++blocks.back().first;
    AppendAvroRow(*batch, row, blocks.back().second);
  }
  return AvroFile(AvroSchemaJson(*batch->schema()), blocks, codec);
}

// A record with these fields, written as JSON.
inline std::string RecordOf(const std::string& fields) {
  return R"({"type":"record","name":"r","fields":[)" + fields + "]}";
}

inline std::string Long(int64_t value) {
  std::string bytes;
  AppendAvroLong(value, bytes);
  return bytes;
}

inline std::string Bytes(const std::string& value) {
  std::string bytes;
  AppendAvroBytes(value, bytes);
  return bytes;
}

}  // namespace eclusa
