#include "formats/csv_dialect.h"

#include <algorithm>

#include "model/codes.h"

namespace eclusa {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr char kDelimiters[] = {',', ';', '\t', '|'};
// Enough to tell delimiters apart; more would only cost time.
constexpr int kRowsLookedAt = 64;
constexpr int64_t kRowBytesMax = 16 << 20;
// Three bytes of UTF-8 for each of the file's still fit an Arrow column's 32-bit offsets.
constexpr int64_t kRowBytesMost = 256 << 20;

bool CanBeMark(char c) { return c > 0 && c != '\n' && c != '\r'; }

// Counts the fields of the first rows; a row whose quotes are wrong counts as none.
std::vector<size_t> CountFields(std::span<const char> data, bool at_end, const CsvMarks& marks) {
  std::vector<size_t> counts;
  std::vector<uint32_t> ends;
  while (!data.empty() && counts.size() < kRowsLookedAt) {
    ends.clear();
    const CsvRow row = ReadCsvRow(data, at_end, marks, ends);
    if (row.state == CsvRow::State::kOpen) break;
    size_t end = row.end;
    if (row.state == CsvRow::State::kTextAfterQuote) {
      counts.push_back(0);
      while (end < data.size() && data[end] != '\n' && data[end] != '\r') ++end;
    } else if (end > 0) {
      counts.push_back(ends.size());
    }
    if (end == data.size()) break;
    data = data.subspan(BehindLineEnd(data, end));
  }
  return counts;
}

char FindDelimiter(std::span<const char> data, bool at_end, char quote, size_t names) {
  char best = ',';
  double best_share = 0;
  size_t best_fields = 1;
  for (const char delimiter : kDelimiters) {
    if (delimiter == quote) continue;
    const std::vector<size_t> counts = CountFields(data, at_end, {delimiter, quote});
    if (counts.empty()) continue;
    const size_t fields = names > 0 ? names : counts.front();
    if (fields < 2) continue;
    const double share = static_cast<double>(std::count(counts.begin(), counts.end(), fields)) /
                         static_cast<double>(counts.size());
    if (share > best_share || (share == best_share && fields > best_fields)) {
      best = delimiter;
      best_share = share;
      best_fields = fields;
    }
  }
  return best;
}

std::string FirstLineEnd(std::span<const char> data, bool at_end, const CsvMarks& marks) {
  std::vector<uint32_t> ends;
  const CsvRow row = ReadCsvRow(data, at_end, marks, ends);
  if (row.state != CsvRow::State::kComplete || row.end == data.size()) return "\n";
  return std::string(data.data() + row.end, BehindLineEnd(data, row.end) - row.end);
}

Status ReadEncoding(CsvBuffer& buffer, const SourceOptions& options, CsvDialect& dialect) {
  std::optional<TextEncoding> asked;
  if (options.dialect.encoding) {
    asked = ParseEncoding(*options.dialect.encoding);
    if (!asked) {
      return Error(ErrorKind::kInvalid, code::csv_encoding_unknown,
                   {{"encoding", *options.dialect.encoding}});
    }
  }
  while (buffer.rest().size() < kUtf8Mark.size() && !buffer.at_end()) TRY(buffer.Fill());
  const std::string_view first = buffer.text();
  if (first.starts_with("\xFF\xFE") || first.starts_with("\xFE\xFF")) {
    return Error(ErrorKind::kInvalid, code::csv_utf16, {{"path", options.path}});
  }
  dialect.bom = first.starts_with(kUtf8Mark);
  if (dialect.bom && asked && *asked != TextEncoding::kUtf8) {
    return Error(ErrorKind::kInvalid, code::csv_encoding_mark,
                 {{"path", options.path}, {"encoding", std::string(Name(*asked))}});
  }
  if (asked) {
    dialect.encoding = *asked;
    dialect.encoding_basis = EncodingBasis::kAsked;
  } else if (dialect.bom) {
    dialect.encoding_basis = EncodingBasis::kMark;
  }
  if (dialect.bom) buffer.Consume(kUtf8Mark.size());
  return FindEncoding(buffer, dialect);
}

Status Fill(CsvBuffer& buffer, CsvDialect& dialect) {
  TRY(buffer.Fill());
  return FindEncoding(buffer, dialect);
}

Status ReadMarks(const CsvBuffer& buffer, const SourceOptions& options, CsvDialect& dialect) {
  const size_t names = dialect.header ? 0 : options.column_names.size();
  dialect.marks.quote = options.dialect.quote.value_or('"');
  dialect.marks.delimiter = options.dialect.delimiter.value_or(0);
  if (!options.dialect.delimiter) {
    dialect.marks.delimiter =
        FindDelimiter(buffer.rest(), buffer.at_end(), dialect.marks.quote, names);
  }
  const bool quote_is_sound = dialect.marks.quote == 0 || CanBeMark(dialect.marks.quote);
  if (!quote_is_sound || !CanBeMark(dialect.marks.delimiter) ||
      dialect.marks.delimiter == dialect.marks.quote) {
    return Error(ErrorKind::kInvalid, code::csv_dialect);
  }
  dialect.line_end = FirstLineEnd(buffer.rest(), buffer.at_end(), dialect.marks);
  return Ok();
}

Status SkipBlankLines(CsvBuffer& buffer, CsvDialect& dialect, const std::string& path,
                      int64_t& line) {
  while (true) {
    const std::span<const char> rest = buffer.rest();
    // Two bytes tell LF, CR and CRLF apart.
    if (rest.size() < 2 && !buffer.at_end()) {
      TRY(Fill(buffer, dialect));
      continue;
    }
    if (rest.empty()) return Error(ErrorKind::kInvalid, code::csv_empty, {{"path", path}});
    if (rest[0] != '\n' && rest[0] != '\r') return Ok();
    buffer.Consume(BehindLineEnd(rest, 0));
    ++line;
  }
}

Result<std::vector<std::string>> HeaderNames(std::span<const char> row,
                                             const std::vector<uint32_t>& ends,
                                             const CsvDialect& dialect,
                                             const SourceOptions& options, int64_t line) {
  std::vector<std::string> names;
  size_t begin = 0;
  for (const uint32_t end : ends) {
    const std::string_view field(row.data() + begin, end - begin);
    if (!IsValid(field, dialect.encoding)) {
      return Error(ErrorKind::kInvalid, code::csv_header_encoding,
                   {{"path", options.path},
                    {"line", std::to_string(line)},
                    {"encoding", std::string(Name(dialect.encoding))},
                    {"value", EscapedBytes(field, kReasonValueCharactersMax)}});
    }
    names.push_back(ToUtf8(CsvFieldText(field, dialect.marks.quote), dialect.encoding));
    begin = end + 1;
  }
  return names;
}

Status ReadHeader(CsvBuffer& buffer, const SourceOptions& options, CsvDialect& dialect,
                  int64_t& line) {
  TRY(SkipBlankLines(buffer, dialect, options.path, line));
  std::vector<uint32_t> ends;
  while (true) {
    const std::span<const char> rest = buffer.rest();
    ends.clear();
    const CsvRow row = ReadCsvRow(rest, buffer.at_end(), dialect.marks, ends);
    const bool complete = row.state == CsvRow::State::kComplete;
    // Of an incomplete one, the last two bytes may be its line end.
    const int64_t seen =
        static_cast<int64_t>(complete ? row.end : rest.size()) - (complete ? 0 : 2);
    if (row.state == CsvRow::State::kTextAfterQuote || (!complete && buffer.at_end()) ||
        seen > dialect.row_bytes_max) {
      return Error(ErrorKind::kInvalid, code::csv_header_damaged,
                   {{"path", options.path},
                    {"line", std::to_string(line)},
                    {"limit", std::to_string(dialect.row_bytes_max)}});
    }
    if (complete) {
      dialect.names = TRY(HeaderNames(rest, ends, dialect, options, line));
      line += 1 + CountLineEnds(rest.first(row.end));
      buffer.Consume(row.end == rest.size() ? row.end : BehindLineEnd(rest, row.end));
      return Ok();
    }
    TRY(Fill(buffer, dialect));
  }
}

}  // namespace

