#include "pg/text_array.h"

namespace eclusa {

std::vector<std::string> ParseTextArray(std::string_view text) {
  std::vector<std::string> elements;
  if (text.size() < 2 || text.front() != '{') return elements;
  std::string element;
  bool quoted = false;  // the element stood in quotes
  bool inside = false;  // between its quotes
  for (size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      element += text[++i];
    } else if (c == '"') {
      quoted = true;
      inside = !inside;
    } else if (!inside && (c == ',' || c == '}')) {
      if (c == '}' && elements.empty() && element.empty() && !quoted) return elements;
      if (!quoted && element == "NULL") element.clear();
      elements.push_back(std::move(element));
      element.clear();
      quoted = false;
    } else {
      element += c;
    }
  }
  return elements;
}

}  // namespace eclusa
