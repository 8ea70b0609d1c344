#include "model/pg_type.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "core/check.h"

namespace eclusa {
namespace {

struct TypeName {
  std::string_view spelling;  // lower case, single spaces, without limits
  TypeKind kind;
  std::string_view name;  // as format_type prints it, without limits
};

// Spellings of PostgreSQL 15 manual, table 8.1, and the internal names of pg_type.
constexpr TypeName kTypeNames[] = {
    {"boolean", TypeKind::kBoolean, "boolean"},
    {"bool", TypeKind::kBoolean, "boolean"},
    {"smallint", TypeKind::kInt2, "smallint"},
    {"int2", TypeKind::kInt2, "smallint"},
    {"integer", TypeKind::kInt4, "integer"},
    {"int", TypeKind::kInt4, "integer"},
    {"int4", TypeKind::kInt4, "integer"},
    {"bigint", TypeKind::kInt8, "bigint"},
    {"int8", TypeKind::kInt8, "bigint"},
    {"real", TypeKind::kFloat4, "real"},
    {"float4", TypeKind::kFloat4, "real"},
    {"double precision", TypeKind::kFloat8, "double precision"},
    {"float8", TypeKind::kFloat8, "double precision"},
    {"float", TypeKind::kFloat8, "double precision"},
    {"numeric", TypeKind::kNumeric, "numeric"},
    {"decimal", TypeKind::kNumeric, "numeric"},
    {"text", TypeKind::kText, "text"},
    {"character varying", TypeKind::kVarchar, "character varying"},
    {"varchar", TypeKind::kVarchar, "character varying"},
    {"character", TypeKind::kBpchar, "character"},
    {"char", TypeKind::kBpchar, "character"},
    {"bpchar", TypeKind::kBpchar, "bpchar"},
    {"citext", TypeKind::kCitext, "citext"},
    {"bytea", TypeKind::kBytea, "bytea"},
    {"date", TypeKind::kDate, "date"},
    {"time", TypeKind::kTime, "time without time zone"},
    {"time without time zone", TypeKind::kTime, "time without time zone"},
    {"timestamp", TypeKind::kTimestamp, "timestamp without time zone"},
    {"timestamp without time zone", TypeKind::kTimestamp, "timestamp without time zone"},
    {"timestamptz", TypeKind::kTimestamptz, "timestamp with time zone"},
    {"timestamp with time zone", TypeKind::kTimestamptz, "timestamp with time zone"},
    {"interval", TypeKind::kInterval, "interval"},
    {"uuid", TypeKind::kUuid, "uuid"},
    {"json", TypeKind::kJson, "json"},
    {"jsonb", TypeKind::kJsonb, "jsonb"},
    {"inet", TypeKind::kInet, "inet"},
    {"cidr", TypeKind::kCidr, "cidr"},
};

// Limits of PostgreSQL: character varying up to 10 MiB characters, numeric up to 1000 digits with a
// scale from -1000 to 1000, fractions of a second to the microsecond.
constexpr int32_t kLengthMax = 10485760;
constexpr int32_t kPrecisionMax = 1000;
constexpr int32_t kFractionMax = 6;

// A type's text cut in its parts: timestamp(3) with time zone[] is
// {"timestamp with time zone", {3}, array}.
struct Parts {
  std::string spelling;
  std::vector<int32_t> limits;
  bool array = false;
};

void AppendWord(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == ' ' || c == '\t') {
      if (!out.empty() && out.back() != ' ') out.push_back(' ');
    } else {
      out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
  }
}

std::optional<std::vector<int32_t>> ParseLimits(std::string_view text) {
  std::vector<int32_t> limits;
  while (true) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    int32_t limit = 0;
    const auto [stop, error] = std::from_chars(item.data(), item.data() + item.size(), limit);
    if (error != std::errc() || stop != item.data() + item.size()) return std::nullopt;
    limits.push_back(limit);
    if (comma == text.size()) return limits;
    text.remove_prefix(comma + 1);
  }
}

std::optional<Parts> Split(std::string_view text) {
  Parts parts;
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.ends_with("[]")) {
    parts.array = true;
    text.remove_suffix(2);
  }
  const size_t open = text.find('(');
  AppendWord(text.substr(0, open), parts.spelling);
  if (open != text.npos) {
    const size_t close = text.find(')', open);
    if (close == text.npos) return std::nullopt;
    auto limits = ParseLimits(text.substr(open + 1, close - open - 1));
    if (!limits) return std::nullopt;
    parts.limits = *std::move(limits);
    AppendWord(" ", parts.spelling);
    AppendWord(text.substr(close + 1), parts.spelling);
  }
  const size_t first = parts.spelling.find_first_not_of(' ');
  if (first == parts.spelling.npos) return std::nullopt;
  parts.spelling.erase(0, first);
  parts.spelling.erase(parts.spelling.find_last_not_of(' ') + 1);
  return parts;
}

bool Between(int32_t value, int32_t low, int32_t high) { return low <= value && value <= high; }

// float(1..24) is real, float(25..53) double precision.
bool ApplyFloatDigits(const Parts& parts, PgType& type) {
  if (parts.spelling != "float" || !Between(parts.limits[0], 1, 53)) return false;
  if (parts.limits[0] <= 24) {
    type.kind = TypeKind::kFloat4;
    type.stage_name = "real";
  }
  return true;
}

