#include "pg/near_names.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace eclusa {
namespace {

constexpr size_t kNamesMax = 3;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// Insertions, deletions and replacements that make one text the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<TableName> NearTables(const TableName& name, const std::vector<TableName>& tables) {
  const std::string wanted = Lower(name.name);
  const size_t distance_max = std::max<size_t>(1, wanted.size() / 3);
  std::vector<std::pair<size_t, TableName>> near;
  for (const TableName& table : tables) {
    const size_t distance = EditDistance(wanted, Lower(table.name));
    if (distance > distance_max) continue;
    const size_t schema_distance = table.schema == name.schema || name.schema.empty() ? 0 : 1;
    near.emplace_back(distance * 2 + schema_distance, table);
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<TableName> nearest;
  for (size_t i = 0; i < std::min(near.size(), kNamesMax); ++i) nearest.push_back(near[i].second);
  return nearest;
}

}  // namespace eclusa
