// CatalogTypes: the types of a table's columns as PgType, from the rows of sql/read_types.sql.
//
// Part of catalog.cc. A domain becomes its base type with the domain's constraints added, outermost
// first; the checks are given afterwards, because they need the domains' oids to be read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/pg_type.h"
#include "pg/connection.h"

namespace eclusa {

class CatalogTypes {
 public:
  // `rows`: of sql/read_types.sql.
  explicit CatalogTypes(const QueryResult& rows);

  // The oids of all domains among them.
  std::vector<uint32_t> Domains() const;
  void AddCheck(uint32_t domain, DomainConstraints::Check check);

  // The type of a column or an element, by pg_attribute's atttypid and atttypmod.
  PgType Build(uint32_t oid, int32_t typmod) const;

 private:
  struct Row {
    char type = 'b';           // pg_type.typtype
    std::string type_name;     // pg_type.typname
    std::string name;          // with the limits of the typmod
    std::string stage_name;    // without
    std::string qualified;     // quoted
    uint32_t base = 0;         // of a domain
    int32_t base_typmod = -1;  // of a domain
    bool not_null = false;     // of a domain
    uint32_t element = 0;      // of an array
    std::vector<std::string> labels;
  };

  const Row* Find(uint32_t oid, int32_t typmod) const;
  PgType BuildDomain(uint32_t oid, const Row& row) const;
  void FillArray(const Row& row, int32_t typmod, PgType* type) const;
  // Below all domains.
  uint32_t BaseOf(uint32_t oid) const;

  std::map<std::pair<uint32_t, int32_t>, Row> rows_;
  std::map<uint32_t, std::vector<DomainConstraints::Check>> checks_;
};

}  // namespace eclusa
