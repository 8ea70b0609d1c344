#include "formats/csv_rows.h"

#include <algorithm>

#include "formats/row_text.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// UTF-8 read as Windows-1252 is valid and wrong ("SÃ£o"), so that nothing else would notice it. Not
// where the encoding was asked for: then it is as it was said.
bool MayContradict(const CsvDialect& dialect) {
  return dialect.encoding == TextEncoding::kWindows1252 &&
         dialect.encoding_basis == EncodingBasis::kFound;
}

Reason MakeReason(std::string_view reason_code) {
  Reason reason;
  reason.code = reason_code;
  return reason;
}

}  // namespace

CsvRows::CsvRows(CsvBuffer buffer, CsvDialect dialect, Options options)
    : TextRows(std::move(buffer), options.file, options.first_line, dialect.row_bytes_max),
      dialect_(std::move(dialect)),
      options_(std::move(options)) {}

Status CsvRows::Fill() {
  TRY(buffer_.Fill());
  return FindEncoding(buffer_, dialect_);
}

Result<bool> CsvRows::Read() {
  Consume();
  places().Clear();
  rows_.clear();
  size_t window = std::min(options_.window_bytes, RowBytesLook());
  while (places().empty()) {
    if (AtEnd()) return false;
    const std::span<const char> rest = buffer_.rest();
    const std::span<const char> piece = rest.first(std::min(window, rest.size()));
    structure_.Scan(piece, dialect_.marks);
    if (const size_t complete = CompleteRows(piece.size() == rest.size()); complete > 0) {
      PlaceRows(complete);
      if (places().empty()) Consume();  // only blank lines
      continue;
    }
    const bool ends_here = piece.size() == rest.size() && buffer_.at_end();
    if (structure_.stopped() || ends_here || piece.size() >= RowBytesLook()) {
      TRY(ReadSlowly());
    } else if (piece.size() < rest.size()) {
      window = std::min(window * 2, RowBytesLook());
    } else {
      TRY(Fill());
    }
  }
  return true;
}

// Puts the first `count` rows of the scan into the window.
void CsvRows::PlaceRows(size_t count) {
  const std::span<const char> rest = buffer_.rest();
  const uint32_t* ends = structure_.field_ends();
  const std::span<const uint32_t> row_ends = structure_.row_ends().first(count);
  const bool sound = !structure_.has_non_ascii() ||
                     IsValid({rest.data(), ends[row_ends.back()]}, dialect_.encoding);
  uint32_t first = 0;
  size_t begin = 0;
  for (const uint32_t last : row_ends) {
    if (IsBeyond(begin)) break;
    const size_t end = ends[last];
    const std::span<const char> row = rest.subspan(begin, end - begin);
    if (!row.empty() || dialect_.names.size() == 1) {
      PlaceRow({first, static_cast<uint32_t>(begin)}, last - first + 1, row, sound);
    }
    next_line_ += 1 + (structure_.has_line_ends_in_quotes() ? CountLineEnds(row) : 0);
    first = last + 1;
    begin = end == rest.size() ? end : BehindLineEnd(rest, end);
  }
  used_ = begin;
}

void CsvRows::PlaceRow(CsvRowAt at, size_t fields, std::span<const char> row, bool sound) {
  const Place place = NextPlace(at.begin);
  const std::string_view text(row.data(), row.size());
  std::vector<Reason> reasons;
  if (static_cast<int64_t>(row.size()) > row_bytes_max_) {
    reasons.push_back(TooLong());
  } else if (fields != dialect_.names.size()) {
    Reason reason = MakeReason(code::row_columns);
    reason.value = EscapedStart(row);
    reason.arguments = {{"found", std::to_string(fields)},
                        {"expected", std::to_string(dialect_.names.size())}};
    reasons.push_back(std::move(reason));
  } else if (const bool valid = sound || IsValid(text, dialect_.encoding);
             !valid || (structure_.has_non_ascii() && MayContradict(dialect_) &&
                        AsciiBytes(text) < text.size())) {
    reasons = EncodingReasons(at, valid);
  }
  if (!reasons.empty()) {
    AddUnreadable(place, row, std::move(reasons));
    return;
  }
  rows_.push_back(at);
  places().Add(place);
}

std::vector<Reason> CsvRows::EncodingReasons(CsvRowAt at, bool row_is_valid) const {
  const uint32_t* ends = structure_.field_ends() + at.first_end;
  std::vector<Reason> reasons;
  for (const int column : options_.wanted) {
    const uint32_t begin = column == 0 ? at.begin : ends[column - 1] + 1;
    const std::span<const char> field = buffer_.rest().subspan(begin, ends[column] - begin);
    const std::string_view text(field.data(), field.size());
    const bool valid = row_is_valid || IsValid(text, dialect_.encoding);
    if (valid && !(MayContradict(dialect_) && LooksLikeUtf8(text))) continue;
    Reason reason = MakeReason(valid ? code::text_encoding_mixed : code::text_encoding);
    reason.column = dialect_.names[static_cast<size_t>(column)];
    reason.value = EscapedStart(field);
    reason.rule = Name(dialect_.encoding);
    reasons.push_back(std::move(reason));
  }
  return reasons;
}

// Reads one row that the scan cannot: byte by byte, as far as it may look. Looking ahead for a
// quote that does not close is not repeated: it ends at the next quote, and no row before that one
// opens any.
Status CsvRows::ReadSlowly() {
  while (true) {
    const std::span<const char> rest = buffer_.rest();
    const std::span<const char> piece = rest.first(std::min(RowBytesLook(), rest.size()));
    const bool at_end = buffer_.at_end() && piece.size() == rest.size();
    CsvRow row;
    if (structure_.ScanRow(piece, at_end, dialect_.marks, row)) {
      PlaceRows(1);
      if (places().empty()) Consume();
      return Ok();
    }
    if (row.state == CsvRow::State::kTextAfterQuote) return SkipMalformed(row);
    if (piece.size() < RowBytesLook() && !at_end) {
      TRY(Fill());
    } else if (row.in_quotes) {
      return SkipMalformed(row);
    } else {
      // The last byte may be a CR, which ends the row.
      return SkipLong(piece.size() - 1);
    }
  }
}

// Fails the row and goes on at the line after the one where its last quoted field begins.
Status CsvRows::SkipMalformed(const CsvRow& row) {
  size_t end = 0;
  while (true) {
    const std::span<const char> rest = buffer_.rest();
    const size_t look = std::min(rest.size(), RowBytesLook());
    end = FindLineEnd(rest.first(look), row.quote_at);
    if (end < look) break;
    if (look == RowBytesLook()) return SkipLong(row.quote_at);
    if (buffer_.at_end()) break;
    TRY(Fill());
  }
  const std::span<const char> rest = buffer_.rest();
  Reason reason = MakeReason(code::row_malformed);
  reason.column = dialect_.names[std::min(row.column, dialect_.names.size() - 1)];
  reason.value = EscapedStart(rest.subspan(row.quote_at));
  AddUnreadable(NextPlace(0), rest.first(end), {std::move(reason)});
  return SkipLine(row.quote_at);
}

Status CsvRows::SkipLong(size_t from) {
  AddUnreadable(NextPlace(0), buffer_.rest().first(from), {TooLong()});
  return SkipLine(from);
}

// Goes on behind the line in which `from` stands.
Status CsvRows::SkipLine(size_t from) {
  next_line_ += CountLineEnds(buffer_.rest().first(from));
  return SkipRest(from, [this] { return Fill(); });
}

}  // namespace eclusa
