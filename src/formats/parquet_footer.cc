#include "formats/parquet_footer.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/endian.h>
#include <fmt/format.h>
#include <parquet/metadata.h>
#include <parquet/schema.h>

#include <cstring>

#include "formats/text_encoding.h"
#include "io/arrow_error.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr std::string_view kMark = "PAR1";
constexpr std::string_view kEncryptedMark = "PARE";
constexpr int64_t kMarkSize = 4;
constexpr int64_t kTailSize = 8;  // length of the footer, mark
// The footer becomes objects of several times its size. Of ten thousand columns in a hundred row
// groups it has some 60 MiB.
constexpr int64_t kFooterBytesMax = 96 << 20;

// Leaf columns. A table of PostgreSQL has at most 1,600.
constexpr int kColumnsMax = 20'000;

Error Invalid(std::string_view error_code, const std::string& path, std::string detail = {}) {
  return {ErrorKind::kInvalid, error_code, {{"path", path}, {"detail", std::move(detail)}}};
}

Result<std::string> ReadAt(arrow::io::RandomAccessFile& file, const std::string& path, int64_t at,
                           int64_t size) {
  std::string bytes(static_cast<size_t>(size), '\0');
  const arrow::Result<int64_t> got = file.ReadAt(at, size, bytes.data());
  if (!got.ok()) {
    return ArrowError(got.status(), path, {FileAction::kRead, code::file_read_failed});
  }
  bytes.resize(static_cast<size_t>(*got));
  return bytes;
}

// Empty: nothing is wrong.
std::string WrongColumn(const parquet::ColumnChunkMetaData& column, int64_t file_size) {
  const int64_t begin = column.has_dictionary_page() && column.dictionary_page_offset() > 0
                            ? std::min(column.dictionary_page_offset(), column.data_page_offset())
                            : column.data_page_offset();
  const int64_t size = column.total_compressed_size();
  if (begin < kMarkSize || size < 0 || begin > file_size || size > file_size - begin) {
    return fmt::format("offset={} size={} file_size={}", begin, size, file_size);
  }
  if (column.num_values() < 0 || column.total_uncompressed_size() < 0) {
    return fmt::format("num_values={} total_uncompressed_size={}", column.num_values(),
                       column.total_uncompressed_size());
  }
  return {};
}

}  // namespace

Result<int64_t> CheckParquetFile(arrow::io::RandomAccessFile& file, const std::string& path) {
  const arrow::Result<int64_t> size = file.GetSize();
  if (!size.ok()) {
    return ArrowError(size.status(), path, {FileAction::kRead, code::file_read_failed});
  }
  const std::string head = TRY(ReadAt(file, path, 0, kMarkSize));
  if (*size == 0) return Invalid(code::parquet_truncated, path);
  if (head == kEncryptedMark) return Invalid(code::parquet_encrypted, path);
  if (head != kMark) return Invalid(code::parquet_not_parquet, path);
  if (*size < kMarkSize + kTailSize) return Invalid(code::parquet_truncated, path);
  const std::string tail = TRY(ReadAt(file, path, *size - kTailSize, kTailSize));
  if (tail.substr(4) == kEncryptedMark) return Invalid(code::parquet_encrypted, path);
  if (tail.substr(4) != kMark) return Invalid(code::parquet_truncated, path);
  uint32_t length = 0;
  std::memcpy(&length, tail.data(), sizeof(length));
  const int64_t footer = arrow::bit_util::FromLittleEndian(length);
  if (footer > *size - kMarkSize - kTailSize || footer > kFooterBytesMax) {
    return Invalid(code::parquet_absurd, path,
                   fmt::format("footer_size={} file_size={}", footer, *size));
  }
  return footer;
}

Status CheckParquetFooter(const parquet::FileMetaData& footer, int64_t file_size,
                          const std::string& path) {
  if (footer.is_encryption_algorithm_set()) return Invalid(code::parquet_encrypted, path);
  if (footer.num_columns() > kColumnsMax) {
    return Invalid(code::parquet_absurd, path, fmt::format("columns={}", footer.num_columns()));
  }
  int64_t rows = 0;
  for (int i = 0; i < footer.num_row_groups(); ++i) {
    const std::unique_ptr<parquet::RowGroupMetaData> group = footer.RowGroup(i);
    if (group->num_rows() < 0 || group->num_rows() > footer.num_rows() - rows) {
      return Invalid(code::parquet_absurd, path,
                     fmt::format("row_group={} num_rows={} rows_in_all={}", i, group->num_rows(),
                                 footer.num_rows()));
    }
    rows += group->num_rows();
    if (group->num_columns() != footer.num_columns()) {
      return Invalid(code::parquet_absurd, path,
                     fmt::format("row_group={} columns={} columns_of_schema={}", i,
                                 group->num_columns(), footer.num_columns()));
    }
    // Of a group without rows nothing is read.
    for (int j = 0; group->num_rows() > 0 && j < group->num_columns(); ++j) {
      const std::string wrong = WrongColumn(*group->ColumnChunk(j), file_size);
      if (!wrong.empty()) {
        return Invalid(code::parquet_absurd, path,
                       fmt::format("row_group={} column={} {}", i, j, wrong));
      }
    }
  }
  if (rows != footer.num_rows()) {
    return Invalid(code::parquet_absurd, path,
                   fmt::format("num_rows={} in_row_groups={}", footer.num_rows(), rows));
  }
  for (int i = 0; i < footer.num_columns(); ++i) {
    const std::string name = footer.schema()->Column(i)->path()->ToDotString();
    if (!IsValidUtf8(name)) {
      return Invalid(code::parquet_damaged, path,
                     fmt::format("column {}: {}", i, EscapedBytes(name, 100)));
    }
  }
  return Ok();
}

}  // namespace eclusa
