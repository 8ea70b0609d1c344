#include "convert/contract_fields.h"

#include <algorithm>

#include "types/scalar.h"

namespace eclusa {
namespace {

// The members of the object that stands at the path, which is made where it is wanting.
std::vector<ContractField>& Inside(const std::vector<std::string>& path,
                                   std::vector<ContractField>& fields) {
  std::vector<ContractField>* level = &fields;
  for (const std::string& name : path) {
    auto object = std::ranges::find_if(*level, [&](const ContractField& field) {
      return field.nested() && !field.list && field.names.front() == name;
    });
    if (object == level->end()) {
      level->push_back({.names = {name}, .children = {}});
      object = level->end() - 1;
    }
    level = &object->children;
  }
  return *level;
}

std::vector<std::string> NamesOf(const Property& property) {
  std::vector<std::string> names{property.name};
  names.insert(names.end(), property.from.begin(), property.from.end());
  names.push_back(property.column);
  return names;
}

}  // namespace

std::vector<ContractField> ContractFields(const Contract& contract) {
  std::vector<ContractField> fields;
  for (const Property& property : contract.properties) {
    if (property.constant) continue;
    Inside(property.inside, fields)
        .push_back({.names = NamesOf(property), .property = &property, .children = {}});
  }
  for (const ChildDataset& child : contract.children) {
    ContractField list{.names = {child.name}, .list = true, .children = {}};
    list.names.insert(list.names.end(), child.from.begin(), child.from.end());
    list.children = ContractFields(child.dataset);
    Inside(child.inside, fields).push_back(std::move(list));
  }
  return fields;
}

const ContractField* FindField(const std::vector<ContractField>* fields, std::string_view name) {
  if (fields == nullptr) return nullptr;
  const auto find = [&](auto same) -> const ContractField* {
    // A name that one field has of its own comes before another's second name.
    for (size_t rank = 0;; ++rank) {
      bool any = false;
      for (const ContractField& field : *fields) {
        if (rank >= field.names.size()) continue;
        any = true;
        if (same(field.names[rank])) return &field;
      }
      if (!any) return nullptr;
    }
  };
  if (const ContractField* exact = find([&](const std::string& known) { return known == name; })) {
    return exact;
  }
  return find([&](const std::string& known) { return EqualsIgnoringCase(known, name); });
}

}  // namespace eclusa
