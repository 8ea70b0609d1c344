#include "formats/sink.h"

#include <algorithm>
#include <array>

#include "formats/avro_sink.h"
#include "formats/json_sink.h"
#include "formats/parquet_sink.h"
#include "formats/text_sinks.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// All formats that are written: a new one is a line here.
struct OutputFormat {
  std::string_view name;
  std::array<std::string_view, 3> endings;  // of names, in small letters
  Result<std::unique_ptr<Sink>> (*create)(const SinkOptions&);
};
constexpr OutputFormat kOutputFormats[] = {
    {"avro", {".avro"}, CreateAvroSink},
    {"csv", {".csv"}, CreateCsvSink},
    {"json", {".json"}, CreateJsonSink},
    {"jsonl", {".jsonl", ".ndjson"}, CreateJsonSink},
    {"parquet", {".parquet", ".parq", ".pq"}, CreateParquetSink},
};

}  // namespace

std::string OutputFormatOf(std::string_view path) {
  std::string name(path);
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  for (const OutputFormat& format : kOutputFormats) {
    for (const std::string_view ending : format.endings) {
      if (!ending.empty() && name.ends_with(ending)) return std::string(format.name);
    }
  }
  return {};
}

std::vector<std::string> OutputFormats() {
  std::vector<std::string> names;
  for (const OutputFormat& format : kOutputFormats) names.emplace_back(format.name);
  return names;
}

Result<std::unique_ptr<Sink>> CreateSink(const SinkOptions& options) {
  const auto* const format = std::ranges::find(kOutputFormats, options.format, &OutputFormat::name);
  if (format == std::end(kOutputFormats)) {
    return Error(ErrorKind::kInvalid, code::file_unknown_output, {{"format", options.format}});
  }
  return format->create(options);
}

}  // namespace eclusa
