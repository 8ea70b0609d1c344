#include "formats/source_parts.h"

#include "formats/csv_source.h"
#include "formats/fixed_source.h"
#include "formats/parquet_source.h"
#include "io/files.h"

namespace eclusa {

Result<std::vector<SourcePart>> CutSource(const Source& source, const SourceOptions& options,
                                          const PartLimits& limits, const std::stop_token& stop) {
  const FormatDescription& format = source.format();
  if (format.compression != Name(Compression::kNone)) return std::vector<SourcePart>();
  if (format.format == "parquet") return CutParquet(options, limits);
  const bool fixed = format.format == "fixed";
  if (!fixed && format.format != "csv") return std::vector<SourcePart>();
  const Files& files = options.files == nullptr ? LocalDisk() : *options.files;
  std::unique_ptr<Input> input = TRY(files.Open(options.path));
  return fixed ? CutFixed(std::move(input), options, limits, stop)
               : CutCsv(std::move(input), options, limits, stop);
}

}  // namespace eclusa
