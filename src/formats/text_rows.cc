#include "formats/text_rows.h"

#include <algorithm>

#include "core/check.h"
#include "model/codes.h"

namespace eclusa {
namespace {

void AppendSome(const std::vector<int64_t>& from, size_t at, size_t count,
                std::vector<int64_t>& to) {
  const auto begin = from.begin() + static_cast<ptrdiff_t>(at);
  to.insert(to.end(), begin, begin + static_cast<ptrdiff_t>(count));
}

}  // namespace

void RowPlaces::Add(const Place& place) {
  row_numbers.push_back(place.row);
  line_numbers.push_back(place.line);
  byte_offsets.push_back(place.byte_offset);
}

void RowPlaces::Take(size_t count, Batch& batch) {
  AppendSome(row_numbers, taken, count, batch.row_numbers);
  AppendSome(line_numbers, taken, count, batch.lines);
  AppendSome(byte_offsets, taken, count, batch.byte_offsets);
  taken += count;
  while (!unreadable.empty() &&
         (left() == 0 || unreadable.front().place.row < row_numbers[taken])) {
    batch.unreadable.push_back(std::move(unreadable.front()));
    unreadable.pop_front();
  }
}

void NumberRows(Batch& batch) {
  if (batch.row_numbers.empty()) return;
  batch.first_row = batch.row_numbers.front();
  if (batch.row_numbers.back() - batch.first_row + 1 == batch.row_count()) {
    batch.row_numbers.clear();
  }
}

TextRows::TextRows(CsvBuffer buffer, int32_t file, int64_t first_line, int64_t row_bytes_max)
    : buffer_(std::move(buffer)),
      next_line_(first_line),
      row_bytes_max_(row_bytes_max),
      file_(file) {}

void TextRows::Continue(CsvBuffer buffer, const RowPosition& from, int64_t end) {
  buffer_ = std::move(buffer);
  used_ = 0;
  next_row_ = from.row;
  next_line_ = from.line;
  end_ = end;
}

RowPosition TextRows::Next() const {
  return {buffer_.offset() + static_cast<int64_t>(used_), next_row_, next_line_};
}

RowPosition TextRows::PositionOf(int64_t row) const {
  const auto& rows = places_.row_numbers;
  const auto found = std::lower_bound(rows.begin(), rows.end(), row);
  if (found != rows.end() && *found == row) {
    const auto at = static_cast<size_t>(found - rows.begin());
    return {places_.byte_offsets[at], row, places_.line_numbers[at]};
  }
  const auto failed = std::ranges::find_if(
      places_.unreadable, [&](const UnreadableRow& other) { return other.place.row == row; });
  CHECK(failed != places_.unreadable.end());
  return {failed->place.byte_offset, row, failed->place.line};
}

bool TextRows::AtEnd() const { return IsBeyond(0) || (buffer_.rest().empty() && buffer_.at_end()); }

size_t TextRows::CompleteRows(bool to_the_end) const {
  const size_t rows = structure_.row_ends().size();
  if (rows == 0 || !to_the_end || buffer_.at_end()) return rows;
  const std::span<const char> rest = buffer_.rest();
  const size_t last = structure_.field_ends()[structure_.row_ends()[rows - 1]];
  return last + 1 == rest.size() && rest[last] == '\r' ? rows - 1 : rows;
}

Place TextRows::NextPlace(size_t begin) {
  return {.file = file_,
          .row = next_row_++,
          .line = next_line_,
          .byte_offset = buffer_.offset() + static_cast<int64_t>(begin)};
}

Reason TextRows::TooLong() const {
  Reason reason;
  reason.code = code::row_too_long;
  reason.rule = std::to_string(row_bytes_max_);
  return reason;
}

void TextRows::AddUnreadable(const Place& place, std::span<const char> row,
                             std::vector<Reason> reasons) {
  // Of a row that is too long, not all may be known: the same part is kept in any case.
  const size_t most = std::min(kRawBytesMax, static_cast<size_t>(row_bytes_max_));
  places_.unreadable.push_back(
      {place, std::string(row.data(), std::min(row.size(), most)), std::move(reasons)});
}

void TextRows::Consume() {
  buffer_.Consume(used_);
  used_ = 0;
}

}  // namespace eclusa
