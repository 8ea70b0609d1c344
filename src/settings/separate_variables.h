// DatabaseOfParts: the database where it is given in pieces, DB_NAME, DB_USER, DB_PASS, DB_HOST and
// DB_PORT, as an existing deployment's .env file has it.
//
// A value: libpq keywords, each value quoted. Nothing is asked of a server.
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "settings/settings.h"

namespace eclusa {

// Nothing where none of the variables is set; an empty one counts as not set. kInvalid
// (config.variables_missing) where some of them are and a mandatory one is not; DB_PORT is 5432 by
// default.
Result<std::optional<std::string>> DatabaseOfParts(const Settings::Variables& variables);

}  // namespace eclusa
