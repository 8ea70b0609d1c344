// DeriveTable: one table's part of a derived contract, and what all of them begin with. Inside of
// contract/derive.
#pragma once

#include <string>
#include <vector>

#include "contract/contract.h"
#include "core/result.h"
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

// A contract without columns.
Contract DraftContract(const std::string& dataset);
// 1-based place of a column in the key; 0: not of it.
int KeyPosition(const std::vector<std::string>& key, const std::string& column);
Error UnknownKey(const std::string& column, const std::string& table, std::string columns);

}  // namespace eclusa
