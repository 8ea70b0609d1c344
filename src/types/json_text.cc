#include "types/json_text.h"

#include <bitset>
#include <optional>

#include "model/binary_value.h"
#include "types/digits.h"

namespace eclusa {
namespace {

// JENTRY_OFFLENMASK of jsonb.h: of a string, and of what a container holds.
constexpr size_t kJsonbBytesMax = 0x0FFFFFFF;

class JsonReader {
 public:
  JsonReader(std::string_view text, JsonKind kind)
      : at_(text.data()), end_(at_ + text.size()), strict_(kind == JsonKind::kJsonb) {}

  Fault Read() {
    while (true) {
      // A value, or the end of an empty array or object.
      SkipSpace();
      if (!BeginValue()) return fault_;
      if (opened_) continue;
      // After a value: close what ends here, or go on to the next.
      while (true) {
        SkipSpace();
        if (depth_ == 0) return at_ == end_ ? Fault::kNone : Fault::kForm;
        if (at_ == end_) return Fault::kForm;
        const char c = *at_++;
        if (c == ',') {
          if (InObject() && !ReadName()) return fault_;
          break;
        }
        if (c != (InObject() ? '}' : ']')) return Fault::kForm;
        --depth_;
      }
    }
  }

 private:
  bool InObject() const { return objects_[static_cast<size_t>(depth_ - 1)]; }
  bool Fail(Fault fault) {
    fault_ = fault;
    return false;
  }

  void SkipSpace() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  // Reads a whole scalar or an empty container, or opens a container whose first value comes next.
  bool BeginValue() {
    opened_ = false;
    if (at_ == end_) return Fail(Fault::kForm);
    switch (*at_) {
      case '{':
        return Open(true);
      case '[':
        return Open(false);
      case '"':
        return ReadString();
      case 't':
        return ReadWord("true");
      case 'f':
        return ReadWord("false");
      case 'n':
        return ReadWord("null");
      default:
        return ReadNumber();
    }
  }

  bool Open(bool object) {
    ++at_;
    SkipSpace();
    if (at_ != end_ && *at_ == (object ? '}' : ']')) {
      ++at_;
      return true;
    }
    if (depth_ == kJsonDepthMax) return Fail(Fault::kOverflow);
    objects_[static_cast<size_t>(depth_++)] = object;
    opened_ = true;
    return !object || ReadName();
  }

  bool ReadName() {
    SkipSpace();
    if (at_ == end_ || *at_ != '"' || !ReadString()) return Fail(fault_);
    SkipSpace();
    if (at_ == end_ || *at_ != ':') return Fail(Fault::kForm);
    ++at_;
    return true;
  }

  bool ReadWord(std::string_view word) {
    if (std::string_view(at_, static_cast<size_t>(end_ - at_)).substr(0, word.size()) != word) {
      return Fail(Fault::kForm);
    }
    at_ += word.size();
    return true;
  }

  bool ReadNumber() {
    const char* const begin = at_;
    if (*at_ == '-') ++at_;
    if (at_ == end_ || !IsDigit(*at_)) return Fail(Fault::kForm);
    if (*at_++ != '0') SkipDigits();
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      if (!SkipDigits()) return Fail(Fault::kForm);
    }
    bool exponent = false;
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      exponent = true;
      ++at_;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      if (!SkipDigits()) return Fail(Fault::kForm);
    }
    const auto size = static_cast<size_t>(at_ - begin);
    if (!strict_ || (!exponent && size <= static_cast<size_t>(kNumericScaleMax))) return true;
    const std::optional<Decimal> number = ParseDecimal({begin, size});
    return number && number->FitsNumeric() ? true : Fail(Fault::kOverflow);
  }

  bool SkipDigits() {
    const char* const begin = at_;
    while (at_ != end_ && IsDigit(*at_)) ++at_;
    return at_ != begin;
  }

  bool ReadString() {
    ++at_;
    while (at_ != end_) {
      const char c = *at_++;
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return Fail(Fault::kForm);
      if (c == '\\' && !ReadEscape()) return false;
    }
    return Fail(Fault::kForm);
  }

  bool ReadEscape() {
    if (at_ == end_) return Fail(Fault::kForm);
    switch (*at_++) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        return true;
      case 'u':
        break;
      default:
        return Fail(Fault::kForm);
    }
    unsigned unit;
    if (!ReadUnit(&unit)) return Fail(Fault::kForm);
    if (!strict_) return true;
    if (unit == 0) return Fail(Fault::kNul);
    if (unit < 0xD800 || unit > 0xDFFF) return true;
    unsigned low = 0;
    const bool pair = unit < 0xDC00 && end_ - at_ >= 2 && at_[0] == '\\' && at_[1] == 'u';
    if (pair) at_ += 2;
    return pair && ReadUnit(&low) && low >= 0xDC00 && low <= 0xDFFF ? true : Fail(Fault::kForm);
  }

  bool ReadUnit(unsigned* unit) {
    if (end_ - at_ < 4) return false;
    *unit = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = *at_++;
      const char lower = static_cast<char>(c | 0x20);
      if (IsDigit(c)) {
        *unit = *unit << 4 | static_cast<unsigned>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        *unit = *unit << 4 | static_cast<unsigned>(lower - 'a' + 10);
      } else {
        return false;
      }
    }
    return true;
  }

  const char* at_;
  const char* end_;
  bool strict_;
  bool opened_ = false;
  Fault fault_ = Fault::kForm;
  int depth_ = 0;
  std::bitset<kJsonDepthMax> objects_;  // by depth: an object, not an array
};

}  // namespace

Fault CheckJson(std::string_view text, JsonKind kind) {
  if (kind == JsonKind::kJsonb && text.size() > kJsonbBytesMax) return Fault::kTooLong;
  return JsonReader(text, kind).Read();
}

}  // namespace eclusa
