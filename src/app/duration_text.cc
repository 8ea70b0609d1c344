#include "app/duration_text.h"

#include <fmt/format.h>

namespace eclusa {

std::string SecondsText(int64_t milliseconds, Language language) {
  std::string text = fmt::format("{:.1f} s", static_cast<double>(milliseconds) / 1000);
  if (language == Language::kPortuguese) text.replace(text.find('.'), 1, ",");
  return text;
}

std::string DurationText(int64_t milliseconds, Language language) {
  if (milliseconds < 1000) return fmt::format("{} ms", milliseconds);
  if (milliseconds < 60'000) return SecondsText(milliseconds, language);
  const int64_t seconds = milliseconds / 1000;
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min", seconds / 3600, seconds / 60 % 60);
}

}  // namespace eclusa
