#include "dispatch/hint.h"

#include <charconv>

namespace eclusa {
namespace {

template <class Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || number < 0) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::string TextOf(const ReadyHint& hint) {
  std::string text = std::to_string(hint.job_id);
  if (hint.part) text += "/" + std::to_string(*hint.part);
  return text;
}

std::optional<ReadyHint> ParseHint(std::string_view text) {
  const size_t slash = text.find('/');
  const auto job = ParseNumber<int64_t>(text.substr(0, slash));
  if (!job) return std::nullopt;
  if (slash == std::string_view::npos) return ReadyHint{.job_id = *job};
  const auto part = ParseNumber<int32_t>(text.substr(slash + 1));
  if (!part) return std::nullopt;
  return ReadyHint{.job_id = *job, .part = part};
}

}  // namespace eclusa
