#include "formats/source.h"

#include <algorithm>
#include <string_view>

#include "formats/avro_source.h"
#include "formats/csv_source.h"
#include "formats/fixed_source.h"
#include "formats/json_layout.h"
#include "formats/json_source.h"
#include "formats/parquet_source.h"
#include "io/files.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr size_t kFirstBytes = 256;

// Formats that people take for tables and that are not read: first bytes, and the name in messages.
struct KnownFormat {
  std::string_view first_bytes;
  std::string_view name;
};
constexpr KnownFormat kOtherFormats[] = {
    {"PK\x03\x04", "ZIP (.xlsx, .ods, .zip)"},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "Excel (.xls)"},
    {"%PDF-", "PDF"},
    {"ORC", "ORC"},
    {"ARROW1", "Arrow IPC"},
    {"SQLite format 3", "SQLite"},
    {"BZh", "bzip2"},
    {"\xFD\x37zXZ", "xz"},
    {"7z\xBC\xAF\x27\x1C", "7z"},
    {"Rar!", "RAR"},
    {"\x04\x22\x4D\x18", "LZ4"},
    {"\x1F\x8B", "gzip"},
    {"\x28\xB5\x2F\xFD", "zstd"},
    {"\x7F"
     "ELF",
     "ELF"},
    {"\x89PNG", "PNG"},
    {"\xFF\xD8\xFF", "JPEG"},
    {"<?xml", "XML"},
    {"<!DOCTYPE", "HTML"},
    {"<html", "HTML"},
};

bool EndsWith(std::string name, std::initializer_list<std::string_view> endings) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

Error UnknownFormat(const std::string& path, std::string_view found) {
  return {ErrorKind::kInvalid,
          code::file_unknown_format,
          {{"path", path}, {"found", std::string(found)}}};
}

// A header may begin as a format's mark does: ORCAMENTO, PARECER.
bool BeginsAsText(std::string_view first) {
  constexpr size_t kLooked = 16;
  return std::ranges::all_of(first.substr(0, kLooked), [](char c) {
    return static_cast<uint8_t>(c) >= 0x20 || c == '\t' || c == '\r' || c == '\n';
  });
}

// Text has no zero in its first line, and no control character among every twenty: one or a few may
// stand in any file, and are their rows' business. What delimits or quotes does not count.
bool LooksBinary(std::string_view first, const Dialect& dialect) {
  if (first.starts_with("\xFF\xFE") || first.starts_with("\xFE\xFF")) return false;  // UTF-16
  const std::string_view line = first.substr(0, first.find_first_of("\r\n"));
  if (line.find('\0') != std::string_view::npos) return true;
  const auto controls = std::ranges::count_if(first, [&](char c) {
    return static_cast<uint8_t>(c) < 0x20 && c != '\t' && c != '\r' && c != '\n' &&
           c != dialect.delimiter && c != dialect.quote;
  });
  constexpr int kFew = 8;
  return controls > kFew && static_cast<size_t>(controls) * 20 > first.size();
}

Result<std::unique_ptr<Input>> InputOf(const SourceOptions& options) {
  return (options.files == nullptr ? LocalDisk() : *options.files).Open(options.path);
}

// Whether the first line names a column of ours: failed rows that come back, whatever the format
// they first came in.
Result<bool> IsFailuresFile(const SourceOptions& options) {
  constexpr size_t kHeaderBytesMax = 1 << 20;
  const std::unique_ptr<Input> input = TRY(InputOf(options));
  std::string head(kHeaderBytesMax, '\0');
  head.resize(TRY(input->Read(head)));
  return std::string_view{head}.substr(0, head.find_first_of("\r\n")).find("_eclusa_row") !=
         std::string_view::npos;
}

Result<std::unique_ptr<Source>> OpenText(const SourceOptions& options) {
  if (options.fixed.empty()) return OpenCsv(TRY(InputOf(options)), options);
  if (!TRY(IsFailuresFile(options))) return OpenFixed(TRY(InputOf(options)), options);
  SourceOptions failures = options;
  failures.fixed.clear();
  failures.dialect.header = true;
  return OpenCsv(TRY(InputOf(options)), failures);
}

}  // namespace

Result<std::unique_ptr<Source>> OpenSource(const SourceOptions& options) {
  std::string first(kFirstBytes, '\0');
  Compression compression;
  {
    const std::unique_ptr<Input> input = TRY(InputOf(options));
    first.resize(TRY(input->Read(first)));
    compression = input->compression();
  }
  const bool is_parquet =
      first.starts_with("PAR1") || (first.starts_with("PARE") && !BeginsAsText(first));
  if (is_parquet && compression != Compression::kNone) {
    return Error(ErrorKind::kInvalid, code::parquet_compressed,
                 {{"path", options.path}, {"compression", std::string(Name(compression))}});
  }
  if (is_parquet || EndsWith(options.path, {".parquet", ".parq", ".pq"})) {
    return OpenParquet(options);
  }
  if (first.starts_with(std::string_view("Obj\x01", 4)) || EndsWith(options.path, {".avro"})) {
    return OpenAvro(TRY(InputOf(options)), options);
  }
  for (const KnownFormat& other : kOtherFormats) {
    if (!first.starts_with(other.first_bytes)) continue;
    if (other.first_bytes == "ORC" && BeginsAsText(first)) continue;
    return UnknownFormat(options.path, other.name);
  }
  const bool fixed_width = !options.fixed.empty();
  if ((!fixed_width && LooksLikeJson(first)) ||
      EndsWith(options.path, {".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz",
                              ".json.zst", ".jsonl.zst", ".ndjson.zst"})) {
    return OpenJson(TRY(InputOf(options)), options);
  }
  if (LooksBinary(first, options.dialect)) return UnknownFormat(options.path, "binary data");
  return OpenText(options);
}

}  // namespace eclusa
