// The query of a request, read strictly: a word that is unknown, empty, malformed or there twice is
// refused (api.parameter), so that a filter with a typing error never looks like an answer.
//
// Pure functions.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "http/message.h"

namespace eclusa::api {

Status CheckWords(const http::Request& request, std::initializer_list<std::string_view> known);

// 0 to `most`; nothing: not given.
Result<std::optional<int64_t>> NumberWord(const http::Request& request, const char* name,
                                          int64_t most);
// Empty: not given.
std::string TextWord(const http::Request& request, const char* name);
// As TextWord, one of `values`.
Result<std::string> ChoiceWord(const http::Request& request, const char* name,
                               std::initializer_list<std::string_view> values);

}  // namespace eclusa::api
