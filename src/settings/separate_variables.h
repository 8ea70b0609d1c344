// DatabaseOfParts, BrokerOfParts: the database and the broker where they are given in pieces, as an
// existing deployment's .env file has them.
//
// Values: libpq keywords, each value quoted; an amqp:// URL. Nothing is asked of a server.
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

// Of RABBIT_CONTAINER_DNS (localhost) and RABBIT_CONTAINER_PORT (5672), neither of which is
// mandatory.
Result<std::optional<std::string>> BrokerOfParts(const Settings::Variables& variables);

}  // namespace eclusa
