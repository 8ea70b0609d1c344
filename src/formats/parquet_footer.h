// CheckParquetFile, CheckParquetFooter: whether a Parquet file can be what it claims to be, before
// anything is allocated because of it.
//
//   file = "PAR1" ... footer, length of the footer (4 bytes, little endian), "PAR1"
//   with an encrypted footer both marks are "PARE"
//
// Errors: parquet.truncated, .encrypted, .absurd, .not_parquet.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace arrow::io {
class RandomAccessFile;
}
namespace parquet {
class FileMetaData;
}

namespace eclusa {

// The marks and the footer's length. Returns that length.
Result<int64_t> CheckParquetFile(arrow::io::RandomAccessFile& file, const std::string& path);

// Rows, sizes and offsets of the row groups. May throw what the library throws.
Status CheckParquetFooter(const parquet::FileMetaData& footer, int64_t file_size,
                          const std::string& path);

}  // namespace eclusa
