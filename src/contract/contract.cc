#include "contract/contract.h"

#include <algorithm>

namespace eclusa {

bool Contract::IsFixedWidth() const {
  return std::ranges::any_of(properties,
                             [](const Property& property) { return property.offset.has_value(); });
}

const Property* Contract::FindByColumn(const std::string& column) const {
  const auto found = std::ranges::find(properties, column, &Property::column);
  return found == properties.end() ? nullptr : &*found;
}

const Property* Contract::FindByName(const std::string& property_name) const {
  const auto found = std::ranges::find(properties, property_name, &Property::name);
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
