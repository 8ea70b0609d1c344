#include "app/text_table.h"

#include <algorithm>
#include <cstdint>

namespace eclusa {
namespace {

size_t CharactersIn(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string TextTable(const std::vector<Align>& columns,
                      const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(columns.size());
  for (const auto& row : rows) {
    for (size_t i = 0; i < columns.size(); ++i) {
      widths[i] = std::max(widths[i], CharactersIn(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string gap(widths[i] - CharactersIn(row[i]), ' ');
      if (i > 0) line += "  ";
      line += columns[i] == Align::kLeft ? row[i] + gap : gap + row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace eclusa
