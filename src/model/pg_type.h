// A PostgreSQL type as the load needs it: what kind of value it holds, and its limits.
//
// Values; no I/O. Filled from the catalog by pg/catalog.h, or from a contract's physicalType by
// ParseTypeName. Source of the kinds and limits: PostgreSQL 15 manual, chapter 8.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eclusa {

enum class TypeKind : uint8_t {
  kBoolean,
  kInt2,
  kInt4,
  kInt8,
  kFloat4,
  kFloat8,
  kNumeric,
  kText,
  kVarchar,
  kBpchar,  // char(n)
  kCitext,
  kBytea,
  kDate,
  kTime,
  kTimestamp,
  kTimestamptz,
  kInterval,
  kUuid,
  kJson,
  kJsonb,
  kInet,
  kCidr,
  kEnum,
  kArray,
  kUnsupported,  // refused by name when a column of it is bound
};

// A domain: its base type is what PgType describes; this is what the domain adds.
struct DomainConstraints {
  struct Check {
    std::string name;
    std::string expression;  // as pg_get_expr prints it, over VALUE
    bool immutable = false;
  };
  std::string name;  // schema-qualified and quoted
  bool not_null = false;
  std::vector<Check> checks;
};

struct PgType {
  TypeKind kind = TypeKind::kUnsupported;
  // As SQL writes it, limits included, for casts and messages: numeric(14,2), "my schema".mood
  std::string name;
  // The stage column's type: the base type without limits or domain: numeric, text, "my
  // schema".mood
  std::string stage_name;
  int32_t length_max = -1;   // kVarchar, kBpchar: characters; -1: no limit
  int32_t precision = -1;    // kNumeric: digits in all; -1: unbounded
  int32_t scale = 0;         // kNumeric with a precision: digits after the point; may be negative
  int32_t fraction_max = 6;  // kTime, kTimestamp, kTimestamptz, kInterval: digits of a second
  std::vector<std::string> enum_labels;
  uint32_t element_oid = 0;                 // kArray
  std::shared_ptr<const PgType> element;    // kArray: of its elements
  std::optional<DomainConstraints> domain;  // outermost first, all levels in one list
};

// Kinds whose values are UTF-8 text in a TypedColumn.
bool IsTextKind(TypeKind kind);

// The width of a value in a TypedColumn in bytes, or 0 where values are of varying length.
int FixedWidth(TypeKind kind);

// Reads a type as SQL or a contract's physicalType writes it ("varchar(150)", "numeric(14,2)",
// "integer[]", "timestamp with time zone"). Nothing: not a type that this program knows (enums and
// domains are known to the catalog only).
std::optional<PgType> ParseTypeName(std::string_view name);

}  // namespace eclusa
