// CsvDialect: how one CSV file is written, as asked for or found in its first block.
//
//   delimiter   of , ; tab | the one with which most of the first rows have as many fields as the
//               header (or as the names given); none: the comma
//   encoding    the mark of UTF-8, else DetectEncoding over the first block; never changed inside a
//               file
//   header      the first line that is not blank, unless the options say that there is none
//
// Errors: csv.* codes. Pure but for the buffer that is read from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "formats/csv_buffer.h"
#include "formats/csv_structure.h"
#include "formats/source.h"
#include "formats/text_encoding.h"

namespace eclusa {

struct CsvDialect {
  CsvMarks marks;
  TextEncoding encoding = TextEncoding::kUtf8;
  bool header = true;
  bool bom = false;
  std::string line_end = "\n";  // of the first line
  int64_t row_bytes_max = 0;
  std::vector<std::string> names;  // of the columns
};

// Reads the first block, consumes the mark and the header. `line`: where the next row begins.
Result<CsvDialect> ReadCsvDialect(CsvBuffer& buffer, const SourceOptions& options, int64_t& line);

// How any file of text begins: reads the first block, consumes the mark.
struct TextHead {
  TextEncoding encoding = TextEncoding::kUtf8;
  bool bom = false;
};
Result<TextHead> ReadTextHead(CsvBuffer& buffer, const SourceOptions& options);

// Bytes of the longest row: what the dialect says, within bounds.
int64_t RowBytesMax(const SourceOptions& options);

// The content of a field: without its quotes, doubled quotes halved; not decoded.
std::string CsvFieldText(std::string_view field, char quote);

}  // namespace eclusa
