// Arrow tables and files of them, for tests only.
#pragma once

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/util/compression.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/check.h"

namespace eclusa {

inline std::shared_ptr<arrow::Array> Texts(const std::vector<std::optional<std::string>>& values) {
  arrow::StringBuilder builder;
  for (const auto& value : values) {
    CHECK((value ? builder.Append(*value) : builder.AppendNull()).ok());
  }
  return builder.Finish().ValueOrDie();
}

template <class Builder, class Value, class... Arguments>
std::shared_ptr<arrow::Array> Numbers(const std::vector<std::optional<Value>>& values,
                                      Arguments&&... arguments) {
  Builder builder(std::forward<Arguments>(arguments)...);
  for (const auto& value : values) {
    CHECK((value ? builder.Append(*value) : builder.AppendNull()).ok());
  }
  return builder.Finish().ValueOrDie();
}

using NamedColumns = std::vector<std::pair<std::string, std::shared_ptr<arrow::Array>>>;

inline std::shared_ptr<arrow::RecordBatch> MakeBatch(const NamedColumns& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, array] : columns) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
  const int64_t rows = arrays.empty() ? 0 : arrays[0]->length();
  return arrow::RecordBatch::Make(arrow::schema(fields), rows, arrays);
}

// The bytes of a Parquet file.
inline std::string ParquetBytes(const std::shared_ptr<arrow::RecordBatch>& batch,
                                int64_t row_group_rows = 1 << 20,
                                const std::shared_ptr<parquet::WriterProperties>& properties =
                                    parquet::default_writer_properties()) {
  const auto table = arrow::Table::FromRecordBatches({batch}).ValueOrDie();
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto stored = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  CHECK(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), stream, row_group_rows,
                                   properties, stored)
            .ok());
  return stream->Finish().ValueOrDie()->ToString();
}

inline std::string Compressed(const std::string& bytes, arrow::Compression::type type) {
  const auto codec = arrow::util::Codec::Create(type).ValueOrDie();
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  const auto size = static_cast<int64_t>(bytes.size());
  std::string out(static_cast<size_t>(codec->MaxCompressedLen(size, data)), '\0');
  const auto written = codec->Compress(size, data, static_cast<int64_t>(out.size()),
                                       reinterpret_cast<uint8_t*>(out.data()));
  out.resize(static_cast<size_t>(written.ValueOrDie()));
  return out;
}

}  // namespace eclusa
