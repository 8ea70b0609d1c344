#include "formats/source_parts.h"

#include "formats/avro_source.h"
#include "formats/csv_source.h"
#include "formats/fixed_source.h"
#include "formats/json_layout.h"
#include "formats/json_source.h"
#include "formats/parquet_source.h"
#include "io/files.h"

namespace eclusa {
namespace {

const Files& FilesOf(const SourceOptions& options) {
  return options.files == nullptr ? LocalDisk() : *options.files;
}

}  // namespace

Result<std::vector<SourcePart>> CutSource(const Source& source, const SourceOptions& options,
                                          const PartLimits& limits, const std::stop_token& stop) {
  const FormatDescription& format = source.format();
  if (format.compression != Name(Compression::kNone)) return std::vector<SourcePart>();
  if (format.format == "parquet") return CutParquet(options, limits);
  const bool json = format.format == "json";
  if (json && format.layout != Name(JsonLayoutKind::kLines)) return std::vector<SourcePart>();
  std::unique_ptr<Input> input = TRY(FilesOf(options).Open(options.path));
  if (json) return CutJson(std::move(input), options, limits, stop);
  if (format.format == "avro") return CutAvro(std::move(input), options, limits, stop);
  if (format.format == "fixed") return CutFixed(std::move(input), options, limits, stop);
  return CutCsv(std::move(input), options, limits, stop);
}

Result<CsvBuffer> OpenAtPart(const SourceOptions& options, size_t block_bytes) {
  const int64_t begin = options.part->begin;
  auto file = TRY(FilesOf(options).OpenAnywhere(options.path));
  return CsvBuffer(InputFrom(std::move(file), begin, options.path), block_bytes, begin);
}

}  // namespace eclusa
