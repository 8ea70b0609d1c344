#include "contract/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace eclusa {
namespace {

constexpr std::string_view kLogicalTypes[] = {"string",  "date",    "timestamp", "time", "number",
                                              "integer", "boolean", "object",    "array"};
constexpr std::string_view kFormats[] = {"",    "uuid", "email", "cpf", "cnpj", "cpf_or_cnpj",
                                         "cep", "uf",   "ibge"};
constexpr std::string_view kRules[] = {
    "required",         "minLength",        "maxLength",  "pattern",     "minimum",       "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "validValues", "missingValues", "format"};

template <class Enum, size_t kCount>
std::optional<Enum> Parse(const std::string_view (&names)[kCount], std::string_view text) {
  const auto* const found = std::ranges::find(names, text);
  if (text.empty() || found == std::end(names)) return std::nullopt;
  return static_cast<Enum>(found - names);
}

// NAMEDATALEN - 1.
constexpr size_t kNameBytesMax = 63;

// One part of a name from the front of `text`.
std::optional<std::string> TakePart(std::string_view& text) {
  std::string part;
  if (text.starts_with('"')) {
    size_t at = 1;
    for (;; ++at) {
      if (at >= text.size()) return std::nullopt;
      if (text[at] == '"') {
        if (at + 1 >= text.size() || text[at + 1] != '"') break;
        ++at;
      }
      part += text[at];
    }
    text.remove_prefix(at + 1);
  } else {
    const size_t dot = std::min(text.find('.'), text.size());
    for (const char c : text.substr(0, dot)) {
      if (c == '"' || c == ' ') return std::nullopt;
      part += 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    text.remove_prefix(dot);
  }
  if (part.empty() || part.size() > kNameBytesMax) return std::nullopt;
  return part;
}

std::string WritePart(const std::string& part) {
  std::string_view rest = part;
  const auto read = TakePart(rest);
  if (read && *read == part && rest.empty() && !part.starts_with('"')) return part;
  std::string out = "\"";
  for (const char c : part) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

struct Decimal {
  bool negative;
  std::string_view whole;     // without leading zeros
  std::string_view fraction;  // without trailing zeros
};

Decimal SplitDecimal(std::string_view text) {
  Decimal decimal{text.starts_with('-'), {}, {}};
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  decimal.whole = text.substr(0, point);
  decimal.fraction = text.substr(std::min(point + 1, text.size()));
  while (decimal.whole.starts_with('0')) decimal.whole.remove_prefix(1);
  while (decimal.fraction.ends_with('0')) decimal.fraction.remove_suffix(1);
  if (decimal.whole.empty() && decimal.fraction.empty()) decimal.negative = false;
  return decimal;
}

}  // namespace

std::string_view Name(LogicalType type) { return kLogicalTypes[static_cast<size_t>(type)]; }
std::optional<LogicalType> ParseLogicalType(std::string_view text) {
  return Parse<LogicalType>(kLogicalTypes, text);
}

std::string_view Name(DocumentFormat format) { return kFormats[static_cast<size_t>(format)]; }
std::optional<DocumentFormat> ParseDocumentFormat(std::string_view text) {
  return Parse<DocumentFormat>(kFormats, text);
}

std::string_view Name(Rule::Kind kind) {
  static_assert(std::size(kRules) == static_cast<size_t>(Rule::Kind::kFormat) + 1);
  // kInList and kNotInList are told by the argument that makes them.
  return kRules[static_cast<size_t>(kind)];
}

std::optional<TableName> ReadTableName(std::string_view text) {
  const auto first = TakePart(text);
  if (!first) return std::nullopt;
  if (text.empty()) return TableName{"", *first};
  if (!text.starts_with('.')) return std::nullopt;
  text.remove_prefix(1);
  const auto second = TakePart(text);
  if (!second || !text.empty()) return std::nullopt;
  return TableName{*first, *second};
}

std::string WriteTableName(const TableName& name) {
  return name.schema.empty() ? WritePart(name.name)
                             : WritePart(name.schema) + "." + WritePart(name.name);
}

bool IsDecimal(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  const auto digits = [](std::string_view part) {
    return std::ranges::all_of(part, [](char c) { return '0' <= c && c <= '9'; });
  };
  return text.size() <= 1000 && point > 0 && digits(text.substr(0, point)) && digits(fraction) &&
         (point == text.size() || !fraction.empty());
}

int CompareDecimals(std::string_view left, std::string_view right) {
  const Decimal a = SplitDecimal(left);
  const Decimal b = SplitDecimal(right);
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  int order = 0;
  if (a.whole.size() != b.whole.size()) {
    order = a.whole.size() < b.whole.size() ? -1 : 1;
  } else if (a.whole != b.whole) {
    order = a.whole < b.whole ? -1 : 1;
  } else if (a.fraction != b.fraction) {
    order = a.fraction < b.fraction ? -1 : 1;
  }
  return a.negative ? -order : order;
}

std::string WriteTolerance(const Tolerance& tolerance) {
  if (tolerance.rows) return std::to_string(*tolerance.rows);
  return tolerance.percent ? fmt::format("{}%", *tolerance.percent) : "unlimited";
}

}  // namespace eclusa