Status FindEncoding(CsvBuffer& buffer, CsvDialect& dialect) {
  if (dialect.encoding_basis != EncodingBasis::kOpen || buffer.non_ascii_at() < 0) return Ok();
  const auto from = static_cast<size_t>(buffer.non_ascii_at() - buffer.offset());
  while (buffer.rest().size() < from + kEncodingEvidenceBytes && !buffer.at_end()) {
    TRY(buffer.Fill());
  }
  dialect.encoding = DetectEncoding(buffer.text().substr(from, kEncodingEvidenceBytes));
  dialect.encoding_basis = EncodingBasis::kFound;
  return Ok();
}

std::string_view Name(EncodingBasis basis) {
  switch (basis) {
    case EncodingBasis::kAsked:
      return "asked";
    case EncodingBasis::kMark:
      return "mark";
    case EncodingBasis::kFound:
      return "found";
    case EncodingBasis::kOpen:
      break;
  }
  return "ascii";
}

Result<CsvDialect> ReadCsvDialect(CsvBuffer& buffer, const SourceOptions& options, int64_t& line) {
  CsvDialect dialect;
  dialect.header = options.dialect.header.value_or(true);
  dialect.row_bytes_max = RowBytesMax(options);
  if (!dialect.header && options.column_names.empty()) {
    return Error(ErrorKind::kInvalid, code::csv_no_names, {{"path", options.path}});
  }
  TRY(ReadEncoding(buffer, options, dialect));
  TRY(ReadMarks(buffer, options, dialect));
  line = 1;
  if (dialect.header) {
    TRY(ReadHeader(buffer, options, dialect, line));
  } else {
    dialect.names = options.column_names;
  }
  return dialect;
}

Result<TextHead> ReadTextHead(CsvBuffer& buffer, const SourceOptions& options) {
  CsvDialect dialect;
  TRY(ReadEncoding(buffer, options, dialect));
  return TextHead{dialect.encoding, dialect.encoding_basis, dialect.bom};
}

int64_t RowBytesMax(const SourceOptions& options) {
  return std::clamp<int64_t>(options.dialect.row_bytes_max.value_or(kRowBytesMax), 1,
                             kRowBytesMost);
}

std::string CsvFieldText(std::string_view field, char quote) {
  if (quote == 0 || field.empty() || field.front() != quote) return std::string(field);
  std::string text;
  for (size_t at = 1; at + 1 < field.size(); ++at) {
    text += field[at];
    if (field[at] == quote) ++at;
  }
  return text;
}

}  // namespace eclusa