// Puts the limits into the type. False: not limits that it has.
bool ApplyLimits(const Parts& parts, PgType& type) {
  const std::vector<int32_t>& limits = parts.limits;
  if (limits.empty()) {
    // character alone means character(1).
    if (type.kind == TypeKind::kBpchar && parts.spelling != "bpchar") type.length_max = 1;
    return true;
  }
  switch (type.kind) {
    case TypeKind::kVarchar:
    case TypeKind::kBpchar:
      type.length_max = limits[0];
      return limits.size() == 1 && Between(limits[0], 1, kLengthMax);
    case TypeKind::kNumeric:
      type.precision = limits[0];
      type.scale = limits.size() > 1 ? limits[1] : 0;
      return limits.size() <= 2 && Between(type.precision, 1, kPrecisionMax) &&
             Between(type.scale, -kPrecisionMax, kPrecisionMax);
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
    case TypeKind::kInterval:
      type.fraction_max = limits[0];
      return limits.size() == 1 && Between(limits[0], 0, kFractionMax);
    case TypeKind::kFloat8:
      return limits.size() == 1 && ApplyFloatDigits(parts, type);
    default:
      return false;
  }
}

// The name with its limits, as PostgreSQL's format_type prints it.
std::string NameWithLimits(const PgType& type) {
  std::string limit;
  if (type.length_max >= 0) {
    limit = "(" + std::to_string(type.length_max) + ")";
  } else if (type.precision >= 0) {
    limit = "(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
  } else if (type.fraction_max < kFractionMax) {
    limit = "(" + std::to_string(type.fraction_max) + ")";
  }
  // The limit follows the first word of "timestamp with time zone".
  const bool timed = type.kind == TypeKind::kTime || type.kind == TypeKind::kTimestamp ||
                     type.kind == TypeKind::kTimestamptz;
  const size_t at = timed ? type.stage_name.find(' ') : type.stage_name.size();
  // bpchar(3) is spelled character(3); bpchar alone has no other name.
  if (type.kind == TypeKind::kBpchar && !limit.empty()) return "character" + limit;
  return type.stage_name.substr(0, at) + limit + type.stage_name.substr(at);
}

uint32_t ElementOid(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return 16;
    case TypeKind::kBytea:
      return 17;
    case TypeKind::kInt8:
      return 20;
    case TypeKind::kInt2:
      return 21;
    case TypeKind::kInt4:
      return 23;
    case TypeKind::kText:
      return 25;
    case TypeKind::kJson:
      return 114;
    case TypeKind::kCidr:
      return 650;
    case TypeKind::kFloat4:
      return 700;
    case TypeKind::kFloat8:
      return 701;
    case TypeKind::kInet:
      return 869;
    case TypeKind::kBpchar:
      return 1042;
    case TypeKind::kVarchar:
      return 1043;
    case TypeKind::kDate:
      return 1082;
    case TypeKind::kTime:
      return 1083;
    case TypeKind::kTimestamp:
      return 1114;
    case TypeKind::kTimestamptz:
      return 1184;
    case TypeKind::kInterval:
      return 1186;
    case TypeKind::kNumeric:
      return 1700;
    case TypeKind::kUuid:
      return 2950;
    case TypeKind::kJsonb:
      return 3802;
    default:
      return 0;  // known to the catalog only
  }
}

PgType ArrayOf(PgType element) {
  PgType type;
  type.kind = TypeKind::kArray;
  type.name = element.name + "[]";
  type.stage_name = element.stage_name + "[]";
  type.element_oid = ElementOid(element.kind);
  type.element = std::make_shared<const PgType>(std::move(element));
  return type;
}

}  // namespace

bool IsTextKind(TypeKind kind) {
  switch (kind) {
    case TypeKind::kText:
    case TypeKind::kVarchar:
    case TypeKind::kBpchar:
    case TypeKind::kCitext:
    case TypeKind::kJson:
    case TypeKind::kJsonb:
    case TypeKind::kEnum:
      return true;
    default:
      return false;
  }
}

int FixedWidth(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return 1;
    case TypeKind::kInt2:
      return 2;
    case TypeKind::kInt4:
    case TypeKind::kFloat4:
    case TypeKind::kDate:
      return 4;
    case TypeKind::kInt8:
    case TypeKind::kFloat8:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      return 8;
    case TypeKind::kInterval:
    case TypeKind::kUuid:
      return 16;
    default:
      return 0;
  }
}

std::optional<PgType> ParseTypeName(std::string_view name) {
  const std::optional<Parts> parts = Split(name);
  if (!parts) return std::nullopt;
  const auto* const known = std::ranges::find(kTypeNames, parts->spelling, &TypeName::spelling);
  if (known == std::end(kTypeNames)) return std::nullopt;
  PgType type;
  type.kind = known->kind;
  type.stage_name = known->name;
  if (!ApplyLimits(*parts, type)) return std::nullopt;
  type.name = NameWithLimits(type);
  // A stage column has no limits, and "character" alone would have one.
  if (type.kind == TypeKind::kBpchar) type.stage_name = "bpchar";
  return parts->array ? ArrayOf(std::move(type)) : type;
}

}  // namespace eclusa
