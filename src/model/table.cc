#include "model/table.h"

namespace eclusa {

int TableDescription::IndexOf(const std::string& column) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) return static_cast<int>(i);
  }
  return -1;
}

const ColumnDescription* TableDescription::Find(const std::string& column) const {
  const int index = IndexOf(column);
  return index < 0 ? nullptr : &columns[static_cast<size_t>(index)];
}

const UniqueKey* TableDescription::PrimaryKey() const {
  for (const UniqueKey& key : unique_keys) {
    if (key.primary) return &key;
  }
  return nullptr;
}

}  // namespace eclusa
