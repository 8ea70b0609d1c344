// FixedLines: finds the lines of a fixed width file, one window after the other, with their places.
//
// A window is a piece of the text, its sound lines, and the lines in it that could not be read. How
// lines fail is said in fixed_source.h. Ownership: owns the buffer; a window is valid until the
// next Read. Threads: one at a time. Memory: a block, or the longest line. Does NOT copy values.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "formats/csv_buffer.h"
#include "formats/csv_dialect.h"
#include "formats/csv_structure.h"
#include "formats/fixed_layout.h"
#include "formats/text_rows.h"

namespace eclusa {

// The lines of a window, as many as its places.
struct FixedWindow {
  struct Line {
    uint32_t begin;
    uint32_t length;
  };
  std::vector<Line> lines;
  // Where a character may have several bytes: for each line, for each of the layout's cuts, its
  // byte in the line (at most the line's length). Empty: a character is a byte.
  std::vector<uint32_t> cuts;
  bool has_non_ascii = false;
};

struct FixedText {
  TextHead head;
  std::string line_end = "\n";  // of the first line
  char padding = ' ';
  int64_t row_bytes_max = 0;
  std::vector<size_t> wanted;  // of the layout's columns
};

class FixedLines : public TextRows {
 public:
  FixedLines(CsvBuffer buffer, std::unique_ptr<const FixedLayout> layout, FixedText text,
             int32_t file, size_t window_bytes);

  // Passes over a line that is no row.
  Status SkipLine();
  // Finds the next lines. False: the file is at its end.
  Result<bool> Read();

  const FixedWindow& window() const { return window_; }
  const FixedText& text() const { return text_; }
  const FixedLayout& layout() const { return *layout_; }

 private:
  bool IsUtf8() const { return text_.head.encoding == TextEncoding::kUtf8; }

  void PlaceLines(size_t count);
  void PlaceLine(std::span<const char> line, size_t begin, bool sound);
  void MapCuts(std::span<const char> line);
  bool IsPaddingBehind(std::span<const char> line, size_t characters) const;
  std::vector<Reason> LengthReasons(std::span<const char> line, size_t characters) const;
  std::vector<Reason> EncodingReasons(std::span<const char> line) const;

  std::unique_ptr<const FixedLayout> layout_;
  const FixedText text_;
  const size_t window_bytes_;
  FixedWindow window_;
};

}  // namespace eclusa
