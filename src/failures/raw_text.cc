#include "failures/raw_text.h"

#include <array>
#include <cstdint>

#include "control/error_json.h"

namespace eclusa {
namespace {

// 0x80 to 0x9F of Windows-1252.
constexpr std::array<uint16_t, 32> kWindows1252 = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

void AppendUtf8(uint16_t point, std::string* text) {
  if (point < 0x80) {
    *text += static_cast<char>(point);
  } else if (point < 0x800) {
    *text += static_cast<char>(0xC0 | (point >> 6));
    *text += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    *text += static_cast<char>(0xE0 | (point >> 12));
    *text += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    *text += static_cast<char>(0x80 | (point & 0x3F));
  }
}

}  // namespace

std::string RawText(std::string_view raw, std::string_view encoding) {
  const bool windows = encoding == "windows-1252";
  if (!windows && encoding != "iso-8859-1") return FitText(raw);
  std::string text;
  for (const char c : raw) {
    const auto byte = static_cast<uint8_t>(c);
    AppendUtf8(windows && byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte, &text);
  }
  return FitText(text);
}

}  // namespace eclusa
