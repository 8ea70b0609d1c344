// DeriveTable: one table's part of a derived contract. Inside of contract/derive.
#pragma once

#include <string>
#include <vector>

#include "contract/contract.h"
#include "model/table.h"

namespace eclusa {

struct DerivedPart {
  std::vector<std::string> key;     // columns
  std::vector<std::string> filled;  // columns that are no properties
  std::string tie;                  // foreign key that `filled` stands for; empty: none
};

// Fills in target, description, properties and references.
void DeriveTable(const TableDescription& table, const DerivedPart& part, Contract& contract);

std::vector<std::string> PrimaryKeyOf(const TableDescription& table);

}  // namespace eclusa
