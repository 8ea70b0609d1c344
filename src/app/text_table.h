// TextTable: columns of text lined up for a terminal.
//
// Width is counted in characters (code points), not bytes. The first row is the head.
#pragma once

#include <string>
#include <vector>

namespace eclusa {

enum class Align : unsigned char { kLeft, kRight };

// `rows`: the head first, each with as many cells as `columns`.
std::string TextTable(const std::vector<Align>& columns,
                      const std::vector<std::vector<std::string>>& rows);

}  // namespace eclusa
