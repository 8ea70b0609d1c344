#include "model/load_options.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace eclusa {
namespace {

constexpr std::array<std::string_view, 6> kModes = {"upsert", "insert", "append",
                                                    "delete", "mixed",  "replace"};
constexpr std::array<std::string_view, 4> kPaddingSides = {"both", "left", "right", "none"};
constexpr std::array<std::string_view, 4> kDuplicates = {"last", "first", "highest_version",
                                                         "reject"};

template <class Enum, size_t kCount>
std::optional<Enum> ParseName(const std::array<std::string_view, kCount>& names,
                              std::string_view text) {
  for (size_t i = 0; i < kCount; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// The whole text as a number; nothing where anything is left over.
template <class Number>
std::optional<Number> ParseWhole(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace

std::string_view Name(Mode mode) { return kModes[static_cast<size_t>(mode)]; }

std::string_view Name(Duplicates duplicates) {
  return kDuplicates[static_cast<size_t>(duplicates)];
}

std::string_view Name(PaddingSide side) { return kPaddingSides[static_cast<size_t>(side)]; }

std::optional<Mode> ParseMode(std::string_view text) { return ParseName<Mode>(kModes, text); }

std::optional<Duplicates> ParseDuplicates(std::string_view text) {
  return ParseName<Duplicates>(kDuplicates, text);
}

std::optional<PaddingSide> ParsePaddingSide(std::string_view text) {
  return ParseName<PaddingSide>(kPaddingSides, text);
}

std::optional<Tolerance> ParseTolerance(std::string_view text) {
  Tolerance tolerance;
  if (text.ends_with('%')) {
    tolerance.percent = ParseWhole<double>(text.substr(0, text.size() - 1));
    // Written so that NaN fails too.
    if (!tolerance.percent || !(*tolerance.percent >= 0 && *tolerance.percent <= 100)) {
      return std::nullopt;
    }
  } else {
    tolerance.rows = ParseWhole<int64_t>(text);
    if (!tolerance.rows || *tolerance.rows < 0) return std::nullopt;
  }
  return tolerance;
}

std::optional<FilterTerm> ParseFilterTerm(std::string_view text) {
  constexpr std::string_view kOperators[] = {"<>", "<=", ">=", "=", "<", ">"};  // longest first
  const size_t at = text.find_first_of("<>=");
  if (at == text.npos) return std::nullopt;
  for (const std::string_view op : kOperators) {
    if (!text.substr(at).starts_with(op)) continue;
    FilterTerm term{std::string(Trim(text.substr(0, at))), std::string(op),
                    std::string(Trim(text.substr(at + op.size())))};
    if (term.column.empty()) return std::nullopt;
    return term;
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> ParseJsonPointer(std::string_view pointer) {
  std::vector<std::string> tokens;
  while (!pointer.empty()) {
    if (pointer[0] != '/') return std::nullopt;
    const size_t end = std::min(pointer.find('/', 1), pointer.size());
    std::string token;
    for (size_t i = 1; i < end; ++i) {
      if (pointer[i] != '~') {
        token += pointer[i];
        continue;
      }
      if (++i == end || (pointer[i] != '0' && pointer[i] != '1')) return std::nullopt;
      token += pointer[i] == '0' ? '~' : '/';
    }
    tokens.push_back(std::move(token));
    pointer.remove_prefix(end);
  }
  return tokens;
}

}  // namespace eclusa
