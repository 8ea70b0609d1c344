#include "types/array_text.h"

#include "types/scalar.h"

namespace eclusa {
namespace {

// MaxArraySize of array.h, for elements of pointer size.
constexpr int32_t kElementsMax = 0x3fffffff / 8;

class ArrayReader {
 public:
  ArrayReader(std::string_view text, ArrayElements& elements) : text_(text), elements_(elements) {}

  bool Read(int32_t* count) {
    if (text_.size() < 2 || text_.front() != '{' || text_.back() != '}') return false;
    text_ = text_.substr(1, text_.size() - 2);
    *count = 0;
    if (text_.empty()) return true;
    while (true) {
      if (*count == kElementsMax) return false;
      const bool read = at_ < text_.size() && text_[at_] == '"' ? ReadQuoted() : ReadPlain();
      if (!read) return false;
      elements_.offsets.push_back(static_cast<int32_t>(elements_.data.size()));
      ++*count;
      if (at_ == text_.size()) return true;
      if (text_[at_++] != ',') return false;
    }
  }

 private:
  bool ReadQuoted() {
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        elements_.nulls.push_back(0);
        return true;
      }
      if (c == '\\') {
        if (++at_ == text_.size()) return false;
        c = text_[at_];
        if (c != '"' && c != '\\') return false;
      }
      elements_.data.push_back(c);
    }
    return false;
  }

  bool ReadPlain() {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',') {
      const char c = text_[at_];
      if (c == '"' || c == '{' || c == '}' || c == '\\') return false;
      ++at_;
    }
    const std::string_view element = text_.substr(begin, at_ - begin);
    if (element.empty() || IsSpace(element.front()) || IsSpace(element.back())) return false;
    const bool null = EqualsIgnoringCase(element, "null");
    elements_.nulls.push_back(null ? 1 : 0);
    if (!null) elements_.data.insert(elements_.data.end(), element.begin(), element.end());
    return true;
  }

  static bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

  std::string_view text_;
  ArrayElements& elements_;
  size_t at_ = 0;
};

}  // namespace

Fault SplitArray(std::string_view text, ArrayElements& elements, int32_t* count) {
  const size_t offsets = elements.offsets.size();
  const size_t data = elements.data.size();
  const size_t nulls = elements.nulls.size();
  if (ArrayReader(text, elements).Read(count)) return Fault::kNone;
  elements.offsets.resize(offsets);
  elements.data.resize(data);
  elements.nulls.resize(nulls);
  return Fault::kForm;
}

}  // namespace eclusa
