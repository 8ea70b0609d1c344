// FixedLines: finds the lines of a fixed width file, one window after the other, with their places.
//
// A window is a piece of the text, its sound lines, and the lines in it that could not be read. How
// lines fail is said in fixed_source.h. Ownership: owns the buffer; a window is valid until the
// next Read. Threads: one at a time. Memory: a block, or the longest line. Does NOT copy values.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "formats/csv_buffer.h"
#include "formats/csv_dialect.h"
#include "formats/csv_structure.h"
#include "formats/fixed_layout.h"
#include "model/batch.h"

namespace eclusa {

struct FixedWindow {
  struct Line {
    uint32_t begin;
    uint32_t length;
  };
  // Lists of the same length.
  std::vector<Line> lines;
  std::vector<int64_t> row_numbers;
  std::vector<int64_t> line_numbers;
  std::vector<int64_t> byte_offsets;
  // Where a character may have several bytes: for each line, for each of the layout's cuts, its
  // byte in the line (at most the line's length). Empty: a character is a byte.
  std::vector<uint32_t> cuts;
  bool has_non_ascii = false;
  // Those that failed among them, in the order of the file.
  std::deque<UnreadableRow> unreadable;

  bool empty() const { return lines.empty() && unreadable.empty(); }
  void Clear();
};

struct FixedText {
  TextHead head;
  std::string line_end = "\n";  // of the first line
  char padding = ' ';
  int64_t row_bytes_max = 0;
  std::vector<size_t> wanted;  // of the layout's columns
};

class FixedLines {
 public:
  FixedLines(CsvBuffer buffer, const FixedLayout& layout, FixedText text, int32_t file,
             size_t window_bytes);

  // Passes over a line that is no row.
  Status SkipLine();
  // Finds the next lines. False: the file is at its end.
  Result<bool> Read();

  FixedWindow& window() { return window_; }
  // Of the window; kCsvPadding bytes behind its lines are readable.
  const char* data() const { return buffer_.rest().data(); }
  const FixedText& text() const { return text_; }
  const Input& input() const { return buffer_.input(); }

 private:
  size_t CompleteLines(bool to_the_end) const;
  size_t LineBytesLook() const;
  bool IsUtf8() const { return text_.head.encoding == TextEncoding::kUtf8; }

  void PlaceLines(size_t count);
  void PlaceLine(std::span<const char> line, size_t begin, bool sound);
  void MapCuts(std::span<const char> line);
  bool IsPaddingBehind(std::span<const char> line, size_t characters) const;
  std::vector<Reason> LengthReasons(std::span<const char> line, size_t characters) const;
  std::vector<Reason> EncodingReasons(std::span<const char> line) const;
  Reason TooLong() const;
  void AddUnreadable(std::span<const char> line, size_t begin, std::vector<Reason> reasons);
  Place NextPlace(size_t begin);
  void Consume();
  Status SkipLong(size_t from);
  Status SkipRest(size_t from);

  CsvBuffer buffer_;
  const FixedLayout& layout_;
  const FixedText text_;
  const int32_t file_;
  const size_t window_bytes_;
  CsvStructure structure_;
  FixedWindow window_;
  size_t used_ = 0;  // bytes of the buffer's rest that the window covers
  int64_t next_row_ = 1;
  int64_t next_line_ = 1;
};

}  // namespace eclusa
