// ContractFields: a contract's properties as a tree of the document's own names.
//
// A field of the file belongs to the property whose name it has, else one of its other names
// (`from`), else its column's; then the same whatever the case of ASCII letters, as a load binds
// them. Ownership: points into the contract, which must outlive it. Immutable after Make.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"

namespace eclusa {

struct ContractField {
  std::vector<std::string> names;
  const Property* property = nullptr;  // null: an object or a list of objects
  bool list = false;
  std::vector<ContractField> children;

  bool nested() const { return property == nullptr; }
};

std::vector<ContractField> ContractFields(const Contract& contract);

// Null: none has this name.
const ContractField* FindField(const std::vector<ContractField>* fields, std::string_view name);

}  // namespace eclusa
