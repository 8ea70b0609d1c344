#include "failures/copy_text.h"

namespace eclusa {

void CopyText::Separate() {
  if (in_row_) rows_ += '\t';
  in_row_ = true;
}

void CopyText::Int(int64_t value) {
  Separate();
  rows_ += std::to_string(value);
}

void CopyText::OptionalInt(std::optional<int64_t> value) {
  if (value) {
    Int(*value);
  } else {
    Null();
  }
}

void CopyText::Null() {
  Separate();
  rows_ += "\\N";
}

void CopyText::Text(std::string_view text) {
  Separate();
  for (const char c : text) {
    switch (c) {
      case '\\':
        rows_ += "\\\\";
        break;
      case '\t':
        rows_ += "\\t";
        break;
      case '\n':
        rows_ += "\\n";
        break;
      case '\r':
        rows_ += "\\r";
        break;
      default:
        rows_ += c;
    }
  }
}

void CopyText::Bytes(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  Separate();
  rows_.reserve(rows_.size() + 2 * bytes.size() + 3);
  rows_ += "\\\\x";
  for (const char c : bytes) {
    rows_ += kDigits[static_cast<uint8_t>(c) >> 4];
    rows_ += kDigits[static_cast<uint8_t>(c) & 15];
  }
}

void CopyText::EndRow() {
  rows_ += '\n';
  in_row_ = false;
}

}  // namespace eclusa
