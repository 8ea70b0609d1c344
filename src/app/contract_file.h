// A contract's file: its text, and the errors in it as they are shown to people and to machines.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "app/command.h"
#include "contract/parse.h"
#include "core/result.h"

namespace eclusa {

// The file's text, not more of it than a contract may have. Errors: file.* codes.
Result<std::string> ReadContractText(const std::string& path);

// One block per error: "FILE: line 3, column 5: ... [code]" and what to do; then how many were left
// out.
std::string ErrorsText(const std::string& path, const ParsedContract& parsed,
                       const CommandContext& context);

// {"code", "text", "hint", "arguments"}, and "context" where there is one: outermost first.
boost::json::object ErrorObject(const Error& error, Language language);

}  // namespace eclusa
