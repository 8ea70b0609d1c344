#include "formats/fixed_lines.h"

#include <algorithm>

#include "formats/row_text.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// The scan of CSV finds the ends of lines; without quotes, what it takes for ends of fields does
// not matter.
constexpr CsvMarks kLineEndsOnly = {.delimiter = '\0', .quote = '\0'};

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// Of text that is valid; in text that is not, a byte that belongs nowhere may count as none.
size_t CountCharacters(std::span<const char> utf8) {
  size_t count = 0;
  for (const char c : utf8) count += IsContinuation(c) ? 0 : 1;
  return count;
}

}  // namespace

FixedLines::FixedLines(CsvBuffer buffer, std::unique_ptr<const FixedLayout> layout, FixedText text,
                       int32_t file, size_t window_bytes)
    : TextRows(std::move(buffer), file, /*first_line=*/1, text.row_bytes_max),
      layout_(std::move(layout)),
      text_(std::move(text)),
      window_bytes_(window_bytes) {}

Result<bool> FixedLines::Read() {
  Consume();
  places().Clear();
  window_ = {};
  size_t window = std::min(window_bytes_, RowBytesLook());
  while (places().empty()) {
    if (AtEnd()) return false;
    const std::span<const char> rest = buffer_.rest();
    const std::span<const char> piece = rest.first(std::min(window, rest.size()));
    structure_.Scan(piece, kLineEndsOnly);
    if (const size_t complete = CompleteRows(piece.size() == rest.size()); complete > 0) {
      PlaceLines(complete);
      if (places().empty()) Consume();  // only blank lines
    } else if (piece.size() >= RowBytesLook()) {
      // The last byte may be a CR, which ends the line.
      AddUnreadable(NextPlace(0), rest.first(piece.size() - 1), {TooLong()});
      TRY(SkipRest(piece.size() - 1, [this] { return buffer_.Fill(); }));
    } else if (piece.size() < rest.size()) {
      window = std::min(window * 2, RowBytesLook());
    } else if (!buffer_.at_end()) {
      TRY(buffer_.Fill());
    } else {
      PlaceLines(0);
    }
  }
  return true;
}

// Puts the first `count` lines of the scan into the window; 0: the file's last line, which has no
// end.
void FixedLines::PlaceLines(size_t count) {
  const std::span<const char> rest = buffer_.rest();
  const uint32_t* ends = structure_.field_ends();
  const std::span<const uint32_t> row_ends = structure_.row_ends().first(count);
  const size_t size = count == 0 ? rest.size() : ends[row_ends.back()];
  window_.has_non_ascii = structure_.has_non_ascii();
  const bool sound = !window_.has_non_ascii || IsValid({rest.data(), size}, text_.head.encoding);
  size_t begin = 0;
  const auto place = [&](size_t end) {
    if (end > begin) PlaceLine(rest.subspan(begin, end - begin), begin, sound);
    ++next_line_;
    begin = end == rest.size() ? end : BehindLineEnd(rest, end);
  };
  for (const uint32_t last : row_ends) {
    if (IsBeyond(begin)) break;
    place(ends[last]);
  }
  if (count == 0) place(rest.size());
  used_ = begin;
}

void FixedLines::PlaceLine(std::span<const char> line, size_t begin, bool sound) {
  std::vector<Reason> reasons;
  if (static_cast<int64_t>(line.size()) > row_bytes_max_) {
    reasons.push_back(TooLong());
  } else if (!sound) {
    reasons = EncodingReasons(line);
  }
  const bool mapped = window_.has_non_ascii && IsUtf8();
  if (reasons.empty()) {
    const size_t characters = mapped ? CountCharacters(line) : line.size();
    if (characters < layout_->least() ||
        (characters > layout_->most() && !IsPaddingBehind(line, layout_->most()))) {
      reasons = LengthReasons(line, characters);
    }
  }
  if (!reasons.empty()) {
    AddUnreadable(NextPlace(begin), line, std::move(reasons));
    return;
  }
  window_.lines.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(line.size())});
  places().Add(NextPlace(begin));
  if (mapped) MapCuts(line);
}

// The byte at which the character of each cut begins.
void FixedLines::MapCuts(std::span<const char> line) {
  size_t at = 0;
  size_t characters = 0;
  for (const size_t cut : layout_->cuts()) {
    while (characters < cut && at < line.size()) {
      ++at;
      while (at < line.size() && IsContinuation(line[at])) ++at;
      ++characters;
    }
    window_.cuts.push_back(static_cast<uint32_t>(at));
  }
}

// Padding is ASCII: its characters are the last bytes.
bool FixedLines::IsPaddingBehind(std::span<const char> line, size_t characters) const {
  size_t end = line.size();
  while (end > 0 && line[end - 1] == text_.padding) --end;
  return (IsUtf8() ? CountCharacters(line.first(end)) : end) <= characters;
}

std::vector<Reason> FixedLines::LengthReasons(std::span<const char> line, size_t characters) const {
  const size_t columns = layout_->columns().size();
  Reason reason;
  reason.code = code::row_columns;
  reason.value = EscapedStart(line);
  // What stands behind the last column is one more.
  const size_t found =
      characters > layout_->most() ? columns + 1 : layout_->ColumnsWithin(characters);
  reason.arguments = {{"found", std::to_string(found)}, {"expected", std::to_string(columns)}};
  return {std::move(reason)};
}

std::vector<Reason> FixedLines::EncodingReasons(std::span<const char> line) const {
  const TextEncoding encoding = text_.head.encoding;
  if (IsValid({line.data(), line.size()}, encoding)) return {};
  std::vector<Reason> reasons;
  const auto add = [&](const std::string& column, std::span<const char> value) {
    Reason reason;
    reason.code = code::text_encoding;
    reason.column = column;
    reason.value = EscapedStart(value);
    reason.rule = Name(encoding);
    reasons.push_back(std::move(reason));
  };
  if (encoding == TextEncoding::kUtf8) {
    // Where the wrong byte stands is not known in characters, nor what is behind it.
    const size_t at = ValidUtf8Prefix({line.data(), line.size()});
    const size_t characters = CountCharacters(line.first(at));
    const FixedLayout::Column* in = &layout_->columns().front();
    for (const FixedLayout::Column& column : layout_->columns()) {
      const bool nearer = in->begin > characters || column.begin > in->begin;
      if (column.begin <= characters && nearer) in = &column;
    }
    add(in->name, line.subspan(at));
    return reasons;
  }
  for (const size_t wanted : text_.wanted) {
    const FixedLayout::Column& column = layout_->columns()[wanted];
    const size_t begin = std::min(column.begin, line.size());
    const size_t end = std::min(column.end, line.size());
    const std::span<const char> value = line.subspan(begin, end - begin);
    if (!IsValid({value.data(), value.size()}, encoding)) add(column.name, value);
  }
  return reasons;
}

Status FixedLines::SkipLine() {
  if (buffer_.rest().empty() && !buffer_.at_end()) TRY(buffer_.Fill());
  return SkipRest(0, [this] { return buffer_.Fill(); });
}

}  // namespace eclusa
