#include "formats/sink.h"

#include "formats/avro_sink.h"
#include "formats/json_sink.h"
#include "formats/parquet_sink.h"
#include "formats/text_sinks.h"
#include "model/codes.h"

namespace eclusa {

Result<std::unique_ptr<Sink>> CreateSink(const SinkOptions& options) {
  if (options.format == "csv") return CreateCsvSink(options);
  if (options.format == "json" || options.format == "jsonl") return CreateJsonSink(options);
  if (options.format == "avro") return CreateAvroSink(options);
  if (options.format == "parquet") return CreateParquetSink(options);
  return Error(ErrorKind::kInvalid, code::file_unknown_output, {{"format", options.format}});
}

}  // namespace eclusa
