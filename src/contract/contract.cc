#include "contract/contract.h"

#include <algorithm>

namespace eclusa {

std::string Property::QualifiedName() const {
  std::string text;
  for (const std::string& object : inside) text += object + ".";
  return text + name;
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
