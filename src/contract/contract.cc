#include "contract/contract.h"

#include <algorithm>

namespace eclusa {

std::string QualifiedName(const std::vector<std::string>& inside, const std::string& name) {
  std::string out;
  for (const std::string& object : inside) out += object + ".";
  return out + name;
}

bool Contract::IsOperation(const Property& property) const {
  return !operation_column.empty() && property.inside.empty() && property.name == operation_column;
}

bool Contract::IsFixedWidth() const {
  return std::ranges::any_of(properties,
                             [](const Property& property) { return property.offset.has_value(); });
}

const Property* Contract::FindByColumn(const std::string& column) const {
  const auto found = std::ranges::find(properties, column, &Property::column);
  return found == properties.end() ? nullptr : &*found;
}

const Property* Contract::FindByName(const std::string& qualified_name) const {
  const auto found = std::ranges::find_if(properties, [&](const Property& property) {
    return property.inside.empty() ? property.name == qualified_name
                                   : property.QualifiedName() == qualified_name;
  });
  return found == properties.end() ? nullptr : &*found;
}

std::vector<std::string> Contract::KeyColumns() const {
  std::vector<const Property*> key;
  for (const Property& property : properties) {
    if (property.key_position > 0) key.push_back(&property);
  }
  std::ranges::sort(key, {}, &Property::key_position);
  std::vector<std::string> columns;
  for (const Property* property : key) columns.push_back(property->column);
  return columns;
}

}  // namespace eclusa
