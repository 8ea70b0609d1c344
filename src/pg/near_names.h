// Which tables a user may have meant by a name that is not there.
#pragma once

#include <vector>

#include "model/table.h"

namespace eclusa {

// At most three of `tables`, the nearest first: the same name in another schema or in other
// letters, or one with few characters changed. Compares bytes.
std::vector<TableName> NearTables(const TableName& name, const std::vector<TableName>& tables);

}  // namespace eclusa
