#include "pg/catalog_types.h"

#include <algorithm>
#include <memory>

#include "pg/text_array.h"

namespace eclusa {
namespace {

// Oids of built-in types are constants of PostgreSQL (src/include/catalog/pg_type.dat).
struct BuiltIn {
  uint32_t oid;
  TypeKind kind;
};
constexpr BuiltIn kBuiltIns[] = {
    {16, TypeKind::kBoolean},     {17, TypeKind::kBytea},         {20, TypeKind::kInt8},
    {21, TypeKind::kInt2},        {23, TypeKind::kInt4},          {25, TypeKind::kText},
    {114, TypeKind::kJson},       {650, TypeKind::kCidr},         {700, TypeKind::kFloat4},
    {701, TypeKind::kFloat8},     {869, TypeKind::kInet},         {1042, TypeKind::kBpchar},
    {1043, TypeKind::kVarchar},   {1082, TypeKind::kDate},        {1083, TypeKind::kTime},
    {1114, TypeKind::kTimestamp}, {1184, TypeKind::kTimestamptz}, {1186, TypeKind::kInterval},
    {1700, TypeKind::kNumeric},   {2950, TypeKind::kUuid},        {3802, TypeKind::kJsonb},
};

// VARHDRSZ: the typmods of texts and numerics count it.
constexpr int32_t kHeaderBytes = 4;
constexpr int32_t kIntervalFullRange = 0x7FFF;
constexpr int32_t kIntervalFullPrecision = 0xFFFF;

// Applies a typmod; false: one whose effect PgType cannot say (interval day to hour).
bool ApplyTypmod(int32_t typmod, PgType* type) {
  if (typmod < 0) return true;
  switch (type->kind) {
    case TypeKind::kVarchar:
    case TypeKind::kBpchar:
      type->length_max = typmod - kHeaderBytes;
      return true;
    case TypeKind::kNumeric: {
      const int32_t packed = typmod - kHeaderBytes;
      type->precision = (packed >> 16) & 0xFFFF;
      type->scale = ((packed & 0x7FF) ^ 1024) - 1024;  // eleven bits with a sign
      return true;
    }
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      type->fraction_max = typmod;
      return true;
    case TypeKind::kInterval:
      if ((typmod & kIntervalFullPrecision) != kIntervalFullPrecision) {
        type->fraction_max = typmod & kIntervalFullPrecision;
      }
      return ((typmod >> 16) & kIntervalFullRange) == kIntervalFullRange;
    default:
      return true;
  }
}

}  // namespace

CatalogTypes::CatalogTypes(const QueryResult& rows) {
  for (int i = 0; i < rows.rows(); ++i) {
    Row row;
    row.type = rows.Text(i, 2)[0];
    row.type_name = rows.Text(i, 3);
    row.name = rows.Text(i, 4);
    row.stage_name = rows.Text(i, 5);
    row.qualified = rows.Text(i, 6);
    row.base = static_cast<uint32_t>(rows.Int(i, 7));
    row.base_typmod = static_cast<int32_t>(rows.Int(i, 8));
    row.not_null = rows.Bool(i, 9);
    row.element = static_cast<uint32_t>(rows.Int(i, 10));
    row.labels = ParseTextArray(rows.Text(i, 11));
    rows_[{static_cast<uint32_t>(rows.Int(i, 0)), static_cast<int32_t>(rows.Int(i, 1))}] =
        std::move(row);
  }
}

std::vector<uint32_t> CatalogTypes::Domains() const {
  std::vector<uint32_t> domains;
  for (const auto& [key, row] : rows_) {
    if (row.type == 'd' && (domains.empty() || domains.back() != key.first)) {
      domains.push_back(key.first);
    }
  }
  return domains;
}

void CatalogTypes::AddCheck(uint32_t domain, DomainConstraints::Check check) {
  checks_[domain].push_back(std::move(check));
}

const CatalogTypes::Row* CatalogTypes::Find(uint32_t oid, int32_t typmod) const {
  const auto found = rows_.find({oid, typmod});
  return found == rows_.end() ? nullptr : &found->second;
}

PgType CatalogTypes::Build(uint32_t oid, int32_t typmod) const {
  PgType type;
  const Row* row = Find(oid, typmod);
  if (row == nullptr) return type;  // dropped between two statements: the fingerprint tells
  if (row->type == 'd') return BuildDomain(oid, *row);
  type.name = row->name;
  type.stage_name = row->stage_name;
  if (row->type == 'e') {
    type.kind = TypeKind::kEnum;
    type.enum_labels = row->labels;
    return type;
  }
  if (row->element != 0) {
    FillArray(*row, typmod, &type);
    return type;
  }
  for (const BuiltIn& known : kBuiltIns) {
    if (known.oid == oid) type.kind = known.kind;
  }
  // An extension's type has no fixed oid; citext has the name to itself.
  if (row->type == 'b' && row->type_name == "citext") type.kind = TypeKind::kCitext;
  if (!ApplyTypmod(typmod, &type)) type.kind = TypeKind::kUnsupported;
  return type;
}

PgType CatalogTypes::BuildDomain(uint32_t oid, const Row& row) const {
  PgType type = Build(row.base, row.base_typmod);
  DomainConstraints domain;
  domain.name = row.qualified;
  domain.not_null = row.not_null;
  if (const auto own = checks_.find(oid); own != checks_.end()) domain.checks = own->second;
  if (type.domain) {
    domain.not_null |= type.domain->not_null;
    std::move(type.domain->checks.begin(), type.domain->checks.end(),
              std::back_inserter(domain.checks));
  }
  type.domain = std::move(domain);
  return type;
}

// Elements of a domain are staged as the base type's: array_recv wants the element's oid, and a
// cast of the array then checks the domain.
void CatalogTypes::FillArray(const Row& row, int32_t typmod, PgType* type) const {
  auto element = std::make_shared<PgType>(Build(row.element, typmod));
  if (element->kind != TypeKind::kUnsupported && element->kind != TypeKind::kArray) {
    type->kind = TypeKind::kArray;
    type->stage_name = element->stage_name + "[]";
    type->element_oid = BaseOf(row.element);
  }
  type->element = std::move(element);
}

uint32_t CatalogTypes::BaseOf(uint32_t oid) const {
  for (const auto& [key, row] : rows_) {
    if (key.first == oid && row.type == 'd') return BaseOf(row.base);
  }
  return oid;
}

}  // namespace eclusa
