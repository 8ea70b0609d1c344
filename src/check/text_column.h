// TextColumn: the texts of one column of one batch, before their type matters.
//
// Points into the Arrow array where nothing has to be changed, else into bytes of its own. Reading
// decides what is null (markers, empty texts where the dialect says so), changes what the
// contract's words allow (trim, upper, unaccent, emptyAsNull), and finds bytes that are no UTF-8
// and U+0000: over the whole column at once, and row by row only where that finds something.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "check/column_plan.h"

namespace arrow {
class Array;
}

namespace eclusa {

// MaxAllocSize of PostgreSQL less the head of a value.
inline constexpr size_t kValueBytesMax = 0x3fffffff - 64;

struct TextColumn {
  int64_t rows = 0;
  const int32_t* offsets = nullptr;  // rows + 1
  const char* data = nullptr;
  std::shared_ptr<const void> owner;  // keeps both

  std::string_view operator[](int64_t row) const {
    return {data + offsets[row], static_cast<size_t>(offsets[row + 1] - offsets[row])};
  }
  std::string_view AllBytes() const {
    return {data + offsets[0], static_cast<size_t>(offsets[rows] - offsets[0])};
  }
};

// Texts that are made here, one row after the other.
class TextColumnBuilder {
 public:
  explicit TextColumnBuilder(int64_t rows);
  // False: more than a column can hold; an empty text stands in its place.
  bool Append(std::string_view text);
  TextColumn Finish() &&;

 private:
  struct Bytes {
    std::vector<int32_t> offsets{0};
    std::string data;
  };
  std::shared_ptr<Bytes> bytes_;
};

// Whether ReadTexts can read the array: utf8, binary, and what RenderTexts knows.
bool IsText(const arrow::Array& array);

// The texts of a utf8 or binary array of any width, as they are. Nulls become kNull. `run` takes
// the failure of values that are too long to be held.
TextColumn ViewTexts(const std::shared_ptr<arrow::Array>& array, ColumnRun& run);

// Decides nulls and makes the allowed changes.
TextColumn ReadTexts(TextColumn texts, ColumnRun& run);

// Fails the rows that are not valid UTF-8 or contain U+0000. Returns whether all bytes are ASCII.
bool CheckEncoding(const TextColumn& texts, ColumnRun& run);

// Row by row the texts of all columns, joined; nulls are left out, only nulls make a null.
struct JoinPart {
  TextColumn texts;
  std::vector<uint8_t> states;  // empty: all values
};
TextColumn JoinTexts(const std::vector<JoinPart>& parts, std::string_view separator,
                     ColumnRun& run);

}  // namespace eclusa
