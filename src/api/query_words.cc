#include "api/query_words.h"

#include <algorithm>
#include <charconv>

#include "model/codes.h"

namespace eclusa::api {
namespace {

Error WordError(std::string_view name, const std::string& value) {
  return Error(ErrorKind::kInvalid, code::api_parameter,
               {{"name", std::string(name)}, {"value", value}});
}

}  // namespace

Status CheckWords(const http::Request& request, std::initializer_list<std::string_view> known) {
  const http::Parameters& words = request.query_parameters;
  for (auto word = words.begin(); word != words.end(); ++word) {
    const auto same = [&](const auto& other) { return other.first == word->first; };
    const bool is_known = std::find(known.begin(), known.end(), word->first) != known.end();
    if (!is_known || word->second.empty() || std::find_if(words.begin(), word, same) != word) {
      return WordError(word->first, word->second);
    }
  }
  return Ok();
}

Result<std::optional<int64_t>> NumberWord(const http::Request& request, const char* name,
                                          int64_t most) {
  const std::string* text = request.QueryParameter(name);
  if (text == nullptr) return std::optional<int64_t>();
  int64_t value = 0;
  const char* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || value < 0 || value > most) {
    return WordError(name, *text);
  }
  return std::optional(value);
}

std::string TextWord(const http::Request& request, const char* name) {
  const std::string* text = request.QueryParameter(name);
  return text == nullptr ? std::string() : *text;
}

Result<std::string> ChoiceWord(const http::Request& request, const char* name,
                               std::initializer_list<std::string_view> values) {
  const std::string* text = request.QueryParameter(name);
  if (text == nullptr) return std::string();
  if (std::find(values.begin(), values.end(), *text) == values.end()) return WordError(name, *text);
  return *text;
}

}  // namespace eclusa::api
