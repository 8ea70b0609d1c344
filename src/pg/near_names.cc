#include "pg/near_names.h"

#include <algorithm>
#include <utility>

#include "core/edit_distance.h"

namespace eclusa {
namespace {

constexpr size_t kNamesMax = 3;

}  // namespace

std::vector<TableName> NearTables(const TableName& name, const std::vector<TableName>& tables) {
  const size_t distance_max = std::max<size_t>(1, name.name.size() / 3);
  std::vector<std::pair<size_t, TableName>> near;
  for (const TableName& table : tables) {
    const size_t distance = EditDistance(name.name, table.name);
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
