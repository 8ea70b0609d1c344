// Errors as JSON for the control tables, and text made fit for them.
//
// {"code", "kind", "sqlstate", "arguments": {name: value}, "context": [...]}; read back by the same
// version or a later one. PostgreSQL's text and jsonb hold neither U+0000 nor bytes that are no
// UTF-8; FitText puts U+FFFD in their place, so that nothing that a row or a file's name contains
// can make a write of the control tables fail.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace eclusa {

std::string FitText(std::string_view text);

// The same for a JSON text: U+0000 may stand in it as an escape.
std::string FitJson(std::string_view json);

std::string ErrorToJson(const Error& error);
// Nothing: not such a text.
std::optional<Error> ErrorFromJson(std::string_view json);

}  // namespace eclusa
