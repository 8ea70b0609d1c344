// CsvDialect: how one CSV file is written, as asked for or found in its first block.
//
//   delimiter   of , ; tab | the one with which most of the first rows have as many fields as the
//               header (or as the names given); none: the comma
//   encoding    as asked for; else the mark of UTF-8; else open as long as all that was read is
//               ASCII, and then DetectEncoding over kEncodingEvidenceBytes from the first byte that
//               is not. Found once in a file and never changed: bytes that contradict it later fail
//               their rows (csv_source.h)
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

// What the encoding rests on.
enum class EncodingBasis : uint8_t { kOpen, kAsked, kMark, kFound };
std::string_view Name(EncodingBasis basis);  // ascii, asked, mark, found

struct CsvDialect {
  CsvMarks marks;
  TextEncoding encoding = TextEncoding::kUtf8;
  EncodingBasis encoding_basis = EncodingBasis::kOpen;
  bool header = true;
  bool bom = false;
  std::string line_end = "\n";  // of the first line
  int64_t row_bytes_max = 0;
  std::vector<std::string> names;  // of the columns
};

// Reads the first block, consumes the mark and the header. `line`: where the next row begins.
Result<CsvDialect> ReadCsvDialect(CsvBuffer& buffer, const SourceOptions& options, int64_t& line);

// Finds the encoding where it is open and the buffer has come to a byte that is not ASCII. To be
// called after each Fill, before anything is consumed; may Fill more.
Status FindEncoding(CsvBuffer& buffer, CsvDialect& dialect);

// How any file of text begins: reads the first block, consumes the mark. What is all ASCII so far
// is taken for UTF-8.
struct TextHead {
  TextEncoding encoding = TextEncoding::kUtf8;
  EncodingBasis basis = EncodingBasis::kOpen;
  bool bom = false;
};
Result<TextHead> ReadTextHead(CsvBuffer& buffer, const SourceOptions& options);

// Bytes of the longest row: what the dialect says, within bounds.
int64_t RowBytesMax(const SourceOptions& options);

// The content of a field: without its quotes, doubled quotes halved; not decoded.
std::string CsvFieldText(std::string_view field, char quote);

}  // namespace eclusa
